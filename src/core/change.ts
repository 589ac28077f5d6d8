/**
 * What a turn changed, for the driver to make durable: one record for each task that changed, holding the task itself and
 * the payloads and measurements that came with the events. The record lives until the commit; nothing of it stays in the core.
 */
import type { NewTask, Payload, Usage } from "./event.ts";
import type { AgentId, FlowId, Instant, Task, TaskId, TaskState } from "./task.ts";

/** An attempt that ended, however it ended. */
export interface EndedAttempt {
  readonly attempt: number;
  readonly agentId: AgentId;
  readonly assignedAt: Instant;
  readonly endedAt: Instant;
  readonly outcome: "succeeded" | "failed" | "timeout" | "lost" | "parked" | "released" | "cancelled" | "expired";
  /** What it used, when its agent said so. */
  readonly usage: Usage | undefined;
  readonly error: Payload | undefined;
}

export interface Change {
  readonly task: Task;
  /** The task's state at the end of the turn; later turns may move it on before this one is durable. */
  state: TaskState;
  /** Set when the task is new: the submission it came from, and when. */
  created: NewTask | undefined;
  createdAt: Instant;
  /** The task of the same key that this one replaces; its key is free now. */
  supersedes: TaskId | undefined;
  result: Payload | undefined;
  error: Payload | undefined;
  checkpoint: Payload | undefined;
  answer: Payload | undefined;
  /** Attempts that ended in this turn, in order. */
  ended: EndedAttempt[] | undefined;
}

export interface FlowChange {
  readonly flowId: FlowId;
  readonly name: string;
  readonly createdAt: Instant;
  /** Null while tasks of it are open. */
  readonly finishedAt: Instant | null;
}
