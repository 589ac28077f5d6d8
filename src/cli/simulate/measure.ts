/** The figures by which people compare simulations: how each is named, read from a result, written, and which way is better. */
import { formatCost, formatDuration, formatShare, threeDigits } from "../../monitor/format.ts";
import type { SimulationResult } from "../../sim/index.ts";

export interface Measure {
  readonly title: string;
  /** Its place in the result, as confidence intervals name it. */
  readonly name: string;
  readonly value: (result: SimulationResult) => number | null;
  readonly format: (value: number | null) => string;
  /** Undefined where neither is better in itself. */
  readonly better?: "low" | "high";
}

const ratio = (value: number | null): string => (value === null ? "–" : threeDigits(value));

export const MEASURES: readonly Measure[] = [
  { title: "SOJOURN", name: "sojourn_ms.mean", value: (result) => result.sojourn_ms.mean, format: formatDuration, better: "low" },
  { title: "P95", name: "sojourn_ms.p95", value: (result) => result.sojourn_ms.p95, format: formatDuration, better: "low" },
  { title: "P99", name: "sojourn_ms.p99", value: (result) => result.sojourn_ms.p99, format: formatDuration, better: "low" },
  { title: "MAX", name: "sojourn_ms.max", value: (result) => result.sojourn_ms.max, format: formatDuration, better: "low" },
  { title: "SLOWDOWN", name: "slowdown.mean", value: (result) => result.slowdown.mean, format: ratio, better: "low" },
  { title: "MISSED", name: "deadline_misses", value: (result) => (result.tasks_with_due_date === 0 ? null : result.deadline_misses), format: (value) => (value === null ? "" : ratio(value)), better: "low" },
  { title: "MAKESPAN", name: "makespan_ms", value: (result) => result.makespan_ms, format: formatDuration, better: "low" },
  { title: "UTIL", name: "utilization", value: (result) => result.utilization, format: formatShare },
  { title: "FAIRNESS", name: "fairness_jain", value: (result) => result.fairness_jain, format: ratio, better: "high" },
  { title: "COST", name: "cost", value: (result) => (result.cost === 0 ? null : result.cost), format: (value) => (value === null ? "" : formatCost(value)), better: "low" },
];

/** Whether a result is the best of all in a measure. Nothing is the best where all are alike. */
export function isBest(measure: Measure, result: SimulationResult, all: readonly SimulationResult[]): boolean {
  const value = measure.value(result);
  if (measure.better === undefined || value === null) return false;
  const values = all.flatMap((other) => measure.value(other) ?? []);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least < most && value === (measure.better === "low" ? least : most);
}
