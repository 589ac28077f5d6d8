/**
 * The top of the page, which has to answer in five seconds: how did it go, what took the time, what to do next. A verdict, the
 * findings in words, three bars that show which bound the run came up against, and the KPIs as cards.
 */
import { findings, type Finding } from "../../monitor/findings.ts";
import {
  formatBytes, formatCost, formatCount, formatDuration, formatMany, formatRate, formatShare, threeDigits,
} from "../../monitor/format.ts";
import { agentUse, type RunReportData } from "./data.ts";
import { html, type Html } from "./html.ts";

export function header(data: RunReportData): Html {
  const at = new Date(data.generatedAt).toISOString();
  const command = data.command === undefined ? undefined : html` · <code>${data.command}</code>`;
  return html`<header>
<div><h1>${data.title}</h1><p class="muted"><time datetime="${at}">${at.slice(0, 16).replace("T", " ")} UTC</time>${command}</p></div>
${verdict(data)}
</header>`;
}

function verdict({ summary, left = 0 }: RunReportData): Html {
  const { tasks } = summary;
  const bad = tasks.failed + tasks.expired;
  if (bad > 0) return html`<p class="verdict bad"><a href="#failed">${formatMany(bad, "task")} failed</a></p>`;
  if (tasks.total === 0) return html`<p class="verdict">Nothing to do</p>`;
  if (left > 0) return html`<p class="verdict warn">${formatMany(left, "task")} left</p>`;
  if (tasks.succeeded === tasks.total) return html`<p class="verdict good">All ${formatMany(tasks.total, "task")} succeeded</p>`;
  return html`<p class="verdict warn">${formatCount(tasks.succeeded)} of ${formatMany(tasks.total, "task")} succeeded</p>`;
}

export function standout(data: RunReportData): Html {
  const found = findings({ summary: data.summary, criticalPath: data.criticalPath, agents: agentUse(data) });
  const bars = bounds(data);
  return html`<section class="card standout${bars === undefined ? " alone" : ""}" aria-labelledby="standout">
<div><h2 id="standout">What stands out</h2>
<ul class="findings">${found.map((finding) => item(finding))}</ul></div>
${bars}
</section>`;
}

function item({ kind, tone, headline, detail }: Finding): Html {
  const link = kind === "failures" ? html` <a href="#failed">See the errors.</a>` : kind === "path-bound" ? html` <a href="#path">See the path.</a>` : undefined;
  return html`<li class="${tone}"><strong>${headline}</strong> ${detail}${link}</li>`;
}

/** The makespan against the two bounds that no schedule can beat. */
function bounds(data: RunReportData): Html | undefined {
  const { makespan_ms: makespanMs, critical_path_ms: pathMs, utilization } = data.summary;
  if (makespanMs === null || makespanMs === 0) return undefined;
  const rows: readonly (readonly [name: string, ms: number | null, note: string, kind: string])[] = [
    ["The run", makespanMs, "makespan", "run"],
    ["Critical path", pathMs, "however many agents there are", "path"],
    ["All work over all slots", utilization === null ? null : utilization * makespanMs, "however tasks depend on each other", "work"],
  ];
  const known = rows.filter(([, ms]) => ms !== null);
  if (known.length < 2) return undefined;
  const isNear = known.some(([, ms, , kind]) => kind !== "run" && (ms ?? 0) >= 0.6 * makespanMs);
  const closest = isNear
    ? "No schedule beats the lower bars; the one that comes closest to the run is what held it back."
    : "No schedule beats the lower bars. Neither is close to the run: tasks waited for particular agents, limits or release times.";
  const longest = Math.max(...known.map(([, ms]) => ms ?? 0));
  return html`<div class="bounds"><h3>Why it took that long</h3>
${known.map(([name, ms, note, kind]) => html`<div class="bound"><p><b>${name}</b> <span class="muted">${kind === "run" ? note : `at least this, ${note}`}</span><span class="amount">${formatDuration(ms)}</span></p>
<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="8"/><rect class="${kind}" width="${((100 * (ms ?? 0)) / longest).toFixed(2)}" height="8"/></svg></div>`)}
<p class="muted small">${closest}</p></div>`;
}

