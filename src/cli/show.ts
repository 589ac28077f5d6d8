/** `makespan show`: everything that a store file knows of one task. */
import type { Inspector, TaskRow } from "../app/inspect.ts";
import { defineCommand, type CliContext } from "./command.ts";
import { DB_OPTION, JSON_OPTION } from "./common-options.ts";
import { withInspector } from "./open-inspector.ts";
import { showText } from "./show-text.ts";
import { taskIdOf } from "./task-ids.ts";
import { attemptJson, parsed, taskJson } from "./task-json.ts";

/** Children beyond this many are counted, not listed. */
const CHILDREN_SHOWN = 1_000;

export const showCommand = defineCommand({
  name: "show",
  description: "Shows everything about a task: its state and why, times, attempts with their errors, what it needs, its children, input and result.",
  args: [{ name: "ID", summary: "the task, as in t17", required: true }],
  options: {
    db: DB_OPTION,
    full: { kind: "flag", summary: "whole inputs and results, not only their beginnings" },
    json: JSON_OPTION,
  },
  examples: [
    ["makespan show t17", "why is it where it is, what happened so far"],
    ["makespan show t17 --json | jq .result", "the result for a program"],
  ],
  async run({ context, args, options }) {
    const id = taskIdOf(args[0] ?? "");
    return withInspector(context, options.db, async (inspector) => {
      const details = detailsOf(inspector, id, context);
      if (options.json) await context.out.json(detailsJson(details, inspector));
      else await context.out.write(showText(details, inspector, context, options.full));
      return "ok";
    });
  },
});

/** A task with all that belongs to it. Payloads are JSON text. */
export interface TaskDetails {
  readonly task: TaskRow;
  readonly why: string;
  readonly needs: readonly TaskRow[];
  readonly children: readonly TaskRow[];
  readonly input: string | null;
  readonly checkpoint: string | null;
}

function detailsOf(inspector: Inspector, id: number, { now }: CliContext): TaskDetails {
  const task = inspector.task(id);
  return {
    task,
    why: inspector.why(task, now()).firstThen,
    needs: inspector.tasks(task.needs ?? []),
    children: inspector.list({ parentId: id }, { limit: CHILDREN_SHOWN, descending: false }),
    input: inspector.payload(id, "input"),
    checkpoint: task.hasCheckpoint ? inspector.payload(id, "checkpoint") : null,
  };
}

function detailsJson({ task, why, needs, children, input, checkpoint }: TaskDetails, inspector: Inspector): unknown {
  const brief = (other: TaskRow) => {
    const { id, name, state } = taskJson(other, inspector);
    return { id, name, state };
  };
  return {
    ...taskJson(task, inspector),
    why,
    retry: {
      limit: task.spec.retry.limit, backoff: task.spec.retry.backoff,
      delay_ms: task.spec.retry.delayMs, max_delay_ms: task.spec.retry.maxDelayMs,
      jitter: task.spec.retry.jitter, loss_limit: task.spec.retry.lossLimit,
    },
    timeout_ms: task.spec.timeoutMs ?? null,
    on_dependency_failure: task.spec.onDependencyFailure,
    needs: needs.map(brief),
    children: children.map(brief),
    attempt_list: inspector.attempts(task).map((attempt) => attemptJson(attempt, inspector)),
    input: parsed(input),
    result: parsed(task.result),
    error: parsed(task.error),
    checkpoint: parsed(checkpoint),
  };
}
