// The text at the end of a run: the facts, the width, and no colour where none is wanted.
import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { test } from "node:test";
import { renderRunText } from "../../src/cli/report/text.ts";
import { widthOf } from "../../src/cli/view/columns.ts";
import { createRunKpis } from "../../src/monitor/kpi.ts";
import { makeReportData } from "../support/report-data.ts";

const medium = makeReportData({ tasks: 300, failing: 0.03 });

test("it says how the run went, the KPIs, the path, the slowest and the failures", () => {
  const text = renderRunText(medium, { width: 100 });
  assert.match(text, /^source-report: 294 of 302 tasks succeeded, 8 failed, in 24\.2 s\.\n/);
  for (const words of [/Makespan +24\.2 s/, /Utilization +41 % of 12 slots/, /Wait +half under/, /What stands out\n {2}! 8 tasks failed/, /Critical path\n +113 ms +3 % {2}list files/, /Slowest tasks\n/, /Failed tasks\n {2}t4 measure src\/engine\/file-0\.ts {2}exit_code: Command failed/]) {
    assert.match(text, words);
  }
});

test("all that ran is not called all while tasks are left", () => {
  const summary = { ...medium.summary, makespan_ms: null, tasks: { ...medium.summary.tasks, total: 1, succeeded: 1, failed: 0, skipped: 0 } };
  const verdict = (left: number): string | undefined => renderRunText({ ...medium, summary, left }).split("\n")[0];
  assert.equal(verdict(0), "source-report: 1 task succeeded.");
  assert.equal(verdict(3), "source-report: 1 task succeeded, 3 left.");
});

test("no line is wider than the terminal, and colour changes nothing but colour", () => {
  for (let width = 40; width <= 120; width += 8) {
    const text = renderRunText(medium, { width });
    assert.ok(!text.includes("\u001b"));
    for (const line of text.split("\n")) assert.ok(widthOf(line) <= width, `${width}: ${line}`);
    assert.equal(stripVTControlCharacters(renderRunText(medium, { width, colour: true })), text);
  }
});

test("names with control characters cannot reach the terminal", () => {
  const failures = [{ taskId: "t1", label: "a\u001b[2J\nb", reason: "exit\u0007", message: "x\r\ny" }];
  const text = renderRunText({ ...medium, title: "\u001b]0;evil\u0007", failures, notes: ["n\u001b[31m"] });
  assert.ok(!/\p{Cc}/u.test(text.replaceAll("\n", "")));
  assert.match(text, /t1 a b {2}exit: x y/);
});

test("long lists end with how many more there are", () => {
  const failures = Array.from({ length: 25 }, (_, i) => ({ taskId: `t${i}`, label: "a", reason: "r", message: "m" }));
  assert.match(renderRunText({ ...medium, failures }), /and 15 more/);
});

test("a run with nothing in it is one line and a reason", () => {
  const summary = createRunKpis({ agents: [] }).summary();
  const text = renderRunText({ ...medium, title: "empty", summary, agents: [], attempts: [], criticalPath: [], failures: [], notes: [] });
  assert.equal(text, "empty: nothing to do.\n\nWhat stands out\n  * There was nothing to do.\n    The run had no tasks.");
});
