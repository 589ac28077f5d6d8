/** The results of runs with different seeds as one: for each figure the mean over the runs and its 99 % confidence interval. */
import type { SimulationResult } from "./result.ts";
import { studentT } from "./student-t.ts";

/** A figure over several runs. The exact value lies within `mean ± half_width_99` with a probability of 99 %. */
export interface Interval {
  readonly mean: number;
  readonly half_width_99: number;
}

/** By the figure's place in the result: `sojourn_ms.mean`, `utilization`, … */
export type Intervals = Readonly<Record<string, Interval>>;

const TAIL = 0.01;

/** Mean and half-width by Student's t; the half-width of one value is infinite. */
export function intervalOf(values: readonly number[]): Interval {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean, half_width_99: Infinity };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, half_width_99: studentT(TAIL, values.length - 1) * Math.sqrt(variance / values.length) };
}

/** Every number of the results that all runs have, groups and sessions left out. */
export function intervalsOf(results: readonly SimulationResult[]): Intervals {
  const flat = results.map((result) => new Map(numbersOf(result, "")));
  const intervals: Record<string, Interval> = {};
  for (const name of flat[0]?.keys() ?? []) {
    const values = flat.flatMap((numbers) => numbers.get(name) ?? []);
    if (values.length === results.length) intervals[name] = intervalOf(values);
  }
  return intervals;
}

/** What says nothing about the workload and its agents. */
const NOT_MEASURED: ReadonlySet<string> = new Set(["seed", "events_per_s", "warm_up_tasks"]);

function* numbersOf(value: object, prefix: string): Generator<readonly [name: string, value: number]> {
  for (const [key, part] of Object.entries(value)) {
    if (typeof part === "number" && !NOT_MEASURED.has(key)) yield [prefix + key, part];
    else if (part !== null && typeof part === "object" && !Array.isArray(part) && key !== "sessions") yield* numbersOf(part as object, `${prefix}${key}.`);
  }
}
