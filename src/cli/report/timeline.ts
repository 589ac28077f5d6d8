/**
 * The data of the timeline as it is embedded in the page: columns of numbers instead of objects, so that 20,000 attempts stay
 * a small file and load at once.
 */
import { ATTEMPT_OUTCOMES, type TimelineData } from "./data.ts";
import { layLanes, thinOut, type Bar } from "./lanes.ts";
import { seriesOf } from "./series.ts";

/** More attempts than this are thinned out. */
const BAR_LIMIT = 20_000;
/** Types with a colour of their own; the others share one. */
export const COLOURED_TYPES = 8;

export interface Timeline {
  readonly endMs: number;
  readonly agents: readonly { readonly name: string; readonly kind: string; readonly slots: number }[];
  /** Agent of each lane. */
  readonly lanes: readonly number[];
  /** The most slot time first; the last stands for all others when there are more than eight. */
  readonly types: readonly string[];
  readonly outcomes: typeof ATTEMPT_OUTCOMES;
  readonly labels: readonly string[];
  readonly bars: {
    readonly lane: readonly number[];
    readonly at: readonly number[];
    readonly lead: readonly number[];
    readonly length: readonly number[];
    readonly wait: readonly number[];
    readonly type: readonly number[];
    readonly outcome: readonly number[];
    readonly label: readonly number[];
    readonly task: readonly string[];
    readonly attempt: readonly number[];
    readonly count: readonly number[];
  };
  /** Bars on the critical path, in its order. */
  readonly path: readonly number[];
  readonly series: ReturnType<typeof seriesOf>;
}

export function timelineOf(data: TimelineData, barLimit = BAR_LIMIT): { readonly timeline: Timeline; readonly hidden: number } {
  const { lanes, bars: all, endMs } = layLanes(data);
  const onPath = new Set(data.criticalPath.map((step) => step.taskId));
  const bars = thinOut(all, barLimit, onPath);
  const types = typesByTime(all);
  const typeIndex = new Map(types.map((type, index) => [type, index]));
  const shown = types.length > COLOURED_TYPES ? [...types.slice(0, COLOURED_TYPES - 1), "other types"] : types;
  const labels = new Map<string, number>();
  const labelIndex = (label: string): number => labels.get(label) ?? (labels.set(label, labels.size), labels.size - 1);
  const round = (ms: number): number => Math.round(ms * 100) / 100;
  const timeline: Timeline = {
    endMs: round(endMs),
    agents: data.agents.map(({ name, kind, slots }) => ({ name, kind, slots })),
    lanes: lanes.map((lane) => lane.agent),
    types: shown,
    outcomes: ATTEMPT_OUTCOMES,
    bars: {
      lane: bars.map((bar) => bar.lane),
      at: bars.map((bar) => round(bar.atMs)),
      lead: bars.map((bar) => round(bar.leadMs)),
      length: bars.map((bar) => round(bar.lengthMs)),
      wait: bars.map(({ attempt }) => (attempt.readyAt === undefined ? -1 : round(Math.max(0, attempt.startedAt - attempt.readyAt)))),
      type: bars.map(({ attempt }) => Math.min(typeIndex.get(attempt.type) ?? 0, shown.length - 1)),
      outcome: bars.map(({ attempt }) => ATTEMPT_OUTCOMES.indexOf(attempt.outcome)),
      label: bars.map(({ attempt }) => labelIndex(attempt.label)),
      task: bars.map(({ attempt }) => attempt.taskId),
      attempt: bars.map(({ attempt }) => attempt.attempt),
      count: bars.map((bar) => bar.count),
    },
    labels: [...labels.keys()],
    path: pathBars(data, bars),
    series: seriesOf(data, endMs),
  };
  return { timeline, hidden: all.length - bars.length };
}

function typesByTime(bars: readonly Bar[]): readonly string[] {
  const busyMs = new Map<string, number>();
  for (const { attempt, lengthMs } of bars) busyMs.set(attempt.type, (busyMs.get(attempt.type) ?? 0) + lengthMs);
  return [...busyMs].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([type]) => type);
}

/** Of each task on the path its last attempt. */
function pathBars(data: TimelineData, bars: readonly Bar[]): readonly number[] {
  const lastOf = new Map<string, number>(data.criticalPath.map((step) => [step.taskId, -1]));
  bars.forEach((bar, index) => {
    const known = lastOf.get(bar.attempt.taskId);
    if (known === undefined) return;
    if (known === -1 || (bars[known]?.attempt.attempt ?? 0) <= bar.attempt.attempt) lastOf.set(bar.attempt.taskId, index);
  });
  return data.criticalPath.flatMap((step) => lastOf.get(step.taskId) ?? []).filter((index) => index !== -1);
}
