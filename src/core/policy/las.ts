/**
 * Least attained service by session (foreground-background, Kleinrock 1976; by program: Luo et al., Autellix, 2025): the session that has
 * been served least goes first. Without knowing any length, short sessions overtake long ones, which is best where
 * lengths are heavy-tailed. A preemptible attempt that has got `slice` more than somebody who waits gives way (`preempt=off`: it does not).
 *
 * Tasks age (`aging=1`, `patience=5m`): a task counts by its release plus `aging` times what its session was served, at most `patience` (`aging.ts`), so one
 * of the longest session waits no more than `patience` longer than first come, first served would let it.
 */
import type { OptionSpec } from "../struct/option-spec.ts";
import { agedRank, agingOf, type Aging } from "./aging.ts";
import type { Policy } from "./policy.ts";

const SLICE_MS = 1_000;
/** Pure least attained service has the least mean, but its longest sessions wait long: the 99th percentile was worse than first come, first served. */
const AGING: Aging = { factor: 1, patienceMs: 300_000 };

export function las(options: OptionSpec): Policy {
  const aging = agingOf(options, AGING);
  const sliceMs = options.durationMs("slice", SLICE_MS);
  const preempt = options.flag("preempt", true);
  const pace = aging.factor === Infinity ? 1 : aging.factor;
  return {
    name: "las",
    rank: (task, context) => agedRank(aging, task, context.attainedMs(task)),
    rankAfter: ({ task, assignedAt }, context) => agedRank(aging, task, context.attainedMs(task) + context.now - assignedAt),
    sessions: { sessionOf: ({ extra }) => extra?.session ?? extra?.flow, within: (task) => agedRank(aging, task, 0) },
    preemption: preempt ? { key: ({ task, assignedAt }, context) => agedRank(aging, task, context.attainedMs(task)) - pace * assignedAt, margin: pace * sliceMs } : undefined,
    sliceMs: preempt ? sliceMs : undefined,
  };
}
