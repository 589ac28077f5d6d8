// The report page: self-contained, escaped, valid where a machine can tell, and saying what the numbers say.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Script } from "node:vm";
import type { RunReportData } from "../../src/cli/report/data.ts";
import { html, htmlOf } from "../../src/cli/report/html.ts";
import { renderRunReport } from "../../src/cli/report/page.ts";
import { curvesOf } from "../../src/cli/report/percentiles.ts";
import { createRunKpis } from "../../src/monitor/kpi.ts";
import { makeReportData } from "../support/report-data.ts";

const medium = makeReportData({ tasks: 300, failing: 0.03 });
const page = renderRunReport(medium);
const nothing: RunReportData = {
  title: "empty", generatedAt: 0, summary: createRunKpis({ agents: [] }).summary(), agents: [], attempts: [], criticalPath: [], failures: [], notes: [],
};

function blocks(text: string, name: string): readonly string[] {
  return [...text.matchAll(new RegExp(`<${name}[^>]*>([\\s\\S]*?)</${name}>`, "g"))].map((match) => match[1] ?? "");
}

test("the page needs nothing from outside", () => {
  assert.deepEqual(page.match(/(?:src|href)="(?!#|data:,)[^"]*"/g), null);
  assert.ok(!/@import|url\(|https?:\/\//.test(page));
});

test("its policy allows its own style and script by their hashes, and it uses no inline style or handler", () => {
  const hashOf = (text: string): string => `sha256-${createHash("sha256").update(text).digest("base64")}`;
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll("&#39;", "'") ?? "";
  const script = blocks(page, "script").at(-1) ?? "";
  assert.ok(policy.startsWith("default-src 'none'"));
  assert.ok(policy.includes(`script-src '${hashOf(script)}'`));
  assert.ok(policy.includes(`style-src '${hashOf(blocks(page, "style")[0] ?? "")}'`));
  assert.equal(/<[^>]* (?:style|on\w+)=/.exec(page.replace(script, "")), null);
  assert.ok(new Script(script) instanceof Script);
});

test("the embedded data is JSON with every attempt", () => {
  const data = JSON.parse(blocks(page, "script")[0] ?? "") as { bars: { at: number[] } };
  assert.equal(data.bars.at.length, medium.attempts.length);
});

test("elements are closed in the order in which they were opened, and ids are unique", () => {
  const markup = page.replace(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, "");
  const open: string[] = [];
  for (const [, close, name = "", self] of markup.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*?(\/?)>/g)) {
    if (self === "/" || ["meta", "link", "input", "br"].includes(name)) continue;
    if (close === "/") assert.equal(open.pop(), name);
    else open.push(name);
  }
  assert.deepEqual(open, []);
  const ids = [...markup.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]);
  assert.equal(new Set(ids).size, ids.length);
  for (const [, id] of markup.matchAll(/(?:aria-labelledby="|href="#)([^"]+)"/g)) assert.ok(ids.includes(id), id);
});

test("whatever a task is called, it stays text", () => {
  const evil = `</script><!--<img src=x onerror="alert(1)">'&\u0000`;
  const text = renderRunReport({
    ...medium,
    title: evil,
    command: evil,
    agents: medium.agents.map((agent) => ({ ...agent, name: evil, kind: evil })),
    attempts: medium.attempts.map((attempt) => ({ ...attempt, label: evil, type: evil, taskId: evil })),
    criticalPath: medium.criticalPath.map((step) => ({ ...step, label: evil, taskId: evil })),
    failures: [{ taskId: evil, label: evil, reason: evil, message: evil }],
    summary: {
      ...medium.summary,
      slowest: medium.summary.slowest.map((slow) => ({ ...slow, name: evil, type: evil, task_id: evil, state: evil })),
      by_type: medium.summary.by_type.map((type) => ({ ...type, type: evil })),
    },
    notes: [evil],
  });
  assert.ok(!text.includes("<img") && !text.includes("<!--") && !text.includes("\u0000"));
  assert.equal(text.split("</script>").length, page.split("</script>").length);
});

test("the words of the page are those of the run", () => {
  for (const words of ["8 tasks failed", "More slots", "Critical path", "Slowest tasks", "By type", "Failed tasks", "exit_code", "Skip to the timeline"]) {
    assert.ok(page.toLowerCase().includes(words.toLowerCase()), words);
  }
  assert.ok(page.includes("No such file &amp; no such &quot;directory&quot;"));
  assert.ok(!page.includes("NaN") && !page.includes("undefined,") && !page.includes(">undefined<"));
});

test("a run with nothing in it still makes a page", () => {
  const text = renderRunReport(nothing);
  assert.ok(text.includes("Nothing to do") && text.includes("There was nothing to do."));
  assert.ok(!text.includes('id="gantt"') && !text.includes("NaN"));
});

test("a large run is thinned out and says so", () => {
  const large = makeReportData({ tasks: 26_000, slots: 16 });
  const text = renderRunReport(large);
  assert.match(text, /There were 26,\d{3} attempts\. .*drawn as one block/);
  assert.ok(text.length < 4_000_000);
});

test("the percentile curves know pauses, retries and the first release", () => {
  const attempt = { taskId: "t1", label: "a", type: "x", agentId: 1, assignedAt: 0, attempt: 1 };
  const curves = curvesOf({
    ...nothing,
    attempts: [
      { ...attempt, readyAt: 100, startedAt: 110, endedAt: 150, outcome: "parked" },
      { ...attempt, readyAt: 500, startedAt: 520, endedAt: 560, outcome: "failed", attempt: 2 },
      { ...attempt, readyAt: 600, startedAt: 605, endedAt: 675, outcome: "succeeded", attempt: 3 },
    ],
  });
  assert.deepEqual(curves.map(({ name, values }) => [name, ...values]), [["sojourn", 575], ["service", 110], ["wait", 5]]);
});

test("html escapes every value that is not html itself", () => {
  assert.equal(htmlOf(html`<b title="${`"'`}">${["<", html`<i>${1}</i>`, undefined]}</b>`), `<b title="&quot;&#39;">&lt;<i>1</i></b>`);
});
