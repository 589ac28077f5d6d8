/** `--dry-run`: what would run, in the order in which it could start; of a list that is streamed, the first tasks. */
import { formatCount, formatDuration } from "../../monitor/format.ts";
import { neededIds, type PlannedTask } from "../../protocol/task-plan.ts";
import type { CliContext } from "../command.ts";
import { fitTo, padTo, plain } from "../view/columns.ts";
import { describeWork } from "./describe.ts";
import type { RunInput } from "./input/run-input.ts";
import type { RunCommandOptions } from "./options.ts";

const SHOWN_OF_STREAM = 20;

interface DryTask {
  readonly id: string;
  readonly agent: string;
  readonly priority: number;
  readonly needs: readonly string[];
  readonly does: string;
  readonly for_each: string | null;
  readonly estimate_ms: number | null;
}

export async function showDryRun(context: CliContext, input: RunInput, options: RunCommandOptions): Promise<void> {
  const { tasks, isWhole } = await firstTasks(input);
  const rows = orderOf(tasks).map(dryTask);
  if (options.json) return context.out.json({ name: input.plan.name, whole: isWhole, tasks: rows });
  const width = context.out.terminalColumns ?? Infinity;
  const idWidth = Math.min(40, Math.max(4, ...rows.map((row) => row.id.length)));
  for (const [index, row] of rows.entries()) {
    const needs = row.needs.length === 0 ? "" : `  after ${row.needs.length > 4 ? `${row.needs.length} tasks` : row.needs.join(", ")}`;
    const estimate = row.estimate_ms === null ? "" : `  about ${formatDuration(row.estimate_ms)}`;
    const many = row.for_each === null ? "" : `  for each of ${row.for_each}`;
    await context.out.line(fitTo(plain(`${String(index + 1).padStart(5)}  ${padTo(row.id, idWidth)}  ${row.does}${many}${needs}${estimate}`), width));
  }
  const agents = input.plan.agents.map((agent) => agent.name).join(", ");
  await context.out.line(isWhole ? `${formatCount(rows.length)} tasks on ${agents}; nothing was started.` : `The first ${rows.length} tasks of the list; nothing was started.`);
}

async function firstTasks({ plan }: RunInput): Promise<{ readonly tasks: readonly PlannedTask[]; readonly isWhole: boolean }> {
  if (!(Symbol.asyncIterator in plan.tasks)) return { tasks: plan.tasks, isWhole: true };
  const tasks: PlannedTask[] = [];
  for await (const part of plan.tasks) {
    tasks.push(...part.slice(0, SHOWN_OF_STREAM + 1 - tasks.length));
    if (tasks.length > SHOWN_OF_STREAM) return { tasks: tasks.slice(0, SHOWN_OF_STREAM), isWhole: false };
  }
  return { tasks, isWhole: true };
}

/** By priority among those that are free, as the engine would start them if every task took equally long. */
function orderOf(tasks: readonly PlannedTask[]): PlannedTask[] {
  const open = new Map(tasks.map((task) => [task.id, neededIds(task).length]));
  const dependents = new Map<string, PlannedTask[]>();
  for (const task of tasks) for (const id of neededIds(task)) dependents.set(id, [...(dependents.get(id) ?? []), task]);
  const order: PlannedTask[] = [];
  let free = tasks.filter((task) => open.get(task.id) === 0);
  while (free.length > 0) {
    free.sort((a, b) => a.spec.priority - b.spec.priority);
    order.push(...free);
    const next: PlannedTask[] = [];
    for (const task of free) {
      for (const dependent of dependents.get(task.id) ?? []) {
        const left = open.get(dependent.id)! - 1;
        open.set(dependent.id, left);
        if (left === 0) next.push(dependent);
      }
    }
    free = next;
  }
  return order;
}

function dryTask(task: PlannedTask): DryTask {
  return {
    id: task.id,
    agent: (task.agents ?? [task.agent]).join(", "),
    priority: task.spec.priority,
    needs: task.needs.map((need) => need.name),
    does: describeWork(task),
    for_each: task.expand?.from ?? null,
    estimate_ms: task.estimateMs ?? null,
  };
}
