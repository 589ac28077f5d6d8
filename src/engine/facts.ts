/** What observers are told of a turn, after it is durable. */
import type { Change } from "../core/change.ts";
import { isFinal } from "../core/task.ts";
import type { Fact } from "./types.ts";

const NO_ATTEMPTS: Fact["ended"] = [];

export function factOf(change: Change): Fact {
  return {
    task: change.task,
    created: change.created !== undefined,
    state: change.state,
    ended: change.ended ?? NO_ATTEMPTS,
    result: change.result,
    error: change.error,
    reason: isFinal(change.state) ? change.task.extra?.reason : undefined,
  };
}
