/**
 * A store file seen from another process, also while an engine runs on it: read everything, and leave requests for the engine.
 * Nothing here waits for the engine or holds it up.
 */
import { resolve } from "node:path";
import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { MakespanError } from "../../protocol/errors.ts";
import type { FlowId, TaskId } from "../../core/task.ts";
import type { Payload, ServedSnapshot } from "../../core/event.ts";
import type { AgentRow, AttemptRow, FlowRow, LogRow, RequestRow, SettingRow, TaskRow } from "../rows.ts";
import type { PayloadRequest, QueueCount, StoreInfo, TaskPage } from "../store.ts";
import { numberOf, type Database } from "./database.ts";
import { checkIdentity, checkPath } from "./file-checks.ts";
import { openFile } from "./open-file.ts";
import { Queries } from "./queries.ts";
import { APPLICATION_ID, MIGRATIONS } from "./schema.ts";
import { toStoreError } from "./sqlite-error.ts";
import { toTaskRows, type TaskValues } from "./task-row.ts";

export { isOwned } from "./lock.ts";

/** Waits this long for the engine's transaction, which is short. */
const BUSY_TIMEOUT_MS = 10_000;

/** The reads of `Store`, at once: each throws the MakespanError that the store would reject with. */
export interface SqliteReader {
  taskList(page: TaskPage): readonly TaskRow[];
  taskGet(ids: readonly TaskId[], payloads: boolean): readonly TaskRow[];
  payloadLoad(requests: readonly PayloadRequest[]): readonly (Payload | null)[];
  attemptList(taskId: TaskId): readonly AttemptRow[];
  logList(taskId: TaskId, after: number, limit: number): readonly LogRow[];
  agentList(): readonly AgentRow[];
  flowList(after: FlowId, limit: number): readonly FlowRow[];
  flowTaskIds(flowIds: readonly FlowId[]): readonly TaskId[];
  /** Requests that the engine has not carried out yet. */
  requestList(limit: number): readonly RequestRow[];
  settingList(): readonly SettingRow[];
  served(): ServedSnapshot;
  /** Of every queue that has tasks, finished ones too. */
  queueCounts(): readonly QueueCount[];
  info(): StoreInfo;
  close(): void;
}

/** Opens the file at `path` for reading; `store_not_found`, `store_not_ours`, `store_newer` or `store_damaged` if that cannot be. */
export function openSqliteReader(path: string): SqliteReader {
  const file = resolve(path);
  const db = guarded(file, () => openChecked(file, true));
  const queries = new Queries(db);
  const read = <Result>(run: () => Result): Result => guarded(file, () => inSnapshot(db, run));
  const tasks = (values: TaskValues): readonly TaskRow[] => toTaskRows(values, new Map(queries.specList().map((spec) => [spec.id, spec])));
  return {
    taskList: (page) => read(() => tasks(queries.taskList(page))),
    taskGet: (ids, payloads) => read(() => tasks(queries.taskGet(ids, payloads))),
    payloadLoad: (requests) => read(() => queries.payloadLoad(requests)),
    attemptList: (taskId) => read(() => queries.attemptList(taskId)),
    logList: (taskId, after, limit) => read(() => queries.logList(taskId, after, limit)),
    agentList: () => read(() => queries.agentList()),
    flowList: (after, limit) => read(() => queries.flowList(after, limit)),
    flowTaskIds: (flowIds) => read(() => queries.flowTaskIds(flowIds)),
    requestList: (limit) => read(() => queries.requestList(limit)),
    settingList: () => read(() => queries.settingList()),
    served: () => read(() => queries.served()),
    queueCounts: () => read(() => queries.queueCounts()),
    info: () => read(() => queries.info()),
    close: () => db.close(),
  };
}

/** Leaves a request (JSON) for the engine that owns the file, or the next one that will; returns its id. `at` in ms since 1970. */
export function requestAppend(path: string, request: string, at: number = Date.now()): number {
  const file = resolve(path);
  return guarded(file, () => {
    const db = openChecked(file, false);
    try {
      db.exec("PRAGMA synchronous = FULL");
      return Number(db.prepare("INSERT INTO request (at, request) VALUES (?, ?)").run(at, request).lastInsertRowid);
    } finally {
      db.close();
    }
  });
}

/** All statements of one read see the file as it was when the first began, whatever the engine commits meanwhile. */
function inSnapshot<Result>(db: Database, run: () => Result): Result {
  db.exec("BEGIN");
  try {
    return run();
  } finally {
    if (db.isTransaction) db.exec("COMMIT");
  }
}

function openChecked(path: string, readOnly: boolean): Database {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) throw notFound(path, "there is no such file");
  checkPath(path);
  const db: Database = new DatabaseSync(path, { readOnly, timeout: BUSY_TIMEOUT_MS });
  try {
    checkIdentity(db, path, MIGRATIONS.length);
    if (numberOf(db, "PRAGMA application_id") !== APPLICATION_ID) throw notFound(path, "the file is empty");
    if (numberOf(db, "PRAGMA user_version") === MIGRATIONS.length) return db;
  } catch (error) {
    db.close();
    throw error;
  }
  db.close();
  return openMigrated(path, readOnly);
}

/** An older file is brought up to date first, by a short ownership of its own. */
function openMigrated(path: string, readOnly: boolean): Database {
  openFile(path, { synchronous: "full" }).close();
  return new DatabaseSync(path, { readOnly, timeout: BUSY_TIMEOUT_MS });
}

function notFound(path: string, came: string): MakespanError {
  return new MakespanError("store_not_found", `No tasks were found at ${path}: ${came}. Give the path of the file that a run wrote.`, { path });
}

function guarded<Result>(path: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    throw toStoreError(error, path);
  }
}
