/** Slowdowns of whole sessions by policy, as a picture. */
import { chartOf, type Column } from "./chart.ts";

export interface SessionsResult {
  readonly source: string;
  readonly slots: number;
  readonly seeds: number;
  readonly rows: readonly {
    readonly policy: string;
    readonly session_slowdown: Readonly<Record<"mean" | "p50" | "p99", number>>;
    readonly utilization: number;
    readonly sessions: number;
  }[];
}

export function sessionsPicture({ source, slots, seeds, rows }: SessionsResult): string {
  const column = (title: string, figure: "mean" | "p50" | "p99"): Column => ({
    title,
    // Nothing is faster than without waiting.
    from: 1,
    format: String,
    marks: rows.map(({ policy, session_slowdown: slowdown }) => [{ series: policy === "fcfs" ? 1 : 0, value: slowdown[figure], label: slowdown[figure].toFixed(2) }]),
  });
  return chartOf({
    title: "Agent sessions on a fleet that is almost full: slowdown by policy",
    description: "Mean, median and 99th percentile of the slowdown of whole sessions under each policy. 1 is a session whose calls never wait.",
    series: [{ name: "other policies", color: "blue" }, { name: "first come, first served", color: "grey" }],
    rows: rows.map(({ policy }) => policy),
    columns: [column("Mean slowdown", "mean"), column("Median", "p50"), column("99th percentile", "p99")],
    notes: [`About ${rows[0]!.sessions.toLocaleString("en")} ${source} sessions, ${slots} slots, measured utilization ${rows[0]!.utilization.toFixed(3)} after a warm-up; medians of ${seeds} seeds.`],
  });
}
