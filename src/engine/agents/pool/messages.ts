/**
 * What a pool and its workers say to each other, the same for threads and processes: plain data, that JSON can carry. A worker
 * has one attempt at a time; messages name it all the same, since one of an ended attempt may still be under way.
 */
import type { StopReason } from "../../../core/attempt.ts";
import type { Failure, Usage } from "../../../core/event.ts";
import type { ParkReason, TaskId } from "../../../core/task.ts";
import type { LogRow } from "../../../store/rows.ts";
import type { AttemptStart, ChildRequest } from "../../agent.ts";

/** Where the handler of a task type is. */
export interface TaskModule {
  /** URL of the module. */
  readonly url: string;
  readonly export: string | undefined;
}

/** What a worker is told when it is started. */
export interface WorkerSetup {
  readonly modules: Readonly<Record<string, TaskModule>>;
  readonly payloadBytes: number;
}

export type ToWorker =
  | { readonly kind: "setup"; readonly setup: WorkerSetup }
  | { readonly kind: "start"; readonly start: AttemptStart }
  | { readonly kind: "stop"; readonly id: TaskId; readonly attempt: number; readonly reason: StopReason }
  /** Answers a call: a child's id, or why it was refused. */
  | { readonly kind: "reply"; readonly call: number; readonly id?: TaskId; readonly error?: RefusalMessage };

export interface RefusalMessage {
  readonly code: string;
  readonly message: string;
}

export type FromWorker =
  /** `totalCpuMs` here and below: what the worker has used since it started. */
  | { readonly kind: "ready"; readonly totalCpuMs: number }
  /** A line that a handler printed. */
  | { readonly kind: "output"; readonly stream: "stdout" | "stderr"; readonly line: string }
  | ({ readonly id: TaskId; readonly attempt: number } & FromAttempt);

export type FromAttempt =
  | { readonly kind: "checkpoint"; readonly call: number; readonly checkpoint: string }
  | { readonly kind: "submit"; readonly call: number; readonly child: ChildRequest }
  | { readonly kind: "log"; readonly level: LogRow["level"]; readonly text: string }
  | { readonly kind: "progress"; readonly fraction: number; readonly note?: string }
  /** `memoryBytes` is what the worker holds now that the attempt is over. */
  | { readonly kind: "ended"; readonly ending: Ending; readonly usage: Usage; readonly memoryBytes: number; readonly totalCpuMs: number };

export type Ending =
  | { readonly kind: "succeed"; readonly result: string }
  | { readonly kind: "fail"; readonly failure: Failure }
  | { readonly kind: "park"; readonly until: ParkReason; readonly checkpoint?: string }
  | { readonly kind: "release"; readonly checkpoint?: string }
  | { readonly kind: "back-off"; readonly limit: string; readonly retryAfterMs: number; readonly checkpoint?: string };
