/**
 * Everything that is read from a store file, as functions over one connection: the thread of an engine and a reader in another
 * process ask with the same SQL. Tasks come as flat arrays of values (see task-row.ts).
 */
import { TASK_STATES, type FlowId, type Spec, type TaskId, type TaskState } from "../../core/task.ts";
import type { Payload, ServedSnapshot } from "../../core/event.ts";
import type { AgentRow, AttemptRow, FlowRow, LogRow, RequestRow, SettingRow } from "../rows.ts";
import { SERVED_TASKS, type KeyHit, type PayloadKind, type PayloadRequest, type QueueCount, type StoreInfo, type TaskPage } from "../store.ts";
import { numberOf, prepareRows, type Database, type SqlValue, type Statement } from "./database.ts";
import { unpackPayload } from "./payload.ts";
import { FIRST_FINAL_STATE, STATE_CODES } from "./schema.ts";
import { packTasks, SELECT_EXTRA, SELECT_TASK, SELECT_TASK_WITH_OUTCOME, type TaskValues } from "./task-row.ts";

type Row = readonly SqlValue[];

/** A condition on `task`: not final, or of a flow that is not finished. */
const LIVE = `(state < ${FIRST_FINAL_STATE} OR flow_id IN (SELECT id FROM flow WHERE finished_at IS NULL))`;

/** Ids asked for by one statement; the same text each time, so that it is prepared once. */
const ID_LIST = "(SELECT value FROM json_each(?))";

const PAYLOAD_TABLES: Readonly<Record<PayloadKind, string>> = {
  input: "task",
  result: "task",
  error: "task",
  checkpoint: "task_extra",
  answer: "task_extra",
};

export class Queries {
  readonly #db: Database;
  readonly #statements = new Map<string, Statement>();

  constructor(db: Database) {
    this.#db = db;
  }

  liveLoad(after: TaskId, limit: number): TaskValues {
    const sql = `${SELECT_TASK} WHERE task.id > max(?, (SELECT value FROM meta WHERE name = 'live_from') - 1) AND ${LIVE} ORDER BY task.id LIMIT ?`;
    return this.#tasks(this.#rows(sql, after, limit));
  }

