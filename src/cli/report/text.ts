/**
 * The end of a run as text for a terminal: the verdict, the KPIs in words and numbers, what stands out, the critical path, the
 * slowest tasks and the failures. The same facts as the page, cut to the width at hand.
 */
import { findings, type Finding } from "../../monitor/findings.ts";
import {
  formatBytes, formatCost, formatCount, formatDuration, formatMany, formatRate, formatShare,
} from "../../monitor/format.ts";
import type { RunSummary, Spread } from "../../monitor/summary.ts";
import { fitTo, padTo, painter, plain, widthOf, wrapTo, type Painter, type Style } from "../view/columns.ts";
import { agentUse, type RunReportData } from "./data.ts";

export interface TextOptions {
  /** Columns; default 80, at least 40. */
  readonly width?: number;
  /** ANSI colours; default off. */
  readonly colour?: boolean;
}

const LISTED = 10;

/** Lines without a line break at the end. */
export function renderRunText(data: RunReportData, { width: wanted = 80, colour = false }: TextOptions = {}): string {
  const width = Math.max(40, Math.min(wanted, 120));
  const paint = painter(colour);
  const found = findings({ summary: data.summary, criticalPath: data.criticalPath, agents: agentUse(data) });
  const slots = data.agents.reduce((sum, agent) => sum + agent.slots, 0);
  const sections = [
    verdict(data, width, paint),
    measures(data.summary, slots, width, paint),
    section("What stands out", found.flatMap((finding) => findingLines(finding, width, paint)), paint),
    section("Critical path", pathLines(data, width, paint), paint),
    section("Slowest tasks", slowLines(data.summary, width, paint), paint),
    section("Failed tasks", failureLines(data, width, paint), paint),
    data.notes.flatMap((note) => wrapTo(plain(note), width)),
  ];
  return sections.filter((lines) => lines.length > 0).map((lines) => lines.join("\n")).join("\n\n");
}

