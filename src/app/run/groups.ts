/** How the tasks that stand for groups are known, also in a file and without an engine. */
import type { Spec } from "../../core/task.ts";

/** Type of the tasks that expand groups, and name of the agent of the run itself that does them. */
export const EXPAND_TYPE = "for-each";

/** What the queues of runs begin with. */
export const RUN_QUEUES = "run:";

/** It stands for others, or waits for them, and does no work. */
export function isExpander({ type, queue }: Pick<Spec, "type" | "queue">): boolean {
  return type === EXPAND_TYPE && queue.startsWith(RUN_QUEUES);
}
