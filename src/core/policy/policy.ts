/**
 * A policy says who goes first in a queue. It gives a task a rank when the task is released, and again only when something
 * that the rank depends on changes; so each queue is one heap a lane, O(log n), whatever the policy. The task with the
 * lowest rank goes first; of equal ranks, the one that was submitted first.
 */
import type { Attempt } from "../attempt.ts";
import type { Instant, Task } from "../task.ts";

/** What ranks may depend on besides the task. */
export interface RankContext {
  /** Expected service that is left of a task, in ms at speed 1; 0 or more. */
  remainingMs(task: Task): number;
  /** Service that the task's session has had so far, in ms, attempts under way left out. */
  attainedMs(task: Task): number;
  /** Longest path of expected service from the task's start to the end of its flow, in ms at speed 1. */
  tailMs(task: Task): number;
}

/** How a preemptive policy sees attempts that run. */
export interface Preemption {
  /**
   * Rank of a running attempt as if it waited, at the instant 0 of a clock that moves it by `drift` a ms: the heap of running
   * attempts keeps this key, which does not change while it runs.
   */
  runningKey(attempt: Attempt, context: RankContext): number;
  /** What a ms of running does to the rank: −1 where less and less remains, 1 where more and more is attained, else 0. */
  readonly drift: -1 | 0 | 1;
  /** A waiting task preempts when its rank is lower by more than this, in the policy's unit; what a preemption costs. */
  readonly margin: number;
}

export interface Policy {
  /** As it was chosen, with its options: `sjf:aging=off`. */
  readonly name: string;
  /** Any number but NaN. */
  rank(task: Task, context: RankContext): number;
  /** Absent where what runs is never stopped for what waits. */
  readonly preemption?: Preemption;
  /** An attempt that has run so long, in ms, gives its agent to others that wait; absent for no limit. */
  readonly sliceMs?: number;
  /** The rank depends on what the session has been served, and is computed again when that changes. */
  readonly bySession?: true;
}

/** Rank of a running attempt at `now`. */
export function runningRank(preemption: Preemption, key: number, now: Instant): number {
  return key + preemption.drift * now;
}
