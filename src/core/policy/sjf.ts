/**
 * Shortest job first, on estimates that were given or learned (Phipps 1956): the least mean response where nothing is stopped.
 * Short tasks age past long ones (`aging.ts`). With `preempt` a shorter task stops a longer one that runs (PSJF): sizes are
 * compared as they were at the start, whatever is left of them.
 */
import type { OptionSpec } from "../struct/option-spec.ts";
import { agedRank, agingOf } from "./aging.ts";
import { fixedRank, type Policy } from "./policy.ts";

export function sjf(options: OptionSpec): Policy {
  const aging = agingOf(options);
  return fixedRank("sjf", (task, context) => agedRank(aging, task, context.expectedMs(task)), options.flag("preempt", false));
}
