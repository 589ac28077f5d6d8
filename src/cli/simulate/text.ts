/** What a simulation found, in words and tables for a terminal. */
import { formatCost, formatCount, formatDuration, formatMany, formatRate, formatShare, threeDigits } from "../../monitor/format.ts";
import type { GroupResult, Intervals, SimulationResult, Spread } from "../../sim/index.ts";
import type { Output } from "../output.ts";
import { createTable, type Column } from "../table.ts";
import { isBest, MEASURES } from "./measure.ts";

/** More lines than this are for a report. */
const ROWS_MAX = 12;

/** One run: its figures, then its classes, tenants, agents and sessions where there are several. */
export function resultText(result: SimulationResult, title: string, out: Output): string {
  const lines = [out.paint("bold", title), "", ...facts(result), "", ...spreads(result, out)];
  lines.push(...groups("By type", "TYPE", result.by_class, out), ...groups("By tenant", "TENANT", result.by_tenant, out));
  if (result.by_agent.length > 1) lines.push("", out.paint("bold", "By agent"), ...agents(result, out));
  return lines.join("\n");
}

function facts(result: SimulationResult): readonly string[] {
  const { completed, failed, expired, dropped } = result;
  const others = [[failed, "failed"], [expired, "expired"], [dropped, "dropped"]] as const;
  const rows: [string, string][] = [
    ["Tasks", [`${formatCount(completed)} completed`, ...others.filter(([count]) => count > 0).map(([count, name]) => `${formatCount(count)} ${name}`), ...(result.warm_up_tasks > 0 ? [`${formatCount(result.warm_up_tasks)} of the warm-up not counted`] : [])].join(", ")],
    ["Makespan", `${formatDuration(result.makespan_ms)}, ${formatRate(result.throughput_per_s)}`],
    ["Utilization", `${formatShare(result.utilization)}, ${result.in_system_mean === null ? "–" : threeDigits(result.in_system_mean)} tasks in the system on average, ${formatCount(result.in_system_max)} at most`],
  ];
  if (result.tasks_with_due_date > 0) rows.push(["Due dates", `${formatCount(result.deadline_misses)} of ${formatCount(result.tasks_with_due_date)} missed, ${formatDuration(result.tardiness_ms.mean)} late on average`]);
  if (result.fairness_jain !== null) rows.push(["Fairness", `${threeDigits(result.fairness_jain)} (Jain, over the slowdowns of ${result.fairness_over})`]);
  if (result.cost > 0) rows.push(["Cost", `${formatCost(result.cost)}, ${formatCost(result.cost_per_completed_task)} a completed task`]);
  const disturbances = [[result.preemptions, "preemption", "preemptions"], [result.retries, "retry", "retries"], [result.losses, "loss with an agent", "losses with an agent"]] as const;
  const happened = disturbances.filter(([count]) => count > 0).map(([count, one, many]) => formatMany(count, one, many));
  if (happened.length > 0) rows.push(["Disturbances", happened.join(", ")]);
  const { sessions } = result;
  if (sessions !== null) rows.push(["Sessions", `${formatCount(sessions.sessions)}, slowdown ${threeDigits(sessions.slowdown.mean ?? 0)} on average, p99 ${threeDigits(sessions.slowdown.p99 ?? 0)}`]);
  rows.push(["Simulator", `${formatCount(result.events)} events, ${formatCount(result.events_per_s ?? 0)}/s; decisions ${result.decisions_hash}`]);
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows.map(([name, text]) => `  ${name.padEnd(width)}${text}`);
}

interface SpreadRow {
  readonly name: string;
  readonly spread: Spread;
  readonly format: (value: number | null) => string;
}

function spreads(result: GroupResult, out: Output): readonly string[] {
  const rows: SpreadRow[] = [
    { name: "sojourn", spread: result.sojourn_ms, format: formatDuration },
    { name: "wait", spread: result.wait_ms, format: formatDuration },
    { name: "service", spread: result.service_ms, format: formatDuration },
    { name: "slowdown", spread: result.slowdown, format: (value) => (value === null ? "–" : threeDigits(value)) },
  ];
  const column = (title: string, key: keyof Spread): Column<SpreadRow> => ({ title, value: ({ spread, format }) => format(spread[key]), align: "right" });
  return createTable<SpreadRow>([{ title: "", value: ({ name }) => name }, column("MEAN", "mean"), column("P50", "p50"), column("P95", "p95"), column("P99", "p99"), column("MAX", "max")], out, { indent: 2 }).lines(rows);
}

