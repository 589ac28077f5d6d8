/**
 * Weighted shortest processing time (Smith 1956): by expected remaining service ÷ weight, which makes the weighted sum of completion times least.
 * Tasks age as under shortest job first.
 */
import type { OptionSpec } from "../struct/option-spec.ts";
import { agedRank, agingOf } from "./aging.ts";
import { fixedRank, type Policy } from "./policy.ts";

export function wspt(options: OptionSpec): Policy {
  const aging = agingOf(options);
  return fixedRank("wspt", (task, context) => agedRank(aging, task, context.remainingMs(task) / (task.extra?.weight ?? 1)), false);
}
