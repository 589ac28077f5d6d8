/**
 * Earliest due date first (Jackson 1955; Liu and Layland 1973): the least maximum lateness, and no due date missed if any order
 * misses none. A task without one counts as due `undated` after its release (1 hour unless said otherwise), so it does not starve.
 * With `preempt` an earlier due date stops a later one that runs.
 */
import type { OptionSpec } from "../struct/option-spec.ts";
import { firstReadyAt, rankedDueAt, type Instant, type Task } from "../task.ts";
import { fixedRank, type Policy } from "./policy.ts";

const UNDATED_MS = 3_600_000;

export function edf(options: OptionSpec): Policy {
  const undatedMs = options.durationMs("undated", UNDATED_MS);
  return fixedRank("edf", (task) => dueOf(task, undatedMs), options.flag("preempt", false));
}

/** The soft due date, else the hard deadline, else so long after the release. */
export function dueOf(task: Task, undatedMs: number): Instant {
  return rankedDueAt(task) ?? firstReadyAt(task) + undatedMs;
}
