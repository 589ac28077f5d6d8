/**
 * A policy says who goes first in a queue. It gives a task a rank when the task is released, and again only when something
 * that the rank depends on changes; so each queue is one heap a lane, O(log n), whatever the policy. The task with the
 * lowest rank goes first; of equal ranks, the one that was submitted first.
 */
import type { Task } from "../task.ts";

export interface Policy {
  readonly name: string;
  /** Any number but NaN; must depend on the task alone. */
  rank(task: Task): number;
}
