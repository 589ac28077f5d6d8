/**
 * First come, first served: by the instant of the first release. A task that is tried again or comes back from a pause
 * keeps its place.
 */
import { firstReadyAt } from "../task.ts";
import type { Policy } from "./policy.ts";

export const fcfs: Policy = {
  name: "fcfs",
  rank: firstReadyAt,
};
