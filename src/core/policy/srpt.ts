/**
 * Shortest remaining processing time (Schrage 1968: the least mean response of all policies on one server): the task with the least
 * expected service left goes first, and stops one that runs and has more left. `margin` is how much more, in ms; what a
 * checkpoint has kept is not counted again. Tasks age as under shortest job first; `preempt=off` only chooses among what waits.
 */
import type { OptionSpec } from "../struct/option-spec.ts";
import { agedRank, agingOf } from "./aging.ts";
import type { Policy } from "./policy.ts";

const MARGIN_MS = 100;

export function srpt(options: OptionSpec): Policy {
  const aging = agingOf(options);
  const marginMs = options.durationMs("margin", MARGIN_MS);
  const preempt = options.flag("preempt", true);
  const pace = aging.factor === Infinity ? 1 : aging.factor;
  return {
    name: "srpt",
    rank: (task, context) => agedRank(aging, task, context.remainingMs(task)),
    rankAfter: (attempt, context) => agedRank(aging, attempt.task, Math.max(0, context.remainingMs(attempt.task) - context.doneMs(attempt))),
    preemption: preempt
      ? {
          key: ({ task, assignedAt }, context) => agedRank(aging, task, context.remainingMs(task)) + pace * assignedAt,
          margin: pace * marginMs,
        }
      : undefined,
  };
}
