/**
 * The store: where tasks are true. The engine is its only writer and commits whole turns; a commit carries the epoch of the
 * ownership it was made under, and a store refuses one whose epoch is not the newest, so that a paused old owner can write
 * nothing. Everything is asynchronous and batch-wise, so that a store may live in another thread or on another machine.
 * Calls take effect in the order in which they were made: a read sees every commit made before it.
 *
 * `test/conformance/store.ts` holds what every implementation must do.
 */
import type { FlowId, Instant, Spec, TaskId, TaskState } from "../core/task.ts";
import type { Payload, ServedSnapshot } from "../core/event.ts";
import type { AgentRow, AttemptRow, Commit, FlowRow, LogRow, RequestRow, SettingRow, TaskRow } from "./rows.ts";

/** What sessions were served is added up over the tasks of so many of the newest ids: what is older counts no more after a restart. */
export const SERVED_TASKS = 250_000;

/** What a new owner needs to go on. */
export interface StoreState {
  /** Greater than every earlier owner's. */
  readonly epoch: number;
  readonly specs: readonly Spec[];
  readonly agents: readonly AgentRow[];
  /** Flows that have not finished. */
  readonly flows: readonly FlowRow[];
  readonly settings: readonly SettingRow[];
  /** Of unfinished flows, and of the sessions that the last `SERVED_TASKS` tasks name. */
  readonly served: ServedSnapshot;
  /** Greatest ids given so far; 0 in an empty store. */
  readonly lastTaskId: TaskId;
  readonly lastFlowId: FlowId;
}

export interface TaskFilter {
  readonly states?: readonly TaskState[];
  readonly types?: readonly string[];
  readonly queue?: string;
  readonly flowId?: FlowId;
  readonly parentId?: TaskId;
  readonly nameContains?: string;
  readonly tenant?: string;
  /** Only tasks that were given one: the tasks of a flow are found by `flowId`. */
  readonly session?: string;
}

export interface TaskPage {
  readonly filter: TaskFilter;
  /** Only ids beyond this one (below it when descending). */
  readonly after: TaskId | undefined;
  readonly limit: number;
  readonly descending: boolean;
}

export type PayloadKind = "input" | "result" | "error" | "checkpoint" | "answer";

export interface PayloadRequest {
  readonly id: TaskId;
  readonly kind: PayloadKind;
}

export interface RetainRule {
  /** Tasks finished before this instant go. */
  readonly finishedBefore: Instant;
  /** Of the others, at most this many of the newest stay. */
  readonly keep: number;
  /** At most this many are deleted by one call. */
  readonly limit: number;
}

export interface KeyHit {
  readonly id: TaskId;
  readonly state: TaskState;
}

/** Tasks of a queue in one state. */
export interface QueueCount {
  readonly queue: string;
  readonly state: TaskState;
  readonly count: number;
}

/** Live counts and sizes, for people. */
export interface StoreInfo {
  readonly tasks: Readonly<Record<TaskState, number>>;
  readonly bytes: number;
  readonly schemaVersion: number;
}

export interface Store {
  /**
   * Takes ownership: checks the file, migrates it, raises the epoch.
   * Rejects with a MakespanError (`store_*` codes), having changed nothing, when the store cannot be used.
   */
  open(): Promise<StoreState>;
  /** Tasks that are live or belong to an unfinished flow, by id, beyond `after`; fewer than `limit` means the end. Without payloads. */
  liveLoad(after: TaskId, limit: number): Promise<readonly TaskRow[]>;
  /** Rejects with `store_fenced` when the epoch is old, with `store_full`, `store_io` and so on when it cannot be durable; then nothing of it is kept, and every later commit of this owner is refused: it would build on what is not there. */
  commit(commit: Commit): Promise<void>;
  /** In the order asked; null where there is none. */
  payloadLoad(requests: readonly PayloadRequest[]): Promise<readonly (Payload | null)[]>;
  /** The task that holds each key; null where none does. */
  keyFind(keys: readonly string[]): Promise<readonly (KeyHit | null)[]>;
  /** With error and result payloads if `payloads`; unknown ids are left out. */
  taskGet(ids: readonly TaskId[], payloads: boolean): Promise<readonly TaskRow[]>;
  taskList(page: TaskPage): Promise<readonly TaskRow[]>;
  flowTaskIds(flowIds: readonly FlowId[]): Promise<readonly TaskId[]>;
  flowList(after: FlowId, limit: number): Promise<readonly FlowRow[]>;
  attemptList(taskId: TaskId): Promise<readonly AttemptRow[]>;
  /** By time of writing, beyond the first `after` lines. */
  logList(taskId: TaskId, after: number, limit: number): Promise<readonly LogRow[]>;
  agentList(): Promise<readonly AgentRow[]>;
  /** Requests from outside, oldest first. Cheap when there are none. */
  requestList(limit: number): Promise<readonly RequestRow[]>;
  /** Deletes finished tasks (with attempts and logs) that the rule lets go, never one of an unfinished flow; returns how many. */
  retain(rule: RetainRule, epoch: number): Promise<number>;
  info(): Promise<StoreInfo>;
  /** Gives up ownership. Waits for commits under way. */
  close(): Promise<void>;
}
