/**
 * A flow file as a problem of the planner. Its `limit` keys are resources like its limits of slots (rates and budgets are left out); a task whose estimate is not
 * known counts as long as the middle one of those that are; a task for each element of a result counts as one, since nobody knows
 * yet how many there will be.
 */
import { formatDuration, formatMany } from "../../monitor/format.ts";
import { neededIds, type AgentPlan, type TaskDraft } from "../../protocol/task-plan.ts";
import type { PlanTask } from "../../sim/plan/problem.ts";
import { slotsOf } from "../run/agents.ts";
import type { PlanInput } from "./plan-input.ts";
import { ableAgents, type PlannedAgent } from "./planned-agents.ts";

/** What a task counts when no task of the flow has an estimate. */
const UNKNOWN_MS = 1_000;

export interface FlowToPlan {
  readonly name: string;
  readonly agents: readonly AgentPlan[];
  readonly resources: Readonly<Record<string, number>>;
  readonly tasks: readonly TaskDraft[];
}

export interface FlowProblemOptions {
  /** In place of the agents of the flow; those can do everything that their types name. */
  readonly agents?: readonly PlannedAgent[];
  /** Slots of agents of the flow whose size it does not say. */
  readonly jobs?: number;
}

export function flowProblem(flow: FlowToPlan, options: FlowProblemOptions): PlanInput {
  const indexOf = new Map(flow.tasks.map(({ id }, index) => [id, index] as const));
  const limits = limitCapacities(flow.tasks);
  const resources = [...Object.keys(flow.resources), ...[...limits.keys()].map((key) => `limit ${key}`)];
  const { ms: unknownMs, note } = unknownEstimate(flow.tasks);
  const agents = options.agents ?? flow.agents.map((plan) => ({ name: plan.name, slots: slotsOf(plan, options.jobs), speed: plan.traits?.speed ?? 1 }));
  const ableOf = abilities(flow, options.agents);
  const tasks = flow.tasks.map((task): PlanTask => {
    const amounts = new Map(task.uses?.map(({ limit, amount }) => [limit, wholeUnits(amount, flow.resources[limit])] as const));
    const able = ableOf(task);
    return {
      duration: task.estimateMs ?? unknownMs,
      needs: neededIds(task).map((id) => indexOf.get(id)!),
      uses: [...Object.keys(flow.resources).map((name) => amounts.get(name) ?? 0), ...[...limits.keys()].map((key) => (task.limit?.key === key ? 1 : 0))],
      type: task.spec.type,
      ...(able !== undefined && { agents: able }),
    };
  });
  const groups = flow.tasks.filter(({ expand }) => expand !== undefined).length;
  return {
    name: flow.name,
    problem: { tasks, capacities: [...Object.values(flow.resources), ...limits.values()], agents },
    tasks: flow.tasks.map(({ id, spec }) => ({ id, type: spec.type })),
    agents: agents.map(({ name }, index) => ({ name, kind: options.agents === undefined ? flow.agents[index]!.kind : "agent" })),
    resources,
    notes: [...note, ...(groups === 0 ? [] : [`${formatMany(groups, "task")} for each element of a result ${groups === 1 ? "counts" : "count"} as one task each: how many there will be is not known yet.`])],
  };
}

/** Plans count in whole units: a part counts as one, but never as more than there is. */
function wholeUnits(amount: number, capacity = 0): number {
  return Math.min(Math.ceil(amount), capacity);
}

/** Indices of the agents that can do a task, the same list for the same agents; undefined for all. */
function abilities(flow: FlowToPlan, given: readonly PlannedAgent[] | undefined): (task: TaskDraft) => readonly number[] | undefined {
  if (given !== undefined) {
    const able = ableAgents(given);
    return ({ spec }) => able(spec.type);
  }
  const indexOf = new Map(flow.agents.map(({ name }, index) => [name, index] as const));
  const lists = new Map<string, readonly number[]>();
  return ({ agent, agents = [agent] }) => {
    const names = agents.join("\n");
    let list = lists.get(names);
    if (list === undefined) lists.set(names, (list = agents.flatMap((name) => indexOf.get(name) ?? [])));
    return list;
  };
}

/** Of tasks that disagree about the same key, the strictest counts. */
function limitCapacities(tasks: readonly TaskDraft[]): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  for (const { limit } of tasks) if (limit !== undefined && limit.key !== "") limits.set(limit.key, Math.min(limits.get(limit.key) ?? Infinity, limit.max));
  return limits;
}

function unknownEstimate(tasks: readonly TaskDraft[]): { readonly ms: number; readonly note: readonly string[] } {
  const known = tasks.flatMap(({ estimateMs }) => estimateMs ?? []).sort((a, b) => a - b);
  const missing = tasks.length - known.length;
  if (missing === 0) return { ms: UNKNOWN_MS, note: [] };
  if (known.length === 0) return { ms: UNKNOWN_MS, note: [`No task says how long it takes (estimate:), so each counts ${formatDuration(UNKNOWN_MS)}.`] };
  const ms = known[Math.floor((known.length - 1) / 2)]!;
  return { ms, note: [`${formatMany(missing, "task")} without an estimate ${missing === 1 ? "counts" : "count"} ${formatDuration(ms)}, the median of the others.`] };
}
