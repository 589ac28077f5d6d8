/** `makespan ls`: the tasks of a store file, the newest first, as a table or as JSON. */
import { TASK_STATES, type Inspector, type TaskFilter, type TaskRow } from "../app/inspect.ts";
import { formatFlowId, formatTaskId } from "../protocol/ids.ts";
import { defineCommand, type CliContext } from "./command.ts";
import { DB_OPTION, JSON_OPTION } from "./common-options.ts";
import { shortPath, withInspector } from "./open-inspector.ts";
import { createTable, type Table } from "./table.ts";
import { flowIdOf, taskIdOf } from "./task-ids.ts";
import { taskJson } from "./task-json.ts";
import { eventAt, noteWords, stateStyle, tookWords } from "./task-words.ts";
import { relativeTime } from "./times.ts";

const DEFAULT_LIMIT = 30;

export const lsCommand = defineCommand({
  name: "ls",
  description: "Lists the tasks of a store file, the newest first. It can be used while a run is going on.",
  args: [],
  options: {
    db: DB_OPTION,
    state: { kind: "choices", short: "s", value: "STATES", of: TASK_STATES, summary: "only tasks in these states" },
    type: { kind: "list", short: "t", value: "TYPES", summary: "only tasks of these types" },
    queue: { kind: "text", short: "q", value: "QUEUE", summary: "only tasks of this queue" },
    flow: { kind: "text", value: "FLOW", summary: "only tasks of this flow: its id (f3) or name" },
    name: { kind: "text", value: "TEXT", summary: "only tasks with this text in their name" },
    tenant: { kind: "text", value: "TENANT", summary: "only tasks of this tenant" },
    session: { kind: "text", value: "SESSION", summary: "only tasks that were given this session" },
    limit: { kind: "number", short: "n", value: "N", min: 1, summary: `at most this many tasks (default: ${DEFAULT_LIMIT})` },
    cursor: { kind: "text", value: "ID", summary: "go on after this task, as the last page said" },
    all: { kind: "flag", short: "a", summary: "all of them" },
    json: JSON_OPTION,
  },
  examples: [
    ["makespan ls", "the newest tasks of the store file here"],
    ["makespan ls --state failed,expired", "what went wrong"],
    ["makespan ls --flow build --state running", "what runs now, of one flow"],
    ["makespan ls --all --json | jq '.tasks[].id'", "for programs"],
  ],
  async run({ context, options }) {
    return withInspector(context, options.db, async (inspector) => {
      const filter: TaskFilter = {
        ...(options.state !== undefined && { states: options.state }),
        ...(options.type !== undefined && { types: options.type }),
        ...(options.queue !== undefined && { queue: options.queue }),
        ...(options.flow !== undefined && { flowId: flowIdOf(inspector, options.flow) }),
        ...(options.name !== undefined && { nameContains: options.name }),
        ...(options.tenant !== undefined && { tenant: options.tenant }),
        ...(options.session !== undefined && { session: options.session }),
      };
      const query: Query = {
        filter,
        after: options.cursor === undefined ? undefined : taskIdOf(options.cursor),
        limit: options.all ? undefined : (options.limit ?? DEFAULT_LIMIT),
      };
      await (options.json ? printJson(inspector, query, context) : printTable(inspector, query, context));
      return "ok";
    });
  },
});

interface Query {
  readonly filter: TaskFilter;
  readonly after: number | undefined;
  /** Undefined for all. */
  readonly limit: number | undefined;
}

/** Pages of tasks and whether more follow; a page beyond the limit is not read. */
function* pagesOf(inspector: Inspector, { filter, after, limit }: Query): Generator<{ readonly tasks: readonly TaskRow[]; readonly hasMore: boolean }> {
  if (limit === undefined) {
    for (const tasks of inspector.pages(filter, { after, descending: true })) yield { tasks: withErrors(inspector, tasks), hasMore: false };
    return;
  }
  const tasks = inspector.list(filter, { after, limit: limit + 1 });
  yield { tasks: withErrors(inspector, tasks.slice(0, limit)), hasMore: tasks.length > limit };
}

/** Lists come without payloads; the errors of failed tasks are worth a second look. */
function withErrors(inspector: Inspector, tasks: readonly TaskRow[]): readonly TaskRow[] {
  const failed = inspector.tasks(tasks.filter(({ state }) => state === "failed").map(({ id }) => id), true);
  const byId = new Map(failed.map((task) => [task.id, task]));
  return tasks.map((task) => byId.get(task.id) ?? task);
}

async function printJson(inspector: Inspector, query: Query, { out }: CliContext): Promise<void> {
  let isFirst = true;
  let next: string | null = null;
  await out.write('{"tasks":[');
  for (const { tasks, hasMore } of pagesOf(inspector, query)) {
    for (const task of tasks) {
      if (out.isGone) return;
      await out.write(`${isFirst ? "\n" : ",\n"}${JSON.stringify(taskJson(task, inspector))}`);
      isFirst = false;
    }
    if (hasMore) next = formatTaskId(tasks.at(-1)!.id);
  }
  await out.line(`\n],"next_cursor":${JSON.stringify(next)}}`);
}

async function printTable(inspector: Inspector, query: Query, context: CliContext): Promise<void> {
  const { out, err } = context;
  const table = taskTable(inspector, context, query.limit === undefined);
  let count = 0;
  for (const { tasks, hasMore } of pagesOf(inspector, query)) {
    if (out.isGone) return;
    if (tasks.length > 0) await out.write(`${table.lines(tasks).join("\n")}\n`);
    count += tasks.length;
    if (hasMore) await err.line(err.paint("dim", `There are more: add --cursor ${formatTaskId(tasks.at(-1)!.id)} for the next page, or --all.`));
  }
  if (count === 0) await err.line(err.paint("dim", `No tasks match in ${shortPath(inspector.path, context.folder)}.`));
}

function taskTable(inspector: Inspector, { out, now }: CliContext, keepsEmpty: boolean): Table<TaskRow> {
  return createTable<TaskRow>(
    [
      { title: "ID", value: ({ id }) => formatTaskId(id) },
      { title: "STATE", value: ({ state }) => state, style: ({ state }) => stateStyle(state) },
      { title: "NAME", value: ({ name }) => name ?? "", least: 16 },
      { title: "TYPE", value: ({ spec }) => spec.type, least: 8, spared: 5 },
      { title: "QUEUE", value: ({ spec }) => (spec.queue === "default" ? "" : spec.queue), least: 6, spared: 1 },
      { title: "FLOW", value: ({ flowId }) => (flowId === null ? "" : formatFlowId(flowId)), spared: 2 },
      { title: "TENANT", value: ({ tenant }) => tenant ?? "", least: 6, spared: 1 },
      { title: "SESSION", value: ({ session }) => session ?? "", least: 6, spared: 1 },
      { title: "TRIES", value: ({ attempt }) => (attempt > 0 ? String(attempt) : ""), align: "right", spared: 4 },
      { title: "AGENT", value: ({ agentId }) => inspector.agentName(agentId) ?? "", least: 7, spared: 3 },
      { title: "TOOK", value: (task) => tookWords(task, now()), align: "right" },
      { title: "WHEN", value: (task) => relativeTime(eventAt(task), now()), align: "right" },
      { title: "WHY", value: noteWords, least: 20, style: () => "dim" },
    ],
    out,
    { keepsEmpty },
  );
}
