/**
 * Least slack first (Mok 1983): by due date minus expected remaining service; that both fall as time passes cancels out, so the rank
 * of a waiting task stands still. A long task starts earlier than under earliest due date. A task without a due date counts as due
 * `undated` after its release. With `preempt` less slack stops more.
 */
import { speedOf } from "../agent.ts";
import type { Attempt } from "../attempt.ts";
import type { OptionSpec } from "../struct/option-spec.ts";
import { dueOf } from "./edf.ts";
import type { Policy, RankContext } from "./policy.ts";

const UNDATED_MS = 3_600_000;
/** Two tasks of equal slack would stop each other all the time: the one that runs gains slack against the one that waits. */
const MARGIN_MS = 1_000;

/** An attempt gains slack as it works, until nothing is expected to be left. */
function pace(attempt: Attempt, context: RankContext): number {
  const { task, agent } = attempt;
  return context.doneMs(attempt) < context.remainingMs(task) ? speedOf(agent, task.spec.type) : 0;
}

export function leastSlack(options: OptionSpec): Policy {
  const undatedMs = options.durationMs("undated", UNDATED_MS);
  const margin = options.durationMs("margin", MARGIN_MS);
  const preempt = options.flag("preempt", false);
  return {
    name: "least-slack",
    rank: (task, context) => dueOf(task, undatedMs) - context.remainingMs(task),
    rankAfter: (attempt, context) => dueOf(attempt.task, undatedMs) - Math.max(0, context.remainingMs(attempt.task) - context.doneMs(attempt)),
    preemption: preempt ? { key: ({ task, assignedAt }, context) => dueOf(task, undatedMs) - context.remainingMs(task) - assignedAt, margin, pace } : undefined,
  };
}
