/**
 * One open store file and what is asked of it. After a write has failed it refuses further writes: what the engine has in mind
 * and what the file holds are then no longer the same, and only a restart makes them so. Reads go on.
 */
import { assert } from "../../core/assert.ts";
import { MakespanError, isMakespanError } from "../../protocol/errors.ts";
import type { RequestRow } from "../rows.ts";
import type { RetainRule, StoreState } from "../store.ts";
import { CommitWriter } from "./commit-writer.ts";
import { numberOf, prepareRows, type Database, type Statement } from "./database.ts";
import type { Call, PackedCommit, WorkerOptions } from "./messages.ts";
import { openFile, type OpenFile } from "./open-file.ts";
import { Queries } from "./queries.ts";
import { Retention } from "./retention.ts";
import { OLDEST_FINISHED_AT } from "./sections.ts";
import { toStoreError } from "./sqlite-error.ts";

export class FileOwner {
  readonly #options: WorkerOptions;
  readonly #wrap: ((db: Database) => Database) | undefined;
  #open: Open | undefined;
  #failure: Error | undefined;

  constructor(options: WorkerOptions, wrap: ((db: Database) => Database) | undefined) {
    this.#options = options;
    this.#wrap = wrap;
  }

  carryOut(call: Call): unknown {
    if (isCommit(call)) return this.#guard(() => write(this.#opened(), call));
    if (call.op === "open") return this.#start();
    if (call.op === "close") {
      this.#open?.file.close();
      return undefined;
    }
    const open = this.#opened();
    const { queries } = open;
    switch (call.op) {
      case "retain":
        return this.#guard(() => retain(open, call.rule, call.epoch));
      case "live-load":
        return queries.liveLoad(call.after, call.limit);
      case "payload-load":
        return queries.payloadLoad(call.requests);
      case "key-find":
        return queries.keyFind(call.keys);
      case "task-get":
        return queries.taskGet(call.ids, call.payloads);
      case "task-list":
        return queries.taskList(call.page);
      case "flow-task-ids":
        return queries.flowTaskIds(call.flowIds);
      case "flow-list":
        return queries.flowList(call.after, call.limit);
      case "attempt-list":
        return queries.attemptList(call.taskId);
      case "log-list":
        return queries.logList(call.taskId, call.after, call.limit);
      case "agent-list":
        return queries.agentList();
      case "request-list":
        return open.mailbox.list(call.limit);
      case "info":
        return queries.info();
      default:
        return call satisfies never;
    }
  }

  #opened(): Open {
    const open = this.#open;
    assert(open !== undefined, "a store is opened before it is used");
    return open;
  }

  #start(): StoreState {
    const { path, synchronous, compressFromBytes } = this.#options;
    const file = openFile(path, { synchronous, ...(this.#wrap === undefined ? {} : { wrap: this.#wrap }) });
    try {
      const { db, epoch } = file;
      const queries = new Queries(db);
      this.#open = { file, queries, writer: new CommitWriter(db, compressFromBytes), retention: new Retention(db), mailbox: new Mailbox(db, queries) };
      return {
        epoch,
        specs: queries.specList(),
        agents: queries.agentList(),
        flows: queries.flowsOpen(),
        settings: queries.settingList(),
        served: queries.served(),
        lastTaskId: numberOf(db, "SELECT max(value, (SELECT coalesce(max(id), 0) FROM task)) FROM meta WHERE name = 'last_task_id'"),
        lastFlowId: numberOf(db, "SELECT max(value, (SELECT coalesce(max(id), 0) FROM flow)) FROM meta WHERE name = 'last_flow_id'"),
      };
    } catch (error) {
      this.#open = undefined;
      file.close();
      throw error;
    }
  }

  #guard<Result>(write: () => Result): Result {
    if (this.#failure !== undefined) throw refusal(this.#failure);
    try {
      return write();
    } catch (error) {
      // Being fenced off is not a failure of the file: nothing of that commit was begun.
      if (!isMakespanError(error, "store_fenced")) this.#failure = toStoreError(error, this.#options.path);
      throw error;
    }
  }
}

interface Open {
  readonly file: OpenFile;
  readonly queries: Queries;
  readonly writer: CommitWriter;
  readonly retention: Retention;
  readonly mailbox: Mailbox;
}

/** Requests from outside; asked several times a second, so it looks at the table only when another process has written. */
class Mailbox {
  readonly #queries: Queries;
  readonly #version: Statement;
  #seenVersion = -1;
  #empty = false;

  constructor(db: Database, queries: Queries) {
    this.#queries = queries;
    this.#version = prepareRows(db, "PRAGMA data_version");
  }

  list(limit: number): readonly RequestRow[] {
    const [version] = this.#version.get() as readonly [number];
    if (this.#empty && version === this.#seenVersion) return [];
    this.#seenVersion = version;
    const requests = this.#queries.requestList(limit);
    this.#empty = requests.length === 0;
    return requests;
  }
}

function isCommit(call: Call): call is PackedCommit {
  return Array.isArray(call);
}

function write({ writer, retention }: Open, commit: PackedCommit): undefined {
  writer.commit(commit);
  retention.noteFinished(commit[0][OLDEST_FINISHED_AT]!);
}

function retain({ writer, retention }: Open, rule: RetainRule, epoch: number): number {
  let count = 0;
  writer.transact(epoch, () => {
    const ids = retention.choose(rule);
    retention.delete(ids);
    count = ids.length;
  });
  return count;
}

function refusal(failure: Error): Error {
  if (!isMakespanError(failure)) return failure;
  return new MakespanError(failure.code, `An earlier write failed, so nothing more is written: ${failure.message}`, failure.detail);
}
