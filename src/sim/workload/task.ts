/**
 * A task of a workload, and where the driver takes tasks from. Times are in ms from the start of the workload; sizes of time are
 * what an agent of speed 1 takes.
 */
import type { Use } from "../../core/task.ts";

export interface WorkloadTask {
  /** When it is released, if it needs nothing. */
  readonly arrivalMs: number;
  /** What it really takes on an agent of speed 1. */
  readonly serviceMs: number;
  /** Its class: default `task`. Agents have speeds, and results have figures, by type. */
  readonly type?: string | undefined;
  readonly queue?: string | undefined;
  readonly tenant?: string | undefined;
  readonly session?: string | undefined;
  /** No task of its session comes after it. */
  readonly endsSession?: boolean | undefined;
  /** Lower goes first; default 3. */
  readonly priority?: number | undefined;
  readonly weight?: number | undefined;
  readonly dueMs?: number | undefined;
  /** It expires if it has not ended by then. */
  readonly deadlineMs?: number | undefined;
  /** What its submitter believes that it takes. */
  readonly estimateMs?: number | undefined;
  /** What is known of its size when it arrives, in any unit; durations are learned by it. */
  readonly size?: number | undefined;
  readonly region?: string | undefined;
  /** What it costs by itself, beside the agents' rates. */
  readonly cost?: number | undefined;
  /** Tasks of the same key run one at a time. */
  readonly limitKey?: string | undefined;
  /** What it takes of limits while it runs. */
  readonly uses?: readonly Use[] | undefined;
  /** The number by which its source knows it, to be told of its end and to be needed by others. */
  readonly ref?: number | undefined;
  /** Refs of tasks that must end before it; each was taken from the source before it. */
  readonly needs?: readonly number[] | undefined;
}

/**
 * Gives tasks in the order of their arrival, as late as possible: a source may be endless, and what arrives may depend on what
 * has ended (a session's next call). Memory of the simulation is that of the source and of the tasks in the system.
 */
export interface TaskSource {
  /** Every type that its tasks have. */
  readonly types: readonly string[];
  /** Some of its tasks need others: what arrives together is submitted as one flow. */
  readonly hasNeeds?: boolean;
  /** Tasks in all, when that is known. */
  readonly taskCount?: number | undefined;
  /** When the next task arrives; Infinity when none does, unless a task ends first. Never earlier than the arrivals before it. */
  readonly nextAtMs: number;
  /** It has more tasks, but not yet: the simulation pauses until it has. */
  readonly isStarved?: boolean;
  /** The next task. The object may be used again for the one after it. */
  take(): WorkloadTask;
  /** A task that has a ref has ended, well or not. */
  ended?(ref: number, atMs: number): void;
}

/** Type of tasks that name none. */
export const DEFAULT_TYPE = "task";
/** Priority of tasks that name none: medium. */
export const DEFAULT_PRIORITY = 3;
/** The queue of tasks that name none. */
export const DEFAULT_QUEUE = "default";
