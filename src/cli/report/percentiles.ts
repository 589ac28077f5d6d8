/**
 * Percentile curves of wait, service and sojourn as one SVG: the share of tasks across, the duration up on a log axis. Towards
 * the right every step is ten times rarer (as HdrHistogram plots it), because what users remember is the tail.
 */
import { formatDuration } from "../../monitor/format.ts";
import type { RunReportData } from "./data.ts";
import { html, trusted, type Html } from "./html.ts";

export interface Curve {
  readonly name: "wait" | "service" | "sojourn";
  /** Durations in ms, sorted. */
  readonly values: Float64Array;
}

/** From the tasks that ran to an end: the wait before their last start, service with pauses left out, and the whole stay. */
export function curvesOf(data: RunReportData): readonly Curve[] {
  const tasks = new Map<string, { releasedAt: number | undefined; servedMs: number }>();
  const values = { wait: [] as number[], service: [] as number[], sojourn: [] as number[] };
  for (const { taskId, readyAt, startedAt, endedAt, outcome } of data.attempts) {
    const task = tasks.get(taskId) ?? { releasedAt: readyAt, servedMs: 0 };
    tasks.set(taskId, task);
    const servedMs = Math.max(0, endedAt - startedAt);
    if (outcome === "parked" || outcome === "released") task.servedMs += servedMs;
    if (outcome !== "succeeded") continue;
    values.service.push(task.servedMs + servedMs);
    if (readyAt !== undefined) values.wait.push(Math.max(0, startedAt - readyAt));
    if (task.releasedAt !== undefined) values.sojourn.push(Math.max(0, endedAt - task.releasedAt));
  }
  return (["sojourn", "service", "wait"] as const)
    .map((name) => ({ name, values: Float64Array.from(values[name]).sort() }))
    .filter((curve) => curve.values.length > 0);
}

const WIDTH = 560;
const HEIGHT = 300;
const LEFT = 62;
const RIGHT = 68;
const TOP = 12;
const BOTTOM = 40;
const TICKS = [0, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999];

export function percentileChart(data: RunReportData): Html | undefined {
  const curves = curvesOf(data);
  const count = Math.max(0, ...curves.map((curve) => curve.values.length));
  if (count === 0) return undefined;
  // No further right than one task of all: beyond that there is nothing but the largest value.
  const lastShare = 1 - 1 / Math.max(4, count);
  const x = (share: number): number => LEFT + ((WIDTH - LEFT - RIGHT) * rarity(Math.min(share, lastShare))) / rarity(lastShare);
  const [low, high] = decades(curves);
  const y = (ms: number): number => {
    const place = (Math.log10(Math.max(ms, 10 ** low)) - low) / (high - low);
    return HEIGHT - BOTTOM - place * (HEIGHT - TOP - BOTTOM);
  };
  const ticks = TICKS.filter((share) => share <= lastShare + 1e-9);
  const levels = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  return html`<svg class="percentiles" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Percentile curves of ${curves.map((curve) => curve.name).join(", ")}; the table below has the numbers">
${levels.map((level) => html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${fix(y(10 ** level))}" y2="${fix(y(10 ** level))}"/><text class="tick" x="${LEFT - 8}" y="${fix(y(10 ** level) + 4)}" text-anchor="end">${levelName(10 ** level)}</text>`)}
${ticks.map((share) => html`<line class="grid" x1="${fix(x(share))}" x2="${fix(x(share))}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/><text class="tick" x="${fix(x(share))}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${share === 0 ? "min" : `p${Number((share * 100).toFixed(3))}`}</text>`)}
<text class="tick" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 4}" text-anchor="middle">share of tasks that were at most this long</text>
${curves.map((curve) => html`<path class="curve ${curve.name}" d="${trusted(pathOf(curve, lastShare, x, y))}"/>`)}
${endLabels(curves, y).map(({ name, place }) => html`<text class="end ${name}" x="${WIDTH - RIGHT + 6}" y="${fix(place)}">${name}</text>`)}
</svg>`;
}

/** Powers of ten stay round up to a thousand seconds. */
function levelName(ms: number): string {
  return ms < 1000 || ms > 1e6 ? formatDuration(ms) : `${ms / 1000} s`;
}

/** Steps of the curve, at even distances on the axis. */
function pathOf({ values }: Curve, lastShare: number, x: (share: number) => number, y: (ms: number) => number): string {
  const points: string[] = [];
  const steps = 160;
  for (let i = 0; i <= steps; i++) {
    const share = 1 - 10 ** (-(rarity(lastShare) * i) / steps);
    const rank = i === steps ? values.length - 1 : Math.min(values.length - 1, Math.floor(share * values.length));
    points.push(`${fix(x(share))} ${fix(y(values[rank] ?? 0))}`);
  }
  return `M${points.join("L")}`;
}

function rarity(share: number): number {
  return -Math.log10(1 - share);
}

/** Whole decades around all values; zeros are drawn at the bottom. */
function decades(curves: readonly Curve[]): readonly [low: number, high: number] {
  let least = Infinity;
  let most = 0;
  for (const { values } of curves) {
    most = Math.max(most, values.at(-1) ?? 0);
    least = Math.min(least, values.find((value) => value > 0) ?? Infinity);
  }
  const high = Math.ceil(Math.log10(Math.max(1, most)) - 1e-9);
  const low = Math.max(high - 6, Math.floor(Math.log10(Math.min(least, Math.max(1, most)))));
  return low < high ? [low, high] : [high - 1, high];
}

/** Names at the ends of the curves, moved apart where they would overlap. */
function endLabels(curves: readonly Curve[], y: (ms: number) => number): readonly { readonly name: string; readonly place: number }[] {
  const labels = curves.map(({ name, values }) => ({ name, place: y(values.at(-1) ?? 0) + 4 })).toSorted((a, b) => a.place - b.place);
  labels.forEach((label, i) => {
    const above = labels[i - 1];
    if (above !== undefined) label.place = Math.max(label.place, above.place + 15);
  });
  return labels;
}

function fix(value: number): string {
  return value.toFixed(1);
}
