// A run under way as lines: what they say, that they fit, and when they say it will be done.
import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { test } from "node:test";
import { widthOf } from "../../src/cli/view/columns.ts";
import { estimateRemainingMs, progressLine, renderProgress, type ProgressState } from "../../src/cli/view/progress.ts";
import { createThroughput } from "../../src/cli/view/throughput.ts";

const state: ProgressState = {
  title: "flow.yaml", elapsedMs: 42_000, total: 1000, isTotalFinal: true, succeeded: 400, failed: 12, dropped: 3, resumed: 20, slots: 8,
  running: [
    { label: "short", agent: "threads", forMs: 10 },
    { label: "long\nname \u001b[2J", agent: "commands", forMs: 9000, progress: 0.4, note: "reading" },
  ],
  recentPerS: 9.75, meanServiceMs: 300, failures: [{ seq: 1, label: "b", message: "exit 1\nsecond line" }],
};

test("the lines say how far, how fast, how long, what runs and what failed", () => {
  const [bar, counts, first, second, failure, ...rest] = renderProgress(state, 110, false);
  assert.match(bar ?? "", /^flow\.yaml █+░+ 42 % {2}415\/1,000$/);
  assert.equal(counts, "12 failed · 2 running · 583 waiting · about 1 min left · 9.75/s · 42 s so far · 3 not run · 20 done before");
  assert.match(first ?? "", /^ {10}9 s {2}commands {2}long name {2}40 % reading$/);
  assert.match(second ?? "", /10 ms {2}threads {3}short$/);
  assert.equal(failure, "failed: b: exit 1 second line");
  assert.deepEqual(rest, []);
  assert.equal(renderProgress({ ...state, notice: "paused" }, 80, false).at(-1), "paused");
});

test("no line is wider than the terminal, in colour or not, and there are never many", () => {
  const running = Array.from({ length: 40 }, (_, i) => ({ label: `日本語 ${"x".repeat(i * 5)}`, agent: `agent-${i}`, forMs: i * 7777, progress: i / 40, note: "n".repeat(i) }));
  const failures = Array.from({ length: 9 }, (_, i) => ({ seq: i + 1, label: "l".repeat(i * 30), message: "m" }));
  for (const colour of [true, false]) {
    for (let width = 20; width < 200; width += 7) {
      const lines = renderProgress({ ...state, running, failures, title: "t".repeat(99), notice: "n".repeat(300) }, width, colour);
      assert.ok(lines.length <= 15);
      for (const line of lines) assert.ok(widthOf(stripVTControlCharacters(line)) <= width, `${width}: ${line}`);
    }
  }
});

test("no escape sequence without colour", () => {
  assert.ok(!renderProgress(state, 80, false).join("").includes("\u001b"));
});

test("failures take their part of the bar, at least one cell", () => {
  const bar = renderProgress({ ...state, failed: 1 }, 80, true)[0] ?? "";
  assert.ok(bar.includes("\u001b[31m█\u001b[39m"));
});

test("a list still being read has no share and no end", () => {
  const open = { ...state, isTotalFinal: false };
  assert.match(renderProgress(open, 80, false)[0] ?? "", / 415\/1,000\+$/);
  assert.equal(estimateRemainingMs(open), undefined);
  assert.ok(progressLine(open).startsWith("415 of 1,000+ done, 12 failed"));
});

test("time left: by the pace of late, else by mean service and slots, else unknown, and none at the end", () => {
  assert.equal(estimateRemainingMs(state), 60_000);
  assert.equal(estimateRemainingMs({ ...state, recentPerS: undefined }), Math.ceil(585 / 8) * 300);
  assert.equal(estimateRemainingMs({ ...state, recentPerS: 0 }), Math.ceil(585 / 8) * 300);
  assert.equal(estimateRemainingMs({ ...state, recentPerS: undefined, meanServiceMs: undefined }), undefined);
  assert.equal(estimateRemainingMs({ ...state, succeeded: 985 }), 0);
});

test("an empty run is complete", () => {
  const empty = { ...state, total: 0, succeeded: 0, failed: 0, dropped: 0, running: [], failures: [] };
  assert.match(renderProgress(empty, 80, false)[0] ?? "", /100 % {2}0\/0$/);
});

test("throughput is that of the window, and of the start while the run is younger", () => {
  const pace = createThroughput(0, 10_000);
  assert.equal(pace.perSecond(100), undefined);
  for (let ms = 100; ms <= 2000; ms += 100) pace.record(ms);
  assert.equal(pace.perSecond(2000), 10);
  for (let ms = 2100; ms <= 60_000; ms += 50) pace.record(ms);
  const late = pace.perSecond(60_000) ?? 0;
  assert.ok(Math.abs(late - 20) < 1, String(late));
  assert.equal(pace.perSecond(75_000), undefined);
  pace.record(100_000, 40);
  assert.ok((pace.perSecond(100_000) ?? 0) > 3);
});