type Named = GroupResult & { readonly name: string };

function groups(title: string, column: string, rows: readonly Named[], out: Output): readonly string[] {
  if (rows.length < 2) return [];
  const table = createTable<Named>(
    [
      { title: column, value: ({ name }) => name, least: 12 },
      { title: "TASKS", value: ({ tasks }) => formatCount(tasks), align: "right" },
      { title: "SOJOURN", value: (row) => formatDuration(row.sojourn_ms.mean), align: "right" },
      { title: "P99", value: (row) => formatDuration(row.sojourn_ms.p99), align: "right" },
      { title: "WAIT", value: (row) => formatDuration(row.wait_ms.mean), align: "right" },
      { title: "SLOWDOWN", value: ({ slowdown }) => (slowdown.mean === null ? "–" : threeDigits(slowdown.mean)), align: "right" },
      { title: "MISSED", value: (row) => (row.tasks_with_due_date === 0 ? "" : formatCount(row.deadline_misses)), align: "right" },
    ],
    out,
    { indent: 2 },
  );
  return ["", out.paint("bold", title), ...table.lines(rows.slice(0, ROWS_MAX)), ...more(rows.length)];
}

function agents({ by_agent: rows }: SimulationResult, out: Output): readonly string[] {
  const table = createTable<(typeof rows)[number]>(
    [
      { title: "AGENT", value: ({ name }) => name, least: 12 },
      { title: "TASKS", value: ({ tasks }) => formatCount(tasks), align: "right" },
      { title: "UTIL", value: ({ utilization }) => formatShare(utilization), align: "right" },
      { title: "SERVICE", value: (row) => formatDuration(row.service_ms.mean), align: "right" },
      { title: "COST", value: ({ cost }) => (cost === 0 ? "" : formatCost(cost)), align: "right" },
    ],
    out,
    { indent: 2 },
  );
  return [...table.lines(rows.slice(0, ROWS_MAX)), ...more(rows.length)];
}

function more(count: number): readonly string[] {
  return count > ROWS_MAX ? [`  … and ${formatCount(count - ROWS_MAX)} more: --json has them all`] : [];
}

/** Policies side by side; the best of each column is marked with a star. */
export function compareText(results: readonly SimulationResult[], title: string, out: Output): string {
  const columns: Column<SimulationResult>[] = [{ title: "POLICY", value: ({ policy }) => policy }];
  MEASURES.forEach((measure, index) => {
    columns.push({
      title: measure.title,
      value: (result) => {
        const text = measure.format(measure.value(result));
        return isBest(measure, result, results) ? `${text} *` : text;
      },
      align: "right",
      style: (result) => (isBest(measure, result, results) ? "green" : undefined),
      ...(index > 4 && { spared: MEASURES.length - index }),
    });
  });
  return [out.paint("bold", title), "", ...createTable(columns, out, { indent: 2 }).lines(results), "", out.paint("dim", "  * the best of its column")].join("\n");
}

/** Several seeds: each measure with its interval. */
export function intervalsText(results: readonly SimulationResult[], intervals: Intervals, title: string, out: Output): string {
  const rows = MEASURES.flatMap(({ title, name, value, format }) => {
    const interval = intervals[name];
    return interval === undefined || value(results[0]!) === null ? [] : [{ title: title.toLowerCase(), mean: format(interval.mean), half: Number.isFinite(interval.half_width_99) ? format(interval.half_width_99) : "–" }];
  });
  const table = createTable<(typeof rows)[number]>(
    [
      { title: "", value: ({ title }) => title },
      { title: "MEAN", value: ({ mean }) => mean, align: "right" },
      { title: "± (99 %)", value: ({ half }) => half, align: "right" },
    ],
    out,
    { indent: 2 },
  );
  return [out.paint("bold", `${title}, ${results.length} seeds`), "", ...table.lines(rows)].join("\n");
}
