/**
 * First come, first served: by the instant of the first release. A task that is tried again or comes back from a pause
 * keeps its place.
 */
import { firstReadyAt } from "../task.ts";
import { fixedRank, type Policy } from "./policy.ts";

export function fcfs(): Policy {
  return fixedRank("fcfs", firstReadyAt, false);
}
