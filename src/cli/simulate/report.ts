/**
 * The report of simulations as one HTML page that needs nothing else: the policies side by side, the distribution of their
 * sojourns, and what there was over time. No script; a content security policy allows its own style and nothing more.
 */
import type { SimulationRun } from "../../app/simulate/run.ts";
import { formatCount, formatDuration, formatShare, threeDigits } from "../../monitor/format.ts";
import type { SimulationResult } from "../../sim/index.ts";
import { hashOf, html, trusted, type Html } from "../report/html.ts";
import { pageStyle } from "../report/style.ts";
import { isBest, MEASURES } from "./measure.ts";
import { COLOURS, linearAxis, logAxis, plot, rarityAxis, type Curve } from "./report/plot.ts";

export interface SimulationReport {
  readonly title: string;
  readonly notes: readonly string[];
  readonly generatedAt: number;
  /** One for each policy, with plots. */
  readonly runs: readonly SimulationRun[];
}

const STEPS = 200;

const style = `${pageStyle}
.plot-svg{display:block;width:100%;height:auto}.plot-svg .grid{stroke:var(--line)}.plot-svg text{font-size:12px;fill:var(--muted)}
.plots{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:16px}
.best{color:var(--good);font-weight:600}.key svg{width:11px;height:11px}.key{display:flex;flex-wrap:wrap;gap:4px 16px;margin:0;padding:0;list-style:none}.key li{display:flex;gap:6px;align-items:center}
${Array.from({ length: COLOURS }, (_, index) => `.stroke-${index}{stroke:var(--type-${index})}.fill-${index}{fill:var(--type-${index})}`).join("")}
@media (max-width:900px){.plots{grid-template-columns:minmax(0,1fr)}}
`;

export function renderSimulationReport(report: SimulationReport): string {
  const { title, notes, generatedAt, runs } = report;
  const results = runs.map(({ result }) => result);
  const policy = `default-src 'none'; style-src ${hashOf(style)}; img-src data:; base-uri 'none'; form-action 'none'`;
  const at = new Date(generatedAt).toISOString();
  return html`${trusted("<!doctype html>")}
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="makespan">
<title>${title} · simulation</title>
<link rel="icon" href="data:,">
<style>${trusted(style)}</style>
</head>
<body>
<main>
<header><div><h1>${title}</h1><p class="muted">Simulated <time datetime="${at}">${at.slice(0, 16).replace("T", " ")} UTC</time>: ${formatCount(results[0]?.tasks ?? 0)} tasks, ${formatCount(results[0]?.by_agent.length ?? 0)} agents</p></div></header>
${comparison(results)}
<div class="plots">${plots(runs)}</div>
${results.map(groups)}
<footer class="muted">${notes.map((note) => html`<p>${note}</p>`)}<p>Percentiles are within 1 % of the exact ones. Made by Makespan.</p></footer>
</main>
</body>
</html>
`.html;
}

function comparison(results: readonly SimulationResult[]): Html {
  return html`<section class="card" aria-labelledby="policies"><h2 id="policies">${results.length > 1 ? "Policies compared" : "Figures"}</h2>
<div class="scroll"><table><thead><tr><th>Policy</th>${MEASURES.map(({ title }) => html`<th class="number">${title.toLowerCase()}</th>`)}</tr></thead><tbody>
${results.map((result, index) => html`<tr><th>${key(index)} ${result.policy}</th>${MEASURES.map((measure) => html`<td class="number${isBest(measure, result, results) ? " best" : ""}">${measure.format(measure.value(result))}</td>`)}</tr>`)}
</tbody></table></div></section>`;
}

function key(index: number): Html {
  return html`<svg width="11" height="11" viewBox="0 0 1 1" aria-hidden="true"><rect class="fill-${index % COLOURS}" width="1" height="1"/></svg>`;
}

function plots(runs: readonly SimulationRun[]): readonly Html[] {
  const shown = runs.flatMap(({ result, plots }) => (plots === undefined ? [] : [{ name: result.policy, plots }]));
  if (shown.length === 0) return [];
  const most = Math.max(...shown.map(({ plots }) => plots.completed));
  const rarity = rarityAxis(most, "share of tasks that were at most this long");
  const last = 1 - 1 / Math.max(10, most);
  const sojourns = shown.map(({ name, plots }): Curve => ({
    name,
    points: Array.from({ length: STEPS + 1 }, (_, step) => (1 - (1 - last) ** (step / STEPS))).map((share) => [share, plots.sojournQuantile(share)]),
  }));
  const over = (of: (plots: (typeof shown)[number]["plots"]) => readonly number[]): readonly Curve[] =>
    shown.map(({ name, plots }) => ({ name, points: of(plots).map((value, index) => [(index + 0.5) * plots.series.stretchMs, value]) }));
  const queue = over(({ series }) => series.inSystem);
  const busy = over(({ series, workers }) => series.busy.map((value) => value / workers));
  const endMs = Math.max(...queue.flatMap(({ points }) => points.at(-1)?.[0] ?? 0));
  const time = linearAxis(endMs, "virtual time", formatDuration);
  const highest = Math.max(...queue.flatMap(({ points }) => points.map(([, y]) => y)));
  const legend = shown.length < 2 ? undefined : html`<ul class="key">${shown.map(({ name }, index) => html`<li>${key(index)} ${name}</li>`)}</ul>`;
  const card = (title: string, body: Html): Html => html`<section class="card"><h2>${title}</h2>${legend}${body}</section>`;
  return [
    card("Sojourn", plot("Percentile curves of the sojourn", sojourns, rarity, logAxis(sojourns.flatMap(({ points }) => points.map(([, y]) => y)), "", formatDuration))),
    card("Tasks in the system", plot("Tasks in the system over time", queue, time, linearAxis(highest, "", threeDigits))),
    card("Utilization", plot("Share of agents at work over time", busy, time, linearAxis(1, "", formatShare))),
  ];
}

/** Figures by type, tenant and agent of one policy. */
function groups(result: SimulationResult): Html | undefined {
  const kinds = [["type", result.by_class], ["tenant", result.by_tenant], ["agent", result.by_agent]] as const;
  const shown = kinds.filter(([, rows]) => rows.length > 1);
  if (shown.length === 0) return undefined;
  return html`<section class="card"><h2>${result.policy}</h2><div class="scroll low" tabindex="0" role="region" aria-label="Groups under ${result.policy}"><table><thead><tr><th>Group</th><th class="number">tasks</th><th class="number">sojourn</th><th class="number">p99</th><th class="number">wait</th><th class="number">slowdown</th><th class="number">missed</th></tr></thead><tbody>
${shown.flatMap(([kind, rows]) => rows.slice(0, 50).map((row) => html`<tr><th><span class="muted">${kind}</span> ${row.name}</th><td class="number">${formatCount(row.tasks)}</td><td class="number">${formatDuration(row.sojourn_ms.mean)}</td><td class="number">${formatDuration(row.sojourn_ms.p99)}</td><td class="number">${formatDuration(row.wait_ms.mean)}</td><td class="number">${row.slowdown.mean === null ? "–" : threeDigits(row.slowdown.mean)}</td><td class="number">${row.tasks_with_due_date === 0 ? "" : formatCount(row.deadline_misses)}</td></tr>`))}
</tbody></table></div></section>`;
}
