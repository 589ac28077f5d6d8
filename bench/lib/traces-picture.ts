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
  const column = (title: string, read: (row: TraceResult["rows"][number]) => number): Column => ({
    title,
    format: (value) => value.toFixed(value < 100 ? 1 : 0),
    marks: names.map((_, row) => results.map(({ rows }, series): Mark => ({ series, value: read(rows[row]!) }))),
  });
  const lines = results.map(({ rows }, series) => ({ at: 2 * rows[0]!.worst_s, label: series === 0 ? "2 × first come" : "", series }));
  return chartOf({
    title: "A real trace of LLM requests: response by policy",
    description: `Mean and worst response of ${results[0]!.requests} requests under ${names.length} policies, with ${results.map(({ agents }) => agents).join(" and ")} agents. Dashed lines are at twice the worst response of first come, first served.`,
    series: results.map(({ agents }, index) => ({ name: `${agents} agents`, color: COLORS[index % COLORS.length]! })),
    rows: names,
    columns: [column("Mean response, s", ({ mean_s: mean }) => mean), { ...column("Worst response, s", ({ worst_s: worst }) => worst), lines }],
    notes: [`Azure LLM inference trace, code, ${results[0]!.requests.toLocaleString("en")} requests. Dashed: twice the worst response of first come, first served.`],
  });
}
