/** Why a task that has ended is where it is, from its row: the scheduler has forgotten it. */
import type { Why } from "../../core/foresight/why.ts";
import { isFinal } from "../../core/task.ts";
import type { TaskRow } from "../../store/rows.ts";
import { messageOf } from "../inspect/error-parts.ts";
import type { Surroundings } from "./words.ts";

/** Undefined for a task that is not final. */
export function pastWhy(row: TaskRow): Why | undefined {
  const { id, state, reason } = row;
  return isFinal(state) ? { id, cause: { kind: "final", state, reason: reason ?? undefined }, forecast: undefined, due: undefined } : undefined;
}

/** What the words need of a row and of the tasks it needs. */
export function rowSurroundings(row: TaskRow, needs: readonly TaskRow[]): Pick<Surroundings, "error" | "attempts" | "failedNeeds"> {
  return { error: messageOf(row.error), attempts: row.attempt, failedNeeds: needs.filter((need) => isFinal(need.state) && need.state !== "succeeded") };
}
