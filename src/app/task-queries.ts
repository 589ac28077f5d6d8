/** Reading tasks back from the store: one, pages of many, their logs and attempts. */
import type { AgentId, TaskId } from "../core/task.ts";
import { MakespanError } from "../protocol/errors.ts";
import { formatTaskId, parseTaskId } from "../protocol/ids.ts";
import type { FlowRow, TaskRow } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { checkInteger, checkKeys, checkOneOf, checkText } from "./check.ts";
import { taskIdOf, type TaskRef } from "./submit-options.ts";
import { parseFilter, type TaskFilter } from "./task-filter.ts";
import type { TaskError } from "./task-failed-error.ts";
import { attemptOf, logLineOf, summaryOf, type AttemptInfo, type LogLine, type TaskInfo, type TaskSummary } from "./task-info.ts";

export interface ListOptions extends TaskFilter {
  /** Children of this task. */
  readonly parent?: TaskRef;
  /** Part of the name. */
  readonly name?: string;
  /** Tasks on a page, up to 1,000; default 100. */
  readonly limit?: number;
  /** By age; default `newest` first. */
  readonly order?: "newest" | "oldest";
  /** The `cursor` of the page before, with the same filter and order. */
  readonly cursor?: string;
}

export interface TaskPage {
  readonly tasks: readonly TaskSummary[];
  /** For the next page; undefined on the last one. */
  readonly cursor: string | undefined;
}

export interface LogOptions {
  /** Lines to leave out from the beginning: those read before. Default 0. */
  readonly after?: number;
  /** Lines at most, up to 10,000; default 1,000. */
  readonly limit?: number;
}

const LIST_KEYS = ["parent", "name", "limit", "order", "cursor"];
const LOG_KEYS: ReadonlySet<string> = new Set(["after", "limit"]);
const ORDERS = ["newest", "oldest"] as const;
const LIMIT = { page: 1_000, lines: 10_000 } as const;

export class TaskQueries {
  readonly #store: Store;
  #agentNames = new Map<AgentId, string>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Undefined when there is no such task (any more). */
  async get(ref: TaskRef): Promise<TaskInfo | undefined> {
    const id = taskIdOf(ref);
    const [[row], payloads] = await Promise.all([
      this.#store.taskGet([id], true),
      this.#store.payloadLoad([{ id, kind: "input" }, { id, kind: "checkpoint" }]),
    ]);
    if (row === undefined) return undefined;
    await this.#loadAgentNames([row]);
    const [input = null, checkpoint = null] = payloads;
    return {
      ...summaryOf(row, this.#agentName),
      input: input === null ? undefined : JSON.parse(input),
      result: row.result === undefined ? undefined : JSON.parse(row.result),
      error: row.error === undefined ? undefined : (JSON.parse(row.error) as TaskError),
      checkpoint: checkpoint === null ? undefined : checkpointValue(checkpoint),
    };
  }

  async list(options: ListOptions = {}): Promise<TaskPage> {
    const filter = parseFilter(options, LIST_KEYS);
    const { parent, name, order, cursor } = options;
    const limit = options.limit === undefined ? 100 : Math.min(LIMIT.page, checkInteger("limit", options.limit, 1));
    const rows = await this.#store.taskList({
      filter: {
        ...filter,
        ...(parent !== undefined && { parentId: taskIdOf(parent) }),
        ...(name !== undefined && { nameContains: checkText("name", name) }),
      },
      after: cursor === undefined ? undefined : parseTaskId(cursor),
      limit,
      descending: (order === undefined ? "newest" : checkOneOf("order", order, ORDERS)) === "newest",
    });
    await this.#loadAgentNames(rows);
    const last = rows.at(-1);
    return { tasks: rows.map((row) => summaryOf(row, this.#agentName)), cursor: last === undefined || rows.length < limit ? undefined : formatTaskId(last.id) };
  }

  /** Ids of all tasks that a filter means, oldest first. */
  async ids(filter: TaskFilter, states: NonNullable<TaskFilter["state"]>): Promise<readonly TaskId[]> {
    const parsed = parseFilter({ state: states, ...filter });
    const ids: TaskId[] = [];
    for (;;) {
      const rows = await this.#store.taskList({ filter: parsed, after: ids.at(-1), limit: LIMIT.page, descending: false });
      for (const row of rows) ids.push(row.id);
      if (rows.length < LIMIT.page) return ids;
    }
  }

  async logs(ref: TaskRef, options: LogOptions = {}): Promise<readonly LogLine[]> {
    checkKeys("logs", options, LOG_KEYS);
    const after = options.after === undefined ? 0 : checkInteger("after", options.after, 0);
    const limit = options.limit === undefined ? 1_000 : Math.min(LIMIT.lines, checkInteger("limit", options.limit, 1));
    return (await this.#store.logList(taskIdOf(ref), after, limit)).map(logLineOf);
  }

  async attempts(ref: TaskRef): Promise<readonly AttemptInfo[]> {
    const rows = await this.#store.attemptList(taskIdOf(ref));
    await this.#loadAgentNames(rows);
    return rows.map((row) => attemptOf(row, this.#agentName));
  }

  /** A flow and the tasks that it was submitted with, children left out. Rejects with `flow_not_found`. */
  async flow(id: number, text: string): Promise<{ readonly flow: FlowRow; readonly tasks: readonly TaskRow[] }> {
    const [[flow], ids] = await Promise.all([this.#store.flowList(id - 1, 1), this.#store.flowTaskIds([id])]);
    if (flow?.id !== id) throw new MakespanError("flow_not_found", `There is no flow ${text}.`);
    return { flow, tasks: (await this.#store.taskGet(ids, false)).filter((row) => row.parentId === null) };
  }

  readonly #agentName = (id: AgentId): string | undefined => this.#agentNames.get(id);

  async #loadAgentNames(rows: readonly { readonly agentId: AgentId | null }[]): Promise<void> {
    if (rows.every(({ agentId }) => agentId === null || this.#agentNames.has(agentId))) return;
    this.#agentNames = new Map((await this.#store.agentList()).map(({ id, name }) => [id, name]));
  }
}

/** Some checkpoints carry the engine's own notes beside the handler's value. */
function checkpointValue(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null && "$children" in value ? (value as { readonly value?: unknown }).value : value;
}