interface Card {
  readonly name: string;
  readonly value: string;
  readonly words: string;
  readonly tone?: "bad";
}

export function cards({ summary, agents }: RunReportData): Html {
  const { tasks, wait_ms: wait, service_ms: service } = summary;
  const makespanMs = summary.makespan_ms;
  const slots = agents.reduce((sum, agent) => sum + agent.slots, 0);
  const shareOfRun = (ms: number): string => (makespanMs === null || makespanMs === 0 ? "longest chain of tasks" : `${formatShare(Math.min(1, ms / makespanMs))} of the makespan`);
  const bad = tasks.failed + tasks.expired;
  const rest: readonly (readonly [number, string])[] = [
    [tasks.failed, "failed"], [tasks.expired, "expired"], [tasks.cancelled, "cancelled"], [tasks.shed, "shed"], [tasks.skipped, "skipped"],
  ];
  const others = rest.filter(([count]) => count > 0).map(([count, word]) => `${formatCount(count)} ${word}`);
  const all: readonly (Card | undefined)[] = [
    { name: "Makespan", value: formatDuration(makespanMs), words: "start to last completion" },
    { name: "Succeeded", value: formatShare(summary.success_ratio), words: [`${formatCount(tasks.succeeded)} of ${formatMany(tasks.total, "task")}`, ...others].join(", "), ...(bad > 0 ? { tone: "bad" as const } : {}) },
    summary.critical_path_ms === null ? undefined : { name: "Critical path", value: formatDuration(summary.critical_path_ms), words: shareOfRun(summary.critical_path_ms) },
    { name: "Utilization", value: formatShare(summary.utilization), words: `of ${formatMany(slots, "slot")} on ${formatMany(agents.length, "agent")}` },
    { name: "Throughput", value: formatRate(summary.throughput_per_s), words: `${formatRate(summary.goodput_per_s)} succeeded in time` },
    { name: "Wait", value: formatDuration(wait.p50), words: `median; 95 % under ${formatDuration(wait.p95)}` },
    { name: "Service", value: formatDuration(service.p50), words: `median; 95 % under ${formatDuration(service.p95)}` },
    { name: "Attempts", value: formatCount(summary.attempts), words: summary.retries === 0 ? "none repeated" : formatMany(summary.retries, "repeat") },
    summary.cpu_ms === null ? undefined : { name: "Processor", value: formatDuration(summary.cpu_ms), words: summary.cpu_utilization === null ? "computed by tasks" : `${formatShare(summary.cpu_utilization)} of the cores' time` },
    summary.peak_memory_bytes === null ? undefined : { name: "Peak memory", value: formatBytes(summary.peak_memory_bytes), words: "of one attempt" },
    summary.cost_total === null ? undefined : { name: "Cost", value: formatCost(summary.cost_total), words: `${formatCost(summary.cost_per_completed_task)} a completed task` },
    summary.resumed === 0 ? undefined : { name: "Resumed", value: formatCount(summary.resumed), words: `${summary.resumed === 1 ? "task" : "tasks"} done by an earlier run` },
  ];
  const shown = all.filter((card) => card !== undefined);
  return html`<dl class="cards of-${columnsFor(shown.length)}">${shown.map((card) => html`<div class="card${card.tone === "bad" ? " bad" : ""}"><dt>${card.name}</dt><dd><b>${card.value}</b><span class="muted">${card.words}</span></dd></div>`)}</dl>`;
}

/** Rows as even as can be. */
function columnsFor(count: number): number {
  return count > 10 ? 6 : count > 8 ? 5 : 4;
}

/** A duration for tables, where numbers stand under each other. */
export function cell(ms: number | null): Html {
  return html`<td class="number"${ms === null ? undefined : html` title="${threeDigits(ms)} ms"`}>${formatDuration(ms)}</td>`;
}
