/** Durations of a task that follow from the instants in its row. Each is undefined where it has not been measured (yet). */
import type { TaskRow } from "../../store/rows.ts";

/** Release to start, in ms. */
export function waitMsOf({ readyAt, startedAt, assignedAt }: TaskRow): number | undefined {
  return between(readyAt, startedAt > 0 ? startedAt : assignedAt);
}

/** Start to completion with pauses left out, in ms, of a task that ran to an end. */
export function serviceMsOf({ state, startedAt, finishedAt, servedMs }: TaskRow): number | undefined {
  if (state !== "succeeded" && state !== "failed") return undefined;
  const lastMs = between(startedAt, finishedAt);
  return lastMs === undefined ? undefined : lastMs + servedMs;
}

/** First release to completion, in ms. */
export function sojournMsOf({ firstReadyAt, finishedAt }: TaskRow): number | undefined {
  return between(firstReadyAt, finishedAt);
}

function between(from: number, to: number): number | undefined {
  return from > 0 && to > 0 ? Math.max(0, to - from) : undefined;
}
