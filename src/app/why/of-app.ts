/** Why, asked of an open app: its engine knows of live tasks, its store of the others. */
import type { Engine } from "../../engine/types.ts";
import { MakespanError } from "../../protocol/errors.ts";
import { formatTaskId } from "../../protocol/ids.ts";
import type { Store } from "../../store/store.ts";
import { pastWhy, rowSurroundings } from "./past.ts";
import { taskWhy, type TaskWhy } from "./task-why.ts";

/** Rejects with `task_not_found`. */
export async function whyOf(engine: Engine, store: Store, id: number, now: number): Promise<TaskWhy> {
  const nameOf = (other: number): string | undefined => engine.liveTask(other)?.extra?.name;
  const live = engine.liveTask(id);
  const why = live === undefined ? undefined : engine.why(id);
  const known = { now, isOwned: true, agentsAreGuessed: false, nameOf };
  if (live !== undefined && why !== undefined) return taskWhy(why, { ...known, error: undefined, attempts: live.attempt, failedNeeds: [] });
  const [row] = await store.taskGet([id], true);
  const past = row === undefined ? undefined : pastWhy(row);
  if (row === undefined) throw new MakespanError("task_not_found", `There is no task ${formatTaskId(id)}.`);
  // A redrive has just brought it back.
  if (past === undefined) return whyOf(engine, store, id, now);
  const needs = row.state === "skipped" ? await store.taskGet(row.needs ?? [], false) : [];
  const names = new Map(needs.map((need) => [need.id, need.name ?? undefined]));
  return taskWhy(past, { ...known, nameOf: (other) => names.get(other), ...rowSurroundings(row, needs) });
}
