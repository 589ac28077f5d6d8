/**
 * The tables of the page: what failed and why, the critical path, the slowest tasks, each type, and the spread of the four
 * durations. They hold in text what the pictures show, so nothing is lost without a script, a mouse or eyes. A task's name is
 * a button that shows it in the timeline.
 */
import { formatCount, formatMany, formatShare } from "../../monitor/format.ts";
import type { Spread } from "../../monitor/summary.ts";
import type { RunReportData } from "./data.ts";
import { html, type Html } from "./html.ts";
import { cell } from "./overview.ts";
import { percentileChart } from "./percentiles.ts";

const ROWS = 100;

function task(taskId: string, label: string): Html {
  return html`<button type="button" class="task" data-task="${taskId}" title="Show ${taskId} in the timeline">${label}</button>`;
}

function more(count: number, what: string): Html | undefined {
  return count > ROWS ? html`<p class="muted small">${formatCount(count - ROWS)} more ${what} are not listed here.</p>` : undefined;
}

export function failedTable({ failures }: RunReportData): Html | undefined {
  if (failures.length === 0) return undefined;
  return html`<section class="card" aria-labelledby="failed"><h2 id="failed">Failed tasks</h2>
<div class="scroll low" tabindex="0" role="region" aria-labelledby="failed"><table><thead><tr><th>Task</th><th>Reason</th><th>Error</th></tr></thead><tbody>
${failures.slice(0, ROWS).map(({ taskId, label, reason, message }) => html`<tr><td>${task(taskId, label)}</td><td><code class="reason">${reason}</code></td><td><pre>${shorten(message)}</pre></td></tr>`)}
</tbody></table></div>${more(failures.length, "failed tasks")}</section>`;
}

/** Enough of an error to know it; the whole is in `makespan logs`. */
function shorten(message: string): string {
  return message.length > 2000 ? `${message.slice(0, 2000)} …` : message;
}

export function pathTable({ criticalPath, summary }: RunReportData): Html | undefined {
  if (criticalPath.length === 0) return undefined;
  const last = criticalPath.at(-1);
  const endMs = Math.max(1, summary.makespan_ms ?? 0, last === undefined ? 0 : last.startMs + last.serviceMs);
  const totalMs = Math.max(1, summary.critical_path_ms ?? 0);
  const rows = criticalPath.slice(0, ROWS).map((step, i) => {
    const before = criticalPath[i - 1];
    const gapMs = Math.max(0, step.startMs - (before === undefined ? 0 : before.startMs + before.serviceMs));
    const x = (100 * step.startMs) / endMs;
    const width = Math.max(0.6, (100 * step.serviceMs) / endMs);
    const gap = (100 * gapMs) / endMs;
    return html`<tr><td>${task(step.taskId, step.label)}</td>${cell(gapMs)}${cell(step.serviceMs)}<td class="number">${formatShare(step.serviceMs / totalMs)}</td>
<td class="fall"><svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="8"/><rect class="gap" x="${(x - gap).toFixed(2)}" width="${gap.toFixed(2)}" height="8"/><rect class="path" x="${Math.min(x, 99.4).toFixed(2)}" width="${width.toFixed(2)}" height="8"/></svg></td></tr>`;
  });
  return html`<section class="card" aria-labelledby="path"><h2 id="path">Critical path</h2>
<p class="muted">The chain of ${formatMany(criticalPath.length, "task")} that bounds the run from below. Pale stretches are time between a task and the one before it: there, it waited for a slot or a limit.</p>
<div class="scroll low" tabindex="0" role="region" aria-labelledby="path"><table><thead><tr><th>Task</th><th class="number">Waited</th><th class="number">Service</th><th class="number">Of the path</th><th class="fall">When</th></tr></thead><tbody>
${rows}
</tbody></table></div>${more(criticalPath.length, "tasks of the path")}</section>`;
}

export function slowestTable({ summary }: RunReportData): Html | undefined {
  const longestMs = Math.max(1, summary.slowest[0]?.service_ms ?? 0);
  if (summary.slowest.length === 0) return undefined;
  return html`<section class="card" aria-labelledby="slowest"><h2 id="slowest">Slowest tasks</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="slowest"><table><thead><tr><th>Task</th><th>Type</th><th class="number">Waited</th><th class="number">Service</th><th class="fall"><span class="hidden">Service as a bar</span></th></tr></thead><tbody>
${summary.slowest.map((slow) => html`<tr><td>${task(slow.task_id, slow.name ?? slow.task_id)}${slow.state === "succeeded" ? undefined : html` <code class="reason">${slow.state}</code>`}</td><td>${slow.type}</td>${cell(slow.wait_ms)}${cell(slow.service_ms)}<td class="fall">${share(slow.service_ms / longestMs)}</td></tr>`)}
</tbody></table></div></section>`;
}

export function typeTable({ summary }: RunReportData): Html | undefined {
  const { by_type: types } = summary;
  if (types.length === 0) return undefined;
  const busyMs = Math.max(1, types.reduce((sum, type) => sum + type.busy_ms, 0));
  return html`<section class="card" aria-labelledby="types"><h2 id="types">By type</h2>
<div class="scroll low" tabindex="0" role="region" aria-labelledby="types"><table><thead><tr><th>Type</th><th class="number">Tasks</th><th class="number">Failed</th><th class="number">Mean</th><th class="number">95 %</th><th class="number">Slot time</th><th class="fall"><span class="hidden">Share of the slot time</span></th></tr></thead><tbody>
${types.slice(0, ROWS).map((type) => html`<tr><td>${type.type}</td><td class="number">${formatCount(type.tasks.total)}</td><td class="number">${formatCount(type.tasks.failed + type.tasks.expired)}</td>${cell(type.service_ms.mean)}${cell(type.service_ms.p95)}<td class="number">${formatShare(type.busy_ms / busyMs)}</td><td class="fall">${share(type.busy_ms / busyMs)}</td></tr>`)}
</tbody></table></div>${more(types.length, "types")}</section>`;
}

function share(part: number): Html {
  return html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="8"/><rect class="work" width="${(100 * part).toFixed(2)}" height="8"/></svg>`;
}

export function latencySection(data: RunReportData): Html {
  const { summary } = data;
  const rows: readonly (readonly [name: string, what: string, spread: Spread])[] = [
    ["Wait", "release to start", summary.wait_ms],
    ["Service", "start to completion, pauses left out", summary.service_ms],
    ["Latency", "assignment to completion", summary.latency_ms],
    ["Sojourn", "first release to completion", summary.sojourn_ms],
  ];
  return html`<section class="card" aria-labelledby="latency"><h2 id="latency">How long tasks took</h2>
${percentileChart(data)}
<div class="scroll" tabindex="0" role="region" aria-labelledby="latency"><table class="spread"><thead><tr><th></th><th class="number">Mean</th><th class="number">Half</th><th class="number">95 %</th><th class="number">99 %</th><th class="number">All</th></tr></thead><tbody>
${rows.map(([name, what, spread]) => html`<tr><th scope="row">${name} <span class="muted small">${what}</span></th>${cell(spread.mean)}${cell(spread.p50)}${cell(spread.p95)}${cell(spread.p99)}${cell(spread.max)}</tr>`)}
</tbody></table></div></section>`;
}
