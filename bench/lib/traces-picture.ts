/** Policies on a real trace as a picture: mean and worst response, and where twice the worst of first come, first served lies. */
import { chartOf, type Column, type Mark } from "./chart.ts";

export interface TraceResult {
  readonly agents: number;
  readonly requests: number;
  readonly rows: readonly { readonly name: string; readonly mean_s: number; readonly worst_s: number }[];
}

const COLORS = ["blue", "orange", "green"] as const;

export function tracesPicture(results: readonly TraceResult[]): string {
  const names = results[0]!.rows.map(({ name }) => name);
  const marksOf = (markOf: (row: TraceResult["rows"][number]) => Omit<Mark, "series">): Column["marks"] =>
    names.map((_, row) => results.map(({ rows }, series): Mark => ({ series, ...markOf(rows[row]!) })));
  const lines = results.map(({ rows }, series) => ({ at: 2 * rows[0]!.worst_s, series }));
  return chartOf({
    title: "A real trace of LLM requests: response by policy",
    description: `Mean and worst response of ${results[0]!.requests} requests under ${names.length} policies, with ${results.map(({ agents }) => agents).join(" and ")} agents. Dashed lines are at twice the worst response of first come, first served.`,
    series: results.map(({ agents }, index) => ({ name: `${agents} agents`, color: COLORS[index % COLORS.length]! })),
    rows: names,
    columns: [
      { title: "Mean response, s", format: String, marks: marksOf(({ mean_s: mean }) => ({ value: mean, label: mean.toFixed(1) })) },
      { title: "Worst response, s (logarithmic)", scale: "log", from: 100, format: String, marks: marksOf(({ worst_s: worst }) => ({ value: worst, label: worst.toFixed(0), isPoint: true })), lines },
    ],
    notes: [`Azure LLM inference trace, code, ${results[0]!.requests.toLocaleString("en")} requests. Dashed: twice the worst response of first come, first served.`],
  });
}
