/** `makespan cancel`: ends tasks that have not finished, by id or by filter, in a run that is going on or in a file at rest. */
import { LIVE_STATES, type Inspector, type TaskFilter, type TaskRow } from "../app/inspect.ts";
import { control } from "../app/inspect/control.ts";
import { selectionOf } from "../app/task-filter.ts";
import { formatMany } from "../monitor/format.ts";
import { MakespanError } from "../protocol/errors.ts";
import { formatTaskId } from "../protocol/ids.ts";
import { defineCommand, type CliContext } from "./command.ts";
import { DB_OPTION, JSON_OPTION, YES_OPTION } from "./common-options.ts";
import { confirm } from "./confirm.ts";
import { shortPath, withInspector } from "./open-inspector.ts";
import { flowIdOf, taskIdOf } from "./task-ids.ts";

type LiveState = "scheduled" | "blocked" | "queued" | "running" | "parked";

const STATES = ["scheduled", "blocked", "queued", "running", "parked"] as const satisfies readonly LiveState[];

export const cancelCommand = defineCommand({
  name: "cancel",
  description:
    "Cancels tasks that have not finished: those named, or all that match the filters. A running command is stopped. It works while a run is going on, and on a file that nobody has open.",
  args: [{ name: "IDS", summary: "tasks, as in t17 t18", many: true }],
  options: {
    db: DB_OPTION,
    flow: { kind: "text", value: "FLOW", summary: "tasks of this flow: its id (f3) or name" },
    state: { kind: "choices", short: "s", value: "STATES", of: STATES, summary: "tasks in these states" },
    type: { kind: "list", short: "t", value: "TYPES", summary: "tasks of these types" },
    queue: { kind: "text", short: "q", value: "QUEUE", summary: "tasks of this queue" },
    tenant: { kind: "text", value: "TENANT", summary: "tasks of this tenant" },
    session: { kind: "text", value: "SESSION", summary: "tasks that were given this session" },
    all: { kind: "flag", short: "a", summary: "every task that has not finished" },
    reason: { kind: "text", value: "TEXT", summary: "why, kept with the tasks (default: cancelled by user)" },
    yes: YES_OPTION,
    json: JSON_OPTION,
  },
  examples: [
    ["makespan cancel t17 t18", "these two"],
    ["makespan cancel --flow build", "what is left of a flow; it asks first"],
    ["makespan cancel --state queued --type resize --yes", "without a question"],
  ],
  async run({ context, args, options }) {
    return withInspector(context, options.db, async (inspector) => {
      const { flow, state, type, queue, tenant, session } = options;
      const filter: TaskFilter = {
        states: state ?? LIVE_STATES,
        ...(flow !== undefined && { flowId: flowIdOf(inspector, flow) }),
        ...(type !== undefined && { types: type }),
        ...(queue !== undefined && { queue }),
        ...(tenant !== undefined && { tenant }),
        ...(session !== undefined && { session }),
      };
      const isFiltered = [flow, state, type, queue, tenant, session].some((each) => each !== undefined) || options.all;
      checkChoice(args, isFiltered);
      const targets = args.length > 0 ? named(inspector, args.map(taskIdOf)) : matching(inspector, filter);
      if (targets.live.length > 0 && isFiltered && !options.yes) {
        const isSure = await confirm(`Cancel ${formatMany(targets.live.length, "task")} in ${shortPath(inspector.path, context.folder)}?`, context);
        if (!isSure) {
          await context.err.line("Nothing was cancelled.");
          return "ok";
        }
      }
      const reason = options.reason ?? "cancelled by user";
      if (targets.live.length > 0) {
        // What was confirmed is a rule, not a list: of a million tasks the request stays small.
        const select = args.length > 0 ? { ids: targets.live } : selectionOf(filter);
        await control(inspector.path, { kind: "cancel", select, reason });
      }
      await report(inspector, targets, options.json, context);
      return "ok";
    });
  },
});

function checkChoice(args: readonly string[], isFiltered: boolean): void {
  if (args.length > 0 && isFiltered) throw new MakespanError("invalid_option", "Name tasks or filter them, not both.");
  if (args.length === 0 && !isFiltered) {
    throw new MakespanError("invalid_option", "Which tasks? Name them (makespan cancel t17), filter them (--flow, --state, --type, --queue, --tenant, --session), or say --all.");
  }
}

interface Targets {
  readonly live: readonly number[];
  /** Named, but finished already. */
  readonly finished: readonly TaskRow[];
}

/** All of them exist, or nothing is done. */
function named(inspector: Inspector, ids: readonly number[]): Targets {
  const tasks = [...new Set(ids)].map((id) => inspector.task(id));
  return { live: tasks.filter(isLive).map(({ id }) => id), finished: tasks.filter((task) => !isLive(task)) };
}

function matching(inspector: Inspector, filter: TaskFilter): Targets {
  const live: number[] = [];
  for (const page of inspector.pages(filter)) for (const { id } of page) live.push(id);
  return { live, finished: [] };
}

function isLive({ state }: TaskRow): boolean {
  return LIVE_STATES.includes(state);
}

const COUNTED_AT_ONCE = 1_000;

async function report(inspector: Inspector, { live, finished }: Targets, isJson: boolean, { out }: CliContext): Promise<void> {
  let cancelled = 0;
  for (let from = 0; from < live.length; from += COUNTED_AT_ONCE) {
    cancelled += inspector.tasks(live.slice(from, from + COUNTED_AT_ONCE)).filter(({ state }) => state === "cancelled" || state === "skipped").length;
  }
  if (isJson) {
    await out.json({ cancelled, finished_before: finished.map(({ id, state }) => ({ id: formatTaskId(id), state })) });
    return;
  }
  await out.line(`${formatMany(cancelled, "task")} cancelled.${missed(live.length - cancelled)}`);
  for (const task of finished) await out.line(`${formatTaskId(task.id)} had finished before: ${task.state}.`);
}

function missed(count: number): string {
  return count > 0 ? ` ${formatMany(count, "task")} finished first.` : "";
}
