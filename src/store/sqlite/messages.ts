/**
 * What the engine's thread and the thread of the file say to each other: calls numbered in order, answered in order.
 */
import type { AgentRow, AttemptRow, FlowRow, SettingRow } from "../rows.ts";
import type { FlowId, Spec, TaskId } from "../../core/task.ts";
import type { PayloadRequest, RetainRule, TaskPage } from "../store.ts";
import type { ErrorCode } from "../../protocol/errors.ts";

/** The rows of a commit that are few, as they are; absent when all are empty. */
export interface FewRows {
  readonly specs: readonly Spec[];
  readonly agents: readonly AgentRow[];
  readonly flows: readonly FlowRow[];
  readonly keysFreed: readonly TaskId[];
  readonly attempts: readonly AttemptRow[];
  readonly settings: readonly SettingRow[];
  readonly requestsDone: readonly number[];
}

/**
 * A commit, packed (see sections.ts): its head and rows as numbers, the short texts of all rows one after the other, the long
 * texts, and what is few. Without names: an object of ten fields takes 30 µs longer between the threads of an engine that was idle.
 */
export type PackedCommit = readonly [numbers: Float64Array<ArrayBuffer>, text: string, longTexts: readonly string[], few: FewRows | undefined];

export type Call =
  | PackedCommit
  | { readonly op: "open" }
  | { readonly op: "live-load"; readonly after: TaskId; readonly limit: number }
  | { readonly op: "payload-load"; readonly requests: readonly PayloadRequest[] }
  | { readonly op: "key-find"; readonly keys: readonly string[] }
  | { readonly op: "task-get"; readonly ids: readonly TaskId[]; readonly payloads: boolean }
  | { readonly op: "task-list"; readonly page: TaskPage }
  | { readonly op: "flow-task-ids"; readonly flowIds: readonly FlowId[] }
  | { readonly op: "flow-list"; readonly after: FlowId; readonly limit: number }
  | { readonly op: "attempt-list"; readonly taskId: TaskId }
  | { readonly op: "log-list"; readonly taskId: TaskId; readonly after: number; readonly limit: number }
  | { readonly op: "agent-list" }
  | { readonly op: "request-list"; readonly limit: number }
  | { readonly op: "retain"; readonly rule: RetainRule; readonly epoch: number }
  | { readonly op: "info" }
  | { readonly op: "close" };

/** An error on its way between threads: a refusal keeps its code. */
export interface PackedError {
  readonly code: ErrorCode | undefined;
  readonly message: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Null: it is done, and there is nothing to tell. A commit is answered so, without an object to unpack. */
export type Answer = null | { readonly value: unknown; readonly error?: undefined } | { readonly error: PackedError };

/** What the thread of the file starts with. */
export interface WorkerOptions {
  readonly path: string;
  readonly synchronous: "full" | "normal";
  readonly compressFromBytes: number;
  /** A module whose `wrapDatabase(db, options)` stands between the store and SQLite; the fault tests use it. */
  readonly wrapper: { readonly module: string; readonly options: unknown } | undefined;
}
