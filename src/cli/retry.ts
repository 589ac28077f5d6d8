/** `makespan retry`: finished tasks that did not succeed are queued again, with what was skipped because of them. */
import { REDRIVABLE_STATES, type Inspector, type TaskFilter, type TaskRow } from "../app/inspect.ts";
import { control } from "../app/inspect/control.ts";
import { formatMany } from "../monitor/format.ts";
import { MakespanError } from "../protocol/errors.ts";
import { formatTaskId } from "../protocol/ids.ts";
import { defineCommand, type CliContext } from "./command.ts";
import { DB_OPTION, JSON_OPTION } from "./common-options.ts";
import { withInspector } from "./open-inspector.ts";
import { flowIdOf, taskIdOf } from "./task-ids.ts";

/** Tasks of one request: an engine reads them all, with their flows, before it queues them again. */
const AT_ONCE = 5_000;

export const retryCommand = defineCommand({
  name: "retry",
  description:
    "Queues finished tasks that did not succeed again, with all that was skipped because of them. In a run that is going on they start at once; in a file that nobody has open they start with the next run.",
  args: [{ name: "IDS", summary: "tasks, as in t17 t18", many: true }],
  options: {
    db: DB_OPTION,
    failed: { kind: "flag", summary: "all that failed or expired" },
    state: { kind: "choices", short: "s", value: "STATES", of: REDRIVABLE_STATES, summary: "all in these states" },
    flow: { kind: "text", value: "FLOW", summary: "of those, only tasks of this flow: its id (f3) or name" },
    type: { kind: "list", short: "t", value: "TYPES", summary: "of those, only tasks of these types" },
    tenant: { kind: "text", value: "TENANT", summary: "of those, only tasks of this tenant" },
    session: { kind: "text", value: "SESSION", summary: "of those, only tasks that were given this session" },
    json: JSON_OPTION,
  },
  examples: [
    ["makespan retry t17", "this one again"],
    ["makespan retry --failed", "everything that failed"],
    ["makespan retry --failed --flow build", "of one flow"],
  ],
  async run({ context, args, options }) {
    return withInspector(context, options.db, async (inspector) => {
      const { failed, state, flow, type, tenant, session } = options;
      const isFiltered = failed || state !== undefined;
      const isNarrowed = [flow, type, tenant, session].some((each) => each !== undefined);
      if (args.length > 0 && (isFiltered || isNarrowed)) throw new MakespanError("invalid_option", "Name tasks or filter them, not both.");
      if (args.length === 0 && !isFiltered) {
        throw new MakespanError("invalid_option", "Which tasks? Name them (makespan retry t17), or say --failed.");
      }
      const filter: TaskFilter = {
        states: [...(failed ? (["failed", "expired"] as const) : []), ...(state ?? [])],
        ...(flow !== undefined && { flowId: flowIdOf(inspector, flow) }),
        ...(type !== undefined && { types: type }),
        ...(tenant !== undefined && { tenant }),
        ...(session !== undefined && { session }),
      };
      const ids = args.length > 0 ? named(inspector, args.map(taskIdOf)) : matching(inspector, filter);
      const before = attemptsOf(inspector, ids);
      for (let from = 0; from < ids.length; from += AT_ONCE) await control(inspector.path, { kind: "redrive", ids: ids.slice(from, from + AT_ONCE) });
      await report(inspector, before, options.json, context);
      return "ok";
    });
  },
});

/** All of them can be run again, or nothing is done. */
function named(inspector: Inspector, ids: readonly number[]): readonly number[] {
  return [...new Set(ids)].map((id) => {
    const { state } = inspector.task(id);
    if (isRedrivable(state)) return id;
    const why = state === "succeeded" ? "it succeeded" : `it is ${state}`;
    throw new MakespanError("nothing_to_redrive", `${formatTaskId(id)} cannot be run again: ${why}. Nothing was changed.`, { id: formatTaskId(id), state });
  });
}

function isRedrivable(state: TaskRow["state"]): boolean {
  return REDRIVABLE_STATES.some((each) => each === state);
}

function matching(inspector: Inspector, filter: TaskFilter): readonly number[] {
  const ids: number[] = [];
  for (const page of inspector.pages(filter)) {
    for (const row of page) if (!isReplaced(row)) ids.push(row.id);
  }
  return ids;
}

/** Every task of a run has a key; one without has been replaced by a later start, which did its work or failed at it anew. */
function isReplaced({ spec, key }: TaskRow): boolean {
  return spec.queue.startsWith("run:") && key === null;
}

/** A task that ran and failed again at once has left the state and come back: its attempts tell. */
function attemptsOf(inspector: Inspector, ids: readonly number[]): ReadonlyMap<number, number> {
  const attempts = new Map<number, number>();
  for (let from = 0; from < ids.length; from += AT_ONCE) for (const task of inspector.tasks(ids.slice(from, from + AT_ONCE))) attempts.set(task.id, task.attempt);
  return attempts;
}

async function report(inspector: Inspector, before: ReadonlyMap<number, number>, isJson: boolean, { out }: CliContext): Promise<void> {
  const ids = [...before.keys()];
  let retried = 0;
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    retried += inspector.tasks(ids.slice(from, from + AT_ONCE)).filter(({ id, state, attempt }) => !isRedrivable(state) || attempt > (before.get(id) ?? 0)).length;
  }
  const { isOwned } = inspector;
  if (isJson) await out.json({ retried, running: isOwned });
  else if (ids.length === 0) await out.line("No task matches: there is nothing to run again.");
  else await out.line(`${formatMany(retried, "task")} queued again${isOwned ? "." : `: start the run again to run ${retried === 1 ? "it" : "them"}.`}`);
}
