/** Simulated means beside the exact values of queueing theory, as a picture. */
import { chartOf } from "./chart.ts";
import type { RowResult } from "./theory-run.ts";

/** Heavy tails have wide intervals: the axis goes as far as the widest. */
export function pictureOf(results: readonly RowResult[]): string {
  const ranges = results.map(({ exact, mean, half_width_99: half }) => [(mean - half) / exact, (mean + half) / exact] as const);
  return chartOf({
    title: "The simulator against queueing theory",
    description: "For each row the simulated mean with its 99 % interval over seeds, divided by the exact value; the dashed line is the exact value.",
    series: [{ name: "exact value inside the interval", color: "blue" }, { name: "outside", color: "orange" }, { name: "exact", color: "grey" }],
    rows: results.map(({ name }) => name),
    columns: [
      {
        title: "Simulated mean ÷ exact value",
        from: Math.min(0.95, ...ranges.map(([low]) => low)),
        to: Math.max(1.05, ...ranges.map(([, high]) => high)),
        format: (value) => value.toFixed(3),
        marks: results.map(({ exact, mean, is_inside: isInside }, index) => [{ series: isInside ? 0 : 1, value: mean / exact, isPoint: true, interval: ranges[index]! }]),
        lines: [{ at: 1, series: 2 }],
      },
    ],
    notes: [`${results.filter(({ is_inside: isInside }) => isInside).length} of ${results.length} exact values lie inside. A wide interval is a weak test.`],
  });
}
