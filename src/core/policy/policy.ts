/**
 * A policy says who goes first in a queue. It gives a task a rank when the task is released, and again only when something
 * that the rank depends on changes; so each queue is one heap a lane, O(log n), whatever the policy. The task with the
 * lowest rank goes first; of equal ranks, the one that was submitted first.
 */
import type { Attempt } from "../attempt.ts";
import type { Served } from "../sessions.ts";
import type { Instant, Task } from "../task.ts";

/** What ranks may depend on besides the task. Durations in ms, at speed 1. */
export interface RankContext {
  readonly now: Instant;
  /** Expected service of a task from its start to its end. */
  expectedMs(task: Task): number;
  /** Expected service that is left of a waiting task, 0 or more: what a checkpoint keeps is done. */
  remainingMs(task: Task): number;
  /** Service that the task's session has had, attempts under way left out. */
  attainedMs(task: Task): number;
  /** Longest path of expected service from the task's start to the end of its flow. */
  tailMs(task: Task): number;
  /** Work that an attempt under way has done by now. */
  doneMs(attempt: Attempt): number;
  /** When the task's flow was submitted; of a task without one, when it was first released. */
  flowSince(task: Task): Instant;
}

/** How a policy chooses among attempts that run whom it stops for what comes. */
export interface Preemption {
  /**
   * Orders running attempts, greatest first: their ranks move with time, but at the same pace, so this stands still while they run
   * and a heap keeps it.
   */
  key(attempt: Attempt, context: RankContext): number;
  /** What waits preempts when its rank is lower by more than this, in the unit of the ranks: what a preemption must be worth. */
  readonly margin: number;
  /** By how much the rank of a running attempt grows in a ms, so that it is known when it will have fallen behind. Absent where it stands still or slices tell. */
  pace?(attempt: Attempt, context: RankContext): number;
}

/** Sessions, where ranks depend on what they were served: that changes the ranks of all tasks of a session, but not their order among each other. */
export interface SessionOrder {
  /** The session or flow whose service counts for the task; undefined where only its own does. */
  sessionOf(task: Task): Served | undefined;
  /** Orders the tasks of a session as their ranks do, and stands still while they wait. */
  within(task: Task): number;
}

export interface Policy {
  /** As it was chosen, with its options: `sjf:aging=off`. */
  readonly name: string;
  /** Any number but NaN. */
  rank(task: Task, context: RankContext): number;
  /** Rank that the task of a running attempt would have if it were queued again now. Where attempts are never stopped it is not asked. */
  rankAfter(attempt: Attempt, context: RankContext): number;
  /** Absent where nothing that runs is stopped for what comes. */
  readonly preemption?: Preemption | undefined;
  /** An attempt that has run so long, in ms, gives way to what waits and would go before it. */
  readonly sliceMs?: number | undefined;
  /** Ranks grow while tasks wait, by what their sessions are served; they are looked at again before a task starts. Absent where they stand still. */
  readonly sessions?: SessionOrder;
}

/** The common case: the rank of a task does not change by running. */
export function fixedRank(name: string, rank: Policy["rank"], preempt: boolean): Policy {
  return {
    name,
    rank,
    rankAfter: (attempt, context) => rank(attempt.task, context),
    preemption: preempt ? { key: (attempt, context) => rank(attempt.task, context), margin: 0 } : undefined,
  };
}