  payloadLoad(requests: readonly PayloadRequest[]): (Payload | null)[] {
    return requests.map(({ id, kind }) => unpackPayload(this.#first(`SELECT ${kind} FROM ${PAYLOAD_TABLES[kind]} WHERE id = ?`, id)?.[0]));
  }

  keyFind(keys: readonly string[]): (KeyHit | null)[] {
    return keys.map((key) => {
      const row = this.#first("SELECT id, state FROM task WHERE key = ?", key);
      return row === undefined ? null : { id: row[0] as TaskId, state: TASK_STATES[row[1] as number]! };
    });
  }

  taskGet(ids: readonly TaskId[], payloads: boolean): TaskValues {
    const sql = `${payloads ? SELECT_TASK_WITH_OUTCOME : SELECT_TASK} WHERE task.id = ?`;
    // One by one: in the order asked, and once for each time it was asked.
    return this.#tasks(ids.map((id) => this.#first(sql, id)).filter((row) => row !== undefined));
  }

  taskList({ filter, after, limit, descending }: TaskPage): TaskValues {
    const conditions: string[] = ["1"];
    const values: SqlValue[] = [];
    const add = (condition: string, ...bound: readonly SqlValue[]): void => {
      conditions.push(condition);
      values.push(...bound);
    };
    if (after !== undefined) add(descending ? "task.id < ?" : "task.id > ?", after);
    if (filter.states !== undefined) add(`state IN ${ID_LIST}`, JSON.stringify(filter.states.map((state) => STATE_CODES[state])));
    if (filter.types !== undefined) add(`spec_id IN (SELECT id FROM spec WHERE type IN ${ID_LIST})`, JSON.stringify(filter.types));
    if (filter.queue !== undefined) add("spec_id IN (SELECT id FROM spec WHERE queue = ?)", filter.queue);
    if (filter.flowId !== undefined) add("flow_id = ?", filter.flowId);
    if (filter.parentId !== undefined) add("parent_id = ?", filter.parentId);
    if (filter.nameContains !== undefined) add("instr(name, ?) > 0", filter.nameContains);
    if (filter.tenant !== undefined) add("tenant = ?", filter.tenant);
    if (filter.session !== undefined) add("session = ?", filter.session);
    const order = descending ? "DESC" : "ASC";
    const sql = `${SELECT_TASK} WHERE ${conditions.join(" AND ")} ORDER BY task.id ${order} LIMIT ?`;
    return this.#tasks(this.#rows(sql, ...values, limit));
  }

  flowTaskIds(flowIds: readonly FlowId[]): TaskId[] {
    return this.#rows(`SELECT id FROM task WHERE flow_id IN ${ID_LIST} ORDER BY id`, JSON.stringify(flowIds)).map((row) => row[0] as TaskId);
  }

  flowList(after: FlowId, limit: number): FlowRow[] {
    return this.#rows("SELECT id, name, created_at, finished_at FROM flow WHERE id > ? ORDER BY id LIMIT ?", after, limit).map(toFlow);
  }

  flowsOpen(): FlowRow[] {
    return this.#rows("SELECT id, name, created_at, finished_at FROM flow WHERE finished_at IS NULL ORDER BY id").map(toFlow);
  }

  /** Attempts that did not succeed have rows of their own; one that did is told by its task. How long one that was lost really ran, nobody knows. */
  served(): ServedSnapshot {
    const served = `state = ${STATE_CODES.succeeded}`;
    const ran = "outcome <> 'lost'";
    const from = `(SELECT coalesce(max(id), 0) - ${SERVED_TASKS} FROM task)`;
    const openFlow = "task.flow_id IN (SELECT id FROM flow WHERE finished_at IS NULL)";
    const flows = this.#rows(`SELECT flow_id, sum(ms) FROM (
      SELECT flow_id, finished_at - assigned_at AS ms FROM task WHERE ${openFlow} AND ${served}
      UNION ALL SELECT task.flow_id, ended_at - attempt.assigned_at FROM task CROSS JOIN attempt ON attempt.task_id = task.id WHERE ${openFlow} AND ${ran}
    ) GROUP BY flow_id ORDER BY flow_id`);
    const sessions = this.#rows(`SELECT session, sum(ms) FROM (
      SELECT session, task.id, finished_at - assigned_at AS ms FROM task_extra CROSS JOIN task ON task.id = task_extra.id WHERE task_extra.id > ${from} AND session IS NOT NULL AND ${served}
      UNION ALL SELECT session, task_id, ended_at - assigned_at FROM task_extra CROSS JOIN attempt ON attempt.task_id = task_extra.id WHERE task_extra.id > ${from} AND session IS NOT NULL AND ${ran}
    ) GROUP BY session ORDER BY max(id)`);
    return { flows: flows as unknown as ServedSnapshot["flows"], sessions: sessions as unknown as ServedSnapshot["sessions"] };
  }

  attemptList(taskId: TaskId): AttemptRow[] {
    const sql = `SELECT task_id, attempt, agent_id, assigned_at, started_at, ended_at, outcome, cpu_ms, peak_memory_bytes, cost, error
      FROM attempt WHERE task_id = ? ORDER BY attempt`;
    return this.#rows(sql, taskId).map((row) => {
      const [id, attempt, agentId, assignedAt, startedAt, endedAt, outcome, cpuMs, peakMemoryBytes, cost, error] = row;
      return { taskId: id, attempt, agentId, assignedAt, startedAt, endedAt, outcome, cpuMs, peakMemoryBytes, cost, error: unpackPayload(error) } as AttemptRow;
    });
  }

  logList(taskId: TaskId, after: number, limit: number): LogRow[] {
    const sql = "SELECT task_id, attempt, at, level, text FROM log WHERE task_id = ? ORDER BY id LIMIT ? OFFSET ?";
    return this.#rows(sql, taskId, limit, after).map(([id, attempt, at, level, text]) => ({ taskId: id, attempt, at, level, text }) as LogRow);
  }

  agentList(): AgentRow[] {
    const sql = "SELECT id, name, kind, slots, cost_per_hour, weight, region, speed, speeds, joined_at FROM agent ORDER BY id";
    return this.#rows(sql).map(([id, name, kind, slots, costPerHour, weight, region, speed, speeds, joinedAt]) => {
      return { id, name, kind, slots, costPerHour, weight, region, speed, speeds: speeds === null ? null : JSON.parse(speeds as string), joinedAt } as AgentRow;
    });
  }

  settingList(): SettingRow[] {
    return this.#rows("SELECT name, value FROM setting ORDER BY name").map(([name, value]) => ({ name, value }) as SettingRow);
  }

  requestList(limit: number): RequestRow[] {
    return this.#rows("SELECT id, at, request FROM request ORDER BY id LIMIT ?", limit).map(([id, at, request]) => ({ id, at, request }) as RequestRow);
  }

  specList(): Spec[] {
    const sql = "SELECT id, type, queue, priority, retry, timeout_ms, on_dependency_failure, preemptible FROM spec ORDER BY id";
    return this.#rows(sql).map(([id, type, queue, priority, retry, timeoutMs, onDependencyFailure, preemptible]) => {
      const spec = { id, type, queue, priority, retry: JSON.parse(retry as string) as unknown, onDependencyFailure } as Spec;
      return { ...spec, ...(timeoutMs !== null && { timeoutMs: timeoutMs as number }), ...(preemptible === 1 && { preemptible: true }) };
    });
  }

  queueCounts(): QueueCount[] {
    const sql = "SELECT spec.queue, task.state, count(*) FROM task JOIN spec ON spec.id = task.spec_id GROUP BY spec.queue, task.state";
    return this.#rows(sql).map(([queue, code, count]) => ({ queue: queue as string, state: TASK_STATES[code as number]!, count: count as number }));
  }

  info(): StoreInfo {
    const tasks = Object.fromEntries(TASK_STATES.map((state) => [state, 0])) as Record<TaskState, number>;
    for (const [code, count] of this.#rows("SELECT state, count(*) FROM task GROUP BY state")) tasks[TASK_STATES[code as number]!] = count as number;
    const bytes = numberOf(this.#db, "PRAGMA page_count") * numberOf(this.#db, "PRAGMA page_size");
    return { tasks, bytes, schemaVersion: numberOf(this.#db, "PRAGMA user_version") };
  }

  #tasks(rows: readonly Row[]): TaskValues {
    return packTasks(rows, (id) => this.#first(SELECT_EXTRA, id)!);
  }

  #rows(sql: string, ...values: readonly SqlValue[]): readonly Row[] {
    return this.#statement(sql).all(...values) as readonly Row[];
  }

  #first(sql: string, ...values: readonly SqlValue[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined;
  }

  #statement(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = prepareRows(this.#db, sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function toFlow([id, name, createdAt, finishedAt]: Row): FlowRow {
  return { id, name, createdAt, finishedAt } as FlowRow;
}
