/**
 * How long a failed task waits before its next attempt: fixed, or exponential with a cap, minus a random share ("jitter";
 * Brooker, "Exponential Backoff and Jitter", 2015) so that tasks which failed together do not come back together. The random
 * share follows from the seed, the task and the count of failures, so a replay waits exactly as long.
 */
import { randomOf } from "../struct/random.ts";
import type { RetryRule, TaskId } from "../task.ts";

/** Wait in whole ms before the attempt that follows failure number `failures` (1 or more). */
export function backoffMs(rule: RetryRule, failures: number, seed: number, id: TaskId): number {
  let delayMs = rule.delayMs;
  if (rule.backoff === "exponential") {
    for (let doubling = 1; doubling < failures && delayMs < rule.maxDelayMs; doubling++) delayMs *= 2;
  }
  delayMs = Math.min(delayMs, rule.maxDelayMs);
  return Math.round(delayMs * (1 - rule.jitter * randomOf(seed, id, failures)));
}
