/**
 * Least attained service by session (foreground-background, Kleinrock 1976; by program: Luo et al., Autellix, 2025): the session that has
 * been served least goes first. Without knowing any length, short sessions overtake long ones, which is best where
 * lengths are heavy-tailed. A preemptible attempt that has got `slice` more than somebody who waits gives way (`preempt=off`: it does not).
 */
import type { OptionSpec } from "../struct/option-spec.ts";
import type { Policy } from "./policy.ts";

const SLICE_MS = 1_000;

export function las(options: OptionSpec): Policy {
  const sliceMs = options.durationMs("slice", SLICE_MS);
  const preempt = options.flag("preempt", true);
  return {
    name: "las",
    rank: (task, context) => context.attainedMs(task),
    rankAfter: ({ task, assignedAt }, context) => context.attainedMs(task) + context.now - assignedAt,
    growsWaiting: true,
    preemption: preempt ? { key: ({ task, assignedAt }, context) => context.attainedMs(task) - assignedAt, margin: sliceMs } : undefined,
    sliceMs: preempt ? sliceMs : undefined,
  };
}
