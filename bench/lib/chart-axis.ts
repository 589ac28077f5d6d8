/** Axes of charts: where a value lies, in px, and the round values that are marked. Linear, or logarithmic for values of many sizes. */
export interface Axis {
  /** In px from the left end of the axis; values beyond an end lie at that end. */
  readonly xOf: (value: number) => number;
  readonly ticks: readonly number[];
}

export interface AxisOptions {
  readonly scale: "linear" | "log";
  readonly from: number;
  readonly to: number;
  readonly widthPx: number;
}

/** About so many px between ticks. */
const TICK_GAP_PX = 60;

export function axisOf({ scale, from, to, widthPx }: AxisOptions): Axis {
  if (!(to > from) || (scale === "log" && from <= 0)) throw new Error(`An axis from ${from} to ${to} (${scale}) has no length`);
  const map = scale === "log" ? Math.log10 : (value: number): number => value;
  const clamped = (value: number): number => Math.min(to, Math.max(from, value));
  return {
    xOf: (value) => ((map(clamped(value)) - map(from)) / (map(to) - map(from))) * widthPx,
    ticks: scale === "log" ? decades(from, to) : steps(from, to, Math.max(2, Math.floor(widthPx / TICK_GAP_PX))),
  };
}

/** Multiples of 1, 2 or 5 times a power of ten, at most `most` of them and one more. */
function steps(from: number, to: number, most: number): readonly number[] {
  const least = (to - from) / most;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
  // Counted, not added up: 0.1 + 0.2 is not 0.3.
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

function decades(from: number, to: number): readonly number[] {
  const powers = Array.from({ length: 40 }, (_, index) => 10 ** (index - 20));
  const all = to / from > 100 ? powers : powers.flatMap((power) => [1, 2, 5].map((factor) => factor * power));
  return all.map((tick) => Number(tick.toPrecision(12))).filter((tick) => tick >= from * 0.999 && tick <= to * 1.001);
}
