/**
 * The store in an SQLite file, as the engine sees it: packs calls for the thread that owns the file and unpacks its answers.
 */
import { resolve } from "node:path";
import type { Spec, TaskId } from "../../core/task.ts";
import type { TaskRow } from "../rows.ts";
import type { Store, StoreState } from "../store.ts";
import { encodeCommit } from "./encode-commit.ts";
import { FileThread } from "./file-thread.ts";
import type { Call, WorkerOptions } from "./messages.ts";
import { toTaskRows, type TaskValues } from "./task-row.ts";

export interface SqliteStoreOptions {
  /** The file; made if there is none. Beside it lie `-wal` and `-shm` (SQLite's own) and `-lock`. */
  readonly path: string;
  /**
   * `full` (default): a commit is on the disk before it is acknowledged, so a power cut loses nothing acknowledged.
   * `normal`: faster on slow disks; a crash of the process loses nothing, but a power cut may lose the last commits.
   */
  readonly synchronous?: "full" | "normal";
  /** Payloads from this size on are compressed if it saves a tenth, in bytes; default 1024. Costs some 30 µs for 1 KiB. */
  readonly compressFromBytes?: number;
  /** For fault tests: a module whose `wrapDatabase(db, options)` stands between the store and SQLite. */
  readonly wrapper?: WorkerOptions["wrapper"];
}

const COMPRESS_FROM_BYTES = 1024;

/** A store in the file at `path`. Nothing is touched before `open()`. */
export function createSqliteStore(options: SqliteStoreOptions): Store {
  return new SqliteStore({
    path: resolve(options.path),
    synchronous: options.synchronous ?? "full",
    compressFromBytes: options.compressFromBytes ?? COMPRESS_FROM_BYTES,
    wrapper: options.wrapper,
  });
}

class SqliteStore implements Store {
  readonly #thread: FileThread;
  /** Every spec in the file, so that rows come with theirs. */
  readonly #specs = new Map<number, Spec>();

  constructor(options: WorkerOptions) {
    this.#thread = new FileThread(options);
  }

  async open(): Promise<StoreState> {
    const state = await this.#thread.start();
    this.#specs.clear();
    for (const spec of state.specs) this.#specs.set(spec.id, spec);
    return state;
  }

  commit: Store["commit"] = (commit) => {
    for (const spec of commit.specs) this.#specs.set(spec.id, spec);
    const packed = encodeCommit(commit);
    return this.#thread.ask<void>(packed, [packed[0].buffer]);
  };

  liveLoad: Store["liveLoad"] = (after, limit) => this.#tasks({ op: "live-load", after, limit });
  taskGet: Store["taskGet"] = (ids, payloads) => this.#tasks({ op: "task-get", ids, payloads });
  taskList: Store["taskList"] = (page) => this.#tasks({ op: "task-list", page });
  payloadLoad: Store["payloadLoad"] = (requests) => this.#thread.ask({ op: "payload-load", requests });
  keyFind: Store["keyFind"] = (keys) => this.#thread.ask({ op: "key-find", keys });
  flowTaskIds: Store["flowTaskIds"] = (flowIds) => this.#thread.ask({ op: "flow-task-ids", flowIds });
  flowList: Store["flowList"] = (after, limit) => this.#thread.ask({ op: "flow-list", after, limit });
  attemptList: Store["attemptList"] = (taskId: TaskId) => this.#thread.ask({ op: "attempt-list", taskId });
  logList: Store["logList"] = (taskId, after, limit) => this.#thread.ask({ op: "log-list", taskId, after, limit });
  agentList: Store["agentList"] = () => this.#thread.ask({ op: "agent-list" });
  requestList: Store["requestList"] = (limit) => this.#thread.ask({ op: "request-list", limit });
  retain: Store["retain"] = (rule, epoch) => this.#thread.ask({ op: "retain", rule, epoch });
  info: Store["info"] = () => this.#thread.ask({ op: "info" });
  close: Store["close"] = () => this.#thread.close();

  async #tasks(call: Call): Promise<readonly TaskRow[]> {
    return toTaskRows(await this.#thread.ask<TaskValues>(call), this.#specs);
  }
}
