/**
 * One execution of a task by an agent. Its token (task id and attempt number) fences it: once the task has moved on, a
 * report that carries the old token changes nothing. The attempt itself lives on, as a *stray*, until its agent says that
 * it has ended or the grace time is over, so that slots and limits count what really runs.
 */
import type { Agent } from "./agent.ts";
import type { FairShare } from "./fair-share.ts";
import type { Reservation } from "./limits/limit.ts";
import type { Group, Lane } from "./queue.ts";
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
  /** The turn that started it. */
  readonly turn: number;
  /** Service that its task was expected to take in all, in ms at speed 1, when it started; undefined when nothing was known. */
  readonly expectedMs: number | undefined;
  timer: Timer | undefined;
  /** Ends its time slice, under policies that have one. */
  sliceTimer: Timer | undefined;
  /** The lane it was started from, if it may be preempted, and its place in that lane's heap of such attempts, or -1. */
  lane: Lane | undefined;
  heapSlot: number;
  /** Its place among the attempts of its agent. */
  bagIndex: number;
  /** What its tenant was charged for it; absent without fair share. */
  charged: Charge | undefined;
  /** What it holds of limits until it has ended. */
  reserved: readonly Reservation[] | undefined;
  /** Set when it was told to stop, and when. */
  stopping: StopReason | undefined;
  askedAt: Instant;
}

/** A start that a tenant has paid for under fair share, to be settled when the attempt has ended. */
export interface Charge {
  readonly group: Group;
  /** Service that was expected, in ms. */
  readonly ms: number;
  /** Weights of all tenants with waiting tasks at that time. */
  readonly weights: number;
  /** The accounts it was charged to: with other weights there are other ones. */
  readonly share: FairShare;
}

/** An attempt that begins; nothing has been asked of it yet. */
export function newAttempt(task: Task, agent: Agent, assignedAt: Instant, turn: number, expectedMs: number | undefined, charged: Attempt["charged"]): Attempt {
  return {
    task,
    number: task.attempt,
    agent,
    assignedAt,
    turn,
    expectedMs,
    timer: undefined,
    sliceTimer: undefined,
    lane: undefined,
    heapSlot: -1,
    bagIndex: -1,
    charged,
    reserved: undefined,
    stopping: undefined,
    askedAt: 0,
  };
}
