/**
 * Puts attempts into lanes, one for each slot of their agent: an attempt takes the first lane that is free when it is
 * assigned. An agent whose slots were exceeded (a stray beside its successor) gets the lanes it needs.
 */
import { runStart, type ReportAttempt, type TimelineData } from "./data.ts";

/** A bar of the timeline; times in ms after the start of the run. */
export interface Bar {
  /** Index into `TimelineLanes.lanes`. */
  readonly lane: number;
  readonly atMs: number;
  /** From assignment to the start of the handler. */
  readonly leadMs: number;
  readonly lengthMs: number;
  readonly attempt: ReportAttempt;
  /** Attempts drawn as this one bar; more than 1 after thinning out. */
  readonly count: number;
  /** Of these, the time that the slot was really in use. */
  readonly busyMs: number;
}

export interface Lane {
  /** Index into the agents of the report. */
  readonly agent: number;
  /** Place among the lanes of its agent, from 0. */
  readonly slot: number;
}

export interface TimelineLanes {
  readonly lanes: readonly Lane[];
  /** By lane, then by time. */
  readonly bars: readonly Bar[];
  /** End of the last attempt, or the makespan if that is later. */
  readonly endMs: number;
}

export function layLanes(data: TimelineData): TimelineLanes {
  const start = runStart(data);
  const byAgent = new Map<number, ReportAttempt[]>(data.agents.map(({ id }) => [id, []]));
  for (const attempt of data.attempts) byAgent.get(attempt.agentId)?.push(attempt);
  const lanes: Lane[] = [];
  const bars: Bar[][] = [];
  let endMs = data.summary.makespan_ms ?? 0;
  data.agents.forEach((agent, index) => {
    const firstLane = lanes.length;
    const freeAt: number[] = [];
    const own = (byAgent.get(agent.id) ?? []).toSorted((a, b) => a.assignedAt - b.assignedAt || a.endedAt - b.endedAt);
    for (const attempt of own) {
      const end = Math.max(attempt.assignedAt, attempt.endedAt);
      const free = freeAt.findIndex((at) => at <= attempt.assignedAt);
      const slot = free === -1 ? freeAt.length : free;
      freeAt[slot] = end;
      const lengthMs = end - attempt.assignedAt;
      const leadMs = Math.min(lengthMs, Math.max(0, attempt.startedAt - attempt.assignedAt));
      const lane = firstLane + slot;
      (bars[lane] ??= []).push({ lane, atMs: attempt.assignedAt - start, leadMs, lengthMs, attempt, count: 1, busyMs: lengthMs });
      endMs = Math.max(endMs, end - start);
    }
    // An agent that did nothing keeps one lane, so that it is seen to have done nothing.
    const count = Math.max(1, freeAt.length);
    for (let slot = 0; slot < count; slot++) lanes.push({ agent: index, slot });
  });
  return { lanes, bars: bars.flat(), endMs };
}

/**
 * At most about `limit` bars: short neighbours in a lane are drawn as one, the shortest first. Attempts that did not succeed
 * and those in `keep` (task ids) stay as they are.
 */
export function thinOut(bars: readonly Bar[], limit: number, keep: ReadonlySet<string>): readonly Bar[] {
  const longestMs = bars.reduce((most, bar) => Math.max(most, bar.lengthMs), 1);
  let thin = bars;
  for (let blockMs = 1; thin.length > limit && blockMs < longestMs * bars.length; blockMs *= 2) {
    thin = joinShort(thin, blockMs, keep);
  }
  return thin;
}

/** Joins neighbours as long as the joined bar, the gap between them included, is no longer than `blockMs`. */
function joinShort(bars: readonly Bar[], blockMs: number, keep: ReadonlySet<string>): readonly Bar[] {
  const isPlain = (bar: Bar): boolean => bar.attempt.outcome === "succeeded" && !keep.has(bar.attempt.taskId);
  const joined: Bar[] = [];
  let last: Bar | undefined;
  for (const bar of bars) {
    if (last !== undefined && last.lane === bar.lane && isPlain(last) && isPlain(bar) && bar.atMs + bar.lengthMs - last.atMs <= blockMs) {
      // The longer one of the two gives the block its colour and name.
      const { attempt } = last.busyMs / last.count >= bar.busyMs / bar.count ? last : bar;
      const lengthMs = bar.atMs + bar.lengthMs - last.atMs;
      last = { lane: bar.lane, atMs: last.atMs, leadMs: 0, lengthMs, attempt, count: last.count + bar.count, busyMs: last.busyMs + bar.busyMs };
      joined[joined.length - 1] = last;
    } else {
      joined.push(bar);
      last = bar;
    }
  }
  return joined;
}
