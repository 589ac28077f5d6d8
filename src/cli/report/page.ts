/**
 * The report of a run as one HTML page that needs nothing else: no network, no other file, and a content security policy that
 * allows only its own style and script, each by its hash. Without a script the words and tables are still there.
 */
import { formatCount } from "../../monitor/format.ts";
import type { RunReportData } from "./data.ts";
import { embeddedJson, hashOf, html, trusted, type Html } from "./html.ts";
import { cards, header, standout } from "./overview.ts";
import { pageScript } from "./script/script.ts";
import { pageStyle } from "./style.ts";
import { failedTable, latencySection, pathTable, slowestTable, typeTable } from "./tables.ts";
import { timelineOf, type Timeline } from "./timeline.ts";

/** As many shades as the style has for kinds of agents. */
const KIND_COLOURS = 5;

/** One self-contained page; 20,000 attempts make about 1.5 MB. */
export function renderRunReport(data: RunReportData): string {
  const { timeline, hidden } = timelineOf(data);
  return renderPage({
    title: data.title,
    what: "run report",
    timeline,
    body: html`${header(data)}
${standout(data)}
${cards(data)}
${failedTable(data)}
${data.attempts.length === 0 ? undefined : timelineSection(hidden, timeline)}
<div class="columns"><div>${pathTable(data)}${slowestTable(data)}</div><div>${latencySection(data)}${typeTable(data)}</div></div>
${notes(data.notes, "Percentiles are within 1 % of the exact ones. ")}`,
  });
}

export interface Page {
  readonly title: string;
  /** What the page is, for the title of the window. */
  readonly what: string;
  /** Drawn by the script in the section that `timelineSection` makes. */
  readonly timeline: Timeline;
  readonly body: Html;
}

/** The frame that all pages with a timeline share. */
export function renderPage({ title, what, timeline, body }: Page): string {
  const policy = `default-src 'none'; style-src ${hashOf(pageStyle)}; script-src ${hashOf(pageScript)}; img-src data:; base-uri 'none'; form-action 'none'`;
  return html`${trusted("<!doctype html>")}
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="makespan">
<title>${title} · ${what}</title>
<link rel="icon" href="data:,">
<style>${trusted(pageStyle)}</style>
</head>
<body>
<a class="skip" href="#timeline">Skip to the timeline</a>
<main>
${body}
</main>
<div id="tip" role="status" aria-live="polite" hidden></div>
<script type="application/json" id="data">${embeddedJson(timeline)}</script>
<script>${trusted(pageScript)}</script>
</body>
</html>
`.html;
}

export function timelineSection(hidden: number, { bars, series }: Timeline): Html {
  const thinned =
    hidden === 0
      ? undefined
      : html`<p class="note">There were ${formatCount(hidden + bars.at.length)} attempts. To stay fast, short neighbours in a lane are drawn as one block (${formatCount(bars.at.length)} bars); failed attempts and the critical path are drawn one by one, and the curves below count every attempt.</p>`;
  return html`<section class="card" aria-labelledby="timeline"><div class="bar-top"><h2 id="timeline">Timeline</h2>
<div class="tools" hidden>
<fieldset><legend class="hidden">Colour by</legend><label><input type="radio" name="colour" value="type" checked><span>Type</span></label><label><input type="radio" name="colour" value="outcome"><span>Outcome</span></label></fieldset>
<label class="check"><input type="checkbox" id="show-path" checked> Critical path</label>
<div class="zoom"><button type="button" data-zoom="out" title="Zoom out (-)">−</button><button type="button" data-zoom="in" title="Zoom in (+)">+</button><button type="button" data-zoom="fit" title="The whole run (0)">Whole run</button></div>
</div></div>
${thinned}
<div id="legend" class="legend"></div>
<noscript><p class="note">The timeline is drawn by a script, which is turned off here. The tables below hold the same facts.</p></noscript>
<div id="gantt" class="plot" tabindex="0" role="application" aria-roledescription="timeline" aria-label="Attempts by agent over time. Arrow keys go from attempt to attempt, plus and minus zoom, 0 shows the whole run."><div class="spacer"><canvas></canvas></div></div>
<h3 class="plot-name" id="busy-name">Slots in use <span class="muted small kinds">${series.kinds.map(({ kind }, i) => html`<span><svg viewBox="0 0 1 1" aria-hidden="true"><rect class="kind-${i % KIND_COLOURS}" width="1" height="1"/></svg>${kind}</span>`)}<span>dashed: all slots</span></span></h3>
<div class="plot" id="busy" role="img" aria-labelledby="busy-name"><canvas></canvas></div>
${series.waiting !== undefined ? html`<h3 class="plot-name" id="waiting-name">Tasks waiting <span class="muted small">released, not started</span></h3>
<div class="plot" id="waiting" role="img" aria-labelledby="waiting-name"><canvas></canvas></div>` : undefined}
<p class="muted small help">Drag to zoom in on a stretch, double-click for the whole run, Ctrl + wheel to zoom, Shift + wheel to move. With the keyboard: arrows, +, −, 0.</p>
</section>`;
}

/** @param before stands before the last sentence */
export function notes(sentences: readonly string[], before = ""): Html {
  return html`<footer class="muted">${sentences.map((note) => html`<p>${note}</p>`)}<p>${before}Made by Makespan.</p></footer>`;
}
