/**
 * Critical path first (Hu 1961, highest level first): in a flow, the task with the longest path of expected service behind it. Flows
 * are weighed against each other by when they came: one that waits longer counts as if its path were longer by that, so none starves.
 */
import { fixedRank, type Policy } from "./policy.ts";

export function criticalPath(): Policy {
  return fixedRank("critical-path", (task, context) => context.flowSince(task) - context.tailMs(task), false);
}
