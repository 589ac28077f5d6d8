/**
 * One execution of a task by an agent. Its token (task id and attempt number) fences it: once the task has moved on, a
 * report that carries the old token changes nothing. The attempt itself lives on, as a *stray*, until its agent says that
 * it has ended or the grace time is over, so that slots and limits count what really runs.
 */
import type { Agent } from "./agent.ts";
import type { Instant, Task, TaskId } from "./task.ts";
import type { Timer } from "./timers.ts";

/** Names one attempt for ever. */
export interface AttemptToken {
  readonly id: TaskId;
  readonly attempt: number;
}

/** Why an attempt is told to stop. After `shutdown` and `preempted` it may still save a checkpoint and hand the task back. */
export type StopReason = "cancelled" | "timeout" | "expired" | "shutdown" | "preempted" | "agent_lost";

export interface Attempt {
  readonly task: Task;
  readonly number: number;
  readonly agent: Agent;
  readonly assignedAt: Instant;
  /** Service that its task was expected to take in all, in ms at speed 1, when it started; undefined when nothing was known. */
  readonly expectedMs: number | undefined;
  timer: Timer | undefined;
  /** Set when it was told to stop. */
  stopping: StopReason | undefined;
}