function verdict({ title, summary, left = 0 }: RunReportData, width: number, paint: Painter): readonly string[] {
  const { tasks, makespan_ms: makespanMs } = summary;
  const counts = ([[tasks.failed, "failed"], [tasks.expired, "expired"], [tasks.cancelled, "cancelled"], [tasks.shed, "shed"], [tasks.skipped, "skipped"]] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${formatCount(count)} ${word}`);
  if (left > 0) counts.push(`${formatCount(left)} left`);
  const all = left > 0 || tasks.total === 1 ? "" : "all ";
  const done = [tasks.succeeded === tasks.total ? `${all}${formatMany(tasks.total, "task")} succeeded` : `${formatCount(tasks.succeeded)} of ${formatMany(tasks.total, "task")} succeeded`, ...counts].join(", ");
  const text = tasks.total === 0 ? "nothing to do" : `${done}${makespanMs === null ? "" : `, in ${formatDuration(makespanMs)}`}`;
  const style: Style = tasks.failed + tasks.expired > 0 ? "red" : tasks.succeeded === tasks.total && left === 0 ? "green" : "yellow";
  const name = `${fitTo(plain(title), width - 1)}:`;
  const isShort = widthOf(name) + text.length + 2 <= width;
  if (isShort) return [`${paint("bold", name)} ${paint(style, `${text}.`)}`];
  return [paint("bold", name), ...wrapTo(`${text}.`, width).map((line) => paint(style, line))];
}

function measures(summary: RunSummary, slots: number, width: number, paint: Painter): readonly string[] {
  const { makespan_ms: makespanMs, critical_path_ms: pathMs } = summary;
  const spread = (of: Spread): string => `half under ${formatDuration(of.p50)}, 95 % under ${formatDuration(of.p95)}, 99 % under ${formatDuration(of.p99)}, longest ${formatDuration(of.max)}`;
  const pathShare = pathMs === null || makespanMs === null || makespanMs === 0 ? "" : `, ${formatShare(Math.min(1, pathMs / makespanMs))} of the makespan`;
  const cores = summary.cpu_utilization === null ? "" : `, ${formatShare(summary.cpu_utilization)} of the cores' time`;
  const rows: readonly (readonly [name: string, value: string, isKnown: boolean])[] = [
    ["Makespan", formatDuration(makespanMs), makespanMs !== null],
    ["Critical path", `${formatDuration(pathMs)}${pathShare}`, pathMs !== null],
    ["Utilization", `${formatShare(summary.utilization)} of ${formatMany(slots, "slot")}`, summary.utilization !== null],
    ["Throughput", `${formatRate(summary.throughput_per_s)}, ${formatRate(summary.goodput_per_s)} succeeded in time`, summary.throughput_per_s !== null],
    ["Attempts", `${formatCount(summary.attempts)}, ${summary.retries === 0 ? "none repeated" : `${formatCount(summary.retries)} of them repeats`}`, summary.attempts > 0],
    ["Wait", spread(summary.wait_ms), summary.wait_ms.p50 !== null],
    ["Service", spread(summary.service_ms), summary.service_ms.p50 !== null],
    ["Sojourn", spread(summary.sojourn_ms), summary.sojourn_ms.p50 !== null],
    ["Processor", `${formatDuration(summary.cpu_ms)}${cores}`, summary.cpu_ms !== null],
    ["Peak memory", `${formatBytes(summary.peak_memory_bytes)} of one attempt`, summary.peak_memory_bytes !== null],
    ["Cost", `${formatCost(summary.cost_total)}, ${formatCost(summary.cost_per_completed_task)} a completed task`, summary.cost_total !== null],
    ["Resumed", `${formatMany(summary.resumed, "task")} done by an earlier run`, summary.resumed > 0],
  ];
  return rows.filter(([, , isKnown]) => isKnown).flatMap(([name, value]) =>
    wrapTo(value, width - 17).map((line, i) => `  ${paint("dim", padTo(i === 0 ? name : "", 14))} ${line}`),
  );
}

function section(title: string, lines: readonly string[], paint: Painter): readonly string[] {
  return lines.length === 0 ? [] : [paint("bold", title), ...lines];
}

const tones = { bad: "red", warn: "yellow", info: "cyan", good: "green" } as const;

function findingLines({ tone, headline, detail }: Finding, width: number, paint: Painter): readonly string[] {
  const mark = paint(tones[tone], tone === "bad" ? "!" : "*");
  const head = wrapTo(plain(headline), width - 4).map((line, i) => `  ${i === 0 ? mark : " "} ${paint("bold", line)}`);
  return [...head, ...wrapTo(plain(detail), width - 4).map((line) => `    ${line}`)];
}

/** A duration, a word about it in a column of its own, and the task. */
function timed(ms: number, word: string, wordWidth: number, label: string, width: number, paint: Painter): string {
  const name = fitTo(plain(label), Math.max(8, width - 16 - wordWidth));
  return `${padTo(formatDuration(ms), 12, "left")}  ${paint("dim", padTo(word, wordWidth))}  ${name}`;
}

function pathLines({ criticalPath, summary }: RunReportData, width: number, paint: Painter): readonly string[] {
  const totalMs = Math.max(1, summary.critical_path_ms ?? 0);
  const lines = criticalPath.slice(0, LISTED).map((step) => timed(step.serviceMs, padTo(formatShare(step.serviceMs / totalMs), 7, "left"), 7, step.label, width, paint));
  return withMore(lines, criticalPath.length, paint);
}

function slowLines({ slowest }: RunSummary, width: number, paint: Painter): readonly string[] {
  const shown = slowest.slice(0, 5).map((slow) => ({ ...slow, word: plain(slow.state === "succeeded" ? slow.type : slow.state) }));
  const wordWidth = Math.min(16, Math.max(0, ...shown.map(({ word }) => widthOf(word))));
  return shown.map((slow) => timed(slow.service_ms, slow.word, wordWidth, slow.name ?? slow.task_id, width, paint));
}

function failureLines({ failures }: RunReportData, width: number, paint: Painter): readonly string[] {
  const lines = failures.slice(0, LISTED).map(({ taskId, label, reason, message }) => {
    const head = fitTo(plain(`${taskId} ${label}`), Math.max(20, Math.floor(width / 2) - 4));
    const code = plain(reason);
    const space = width - 4 - head.length - code.length;
    return `  ${paint("red", head)}  ${code}${space > 12 ? paint("dim", fitTo(`: ${plain(message)}`, space)) : ""}`;
  });
  return withMore(lines, failures.length, paint);
}

function withMore(lines: readonly string[], total: number, paint: Painter): readonly string[] {
  return total > LISTED ? [...lines, paint("dim", `  and ${formatCount(total - LISTED)} more`)] : lines;
}
