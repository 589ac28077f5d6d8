/** The worst that random runs came to, as a share of what is allowed, as a picture: a row for each bound. */
import { isHeld, type BoundResult } from "./bound-gauge.ts";
import { chartOf } from "./chart.ts";

export function boundsPicture(results: readonly BoundResult[]): string {
  const shares = results.flatMap(({ share }) => share ?? []);
  return chartOf({
    title: "Bounds on random work: the worst that was seen",
    description: "For each documented bound the worst case of many random runs through the scheduler, divided by the bound; the dashed line is the bound itself.",
    series: [{ name: "held", color: "blue" }, { name: "broken", color: "orange" }, { name: "bound", color: "grey" }],
    rows: results.map(({ name }) => name),
    columns: [
      {
        title: "Worst seen ÷ bound",
        to: Math.max(1.1, ...shares),
        format: (value) => String(Number(value.toFixed(3))),
        // What no bound allows has no share: it lies at the right end.
        marks: results.map((result) => [{ series: isHeld(result) ? 0 : 1, value: result.share ?? Infinity, label: labelOf(result), isPoint: true }]),
        lines: [{ at: 1, series: 2 }],
      },
    ],
    notes: [
      `${runsOf(results)} random runs a row. A mark on the line: the bound was reached and not passed.`,
      "Wait beyond FCFS: on one agent, against the work that comes within the time in which a task may be overtaken.",
    ],
  });
}

export function labelOf({ worst, bound, unit, cases }: BoundResult): string {
  if (cases === 0) return "never tried";
  return bound === 0 ? `${figure(worst)} ${unit} in ${cases.toLocaleString("en")} cases` : `${figure(worst)} of ${figure(bound)} ${unit}`;
}

function runsOf(results: readonly BoundResult[]): string {
  return [...new Set(results.map(({ runs }) => runs.toLocaleString("en")))].join(" or ");
}

function figure(value: number): string {
  return Number(value.toFixed(3)).toLocaleString("en");
}
