// What the timeline draws: lanes without overlap, thinning that loses no time and no failure, and exact load over time.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReportAttempt, RunReportData } from "../../src/cli/report/data.ts";
import { layLanes, thinOut } from "../../src/cli/report/lanes.ts";
import { seriesOf } from "../../src/cli/report/series.ts";
import { timelineOf } from "../../src/cli/report/timeline.ts";
import { makeReportData } from "../support/report-data.ts";

const base = makeReportData({ tasks: 12 });

function dataOf(attempts: readonly (Partial<ReportAttempt> & { readonly from: number; readonly to: number })[]): RunReportData {
  return {
    ...base,
    startedAt: 1000,
    summary: { ...base.summary, makespan_ms: null },
    criticalPath: [],
    agents: [{ id: 1, name: "a", kind: "thread", slots: 2 }, { id: 2, name: "b", kind: "command", slots: 3 }],
    attempts: attempts.map(({ from, to, ...rest }, i) => ({
      taskId: `t${i}`, label: `task ${i}`, type: "work", agentId: 1, assignedAt: 1000 + from, startedAt: 1000 + from, endedAt: 1000 + to,
      outcome: "succeeded", attempt: 1, ...rest,
    })),
  };
}

test("attempts take the first free lane of their agent; an idle agent keeps one", () => {
  const { lanes, bars, endMs } = layLanes(dataOf([{ from: 0, to: 10 }, { from: 5, to: 15 }, { from: 10, to: 20 }, { from: 12, to: 13 }]));
  assert.deepEqual(lanes.map((lane) => lane.agent), [0, 0, 0, 1]);
  assert.deepEqual(bars.map((bar) => [bar.attempt.label, bar.lane]), [["task 0", 0], ["task 2", 0], ["task 1", 1], ["task 3", 2]]);
  assert.equal(endMs, 20);
});

test("no two bars of a lane overlap in a large run, and every attempt is there", () => {
  const data = makeReportData({ tasks: 3000 });
  const { bars } = layLanes(data);
  assert.equal(bars.length, data.attempts.length);
  bars.slice(1).forEach((bar, i) => {
    const before = bars[i];
    if (before?.lane === bar.lane) assert.ok(before.atMs + before.lengthMs <= bar.atMs + 1e-6);
  });
});

test("thinning out keeps the count, the time in use, failures and the critical path", () => {
  const data = makeReportData({ tasks: 6000, failing: 0.03 });
  const { bars } = layLanes(data);
  const keep = new Set(data.criticalPath.map((step) => step.taskId));
  const thin = thinOut(bars, 1500, keep);
  const sum = (list: typeof bars, of: (bar: (typeof bars)[number]) => number): number => list.reduce((total, bar) => total + of(bar), 0);
  assert.ok(thin.length <= 1500);
  assert.equal(sum(thin, (bar) => bar.count), bars.length);
  assert.ok(Math.abs(sum(thin, (bar) => bar.busyMs) - sum(bars, (bar) => bar.busyMs)) < 1);
  const special = (list: typeof bars): number => list.filter(({ attempt }) => attempt.outcome !== "succeeded" || keep.has(attempt.taskId)).length;
  assert.equal(special(thin), special(bars));
  assert.equal(thinOut(bars, bars.length, keep), bars);
});

test("thinning out ends even when nothing may be joined", () => {
  const data = dataOf(Array.from({ length: 50 }, (_, i) => ({ from: i, to: i + 1, outcome: "failed" as const })));
  assert.equal(thinOut(layLanes(data).bars, 10, new Set()).length, 50);
});

test("load over time is exact: its sum is the busy time of each kind, and waiting ends at the start", () => {
  const data = dataOf([
    { from: 0, to: 400, readyAt: 1000 },
    { from: 100.25, to: 300.75, readyAt: 1000 },
    { from: 250, to: 1000, agentId: 2, readyAt: 1100 },
  ]);
  const { stepMs, kinds, waiting } = seriesOf(data, 1000);
  const areaMs = (values: readonly number[]): number => values.reduce((sum, value) => sum + value * stepMs, 0);
  assert.deepEqual(kinds.map(({ kind, slots }) => [kind, slots]), [["thread", 2], ["command", 3]]);
  assert.ok(Math.abs(areaMs(kinds[0]?.busy ?? []) - 600.5) < 0.01);
  assert.ok(Math.abs(areaMs(kinds[1]?.busy ?? []) - 750) < 0.01);
  assert.ok(Math.abs(areaMs(waiting ?? []) - 250.25) < 0.01);
  assert.equal(kinds[0]?.busy[400], 2);
  assert.equal(seriesOf(dataOf([{ from: 0, to: 5 }]), 5).waiting, undefined);
});

test("the columns of the page agree with the run, and rare types share a name", () => {
  const data = makeReportData({ tasks: 300 });
  const { timeline, hidden } = timelineOf(data);
  assert.equal(hidden, 0);
  assert.equal(timeline.bars.at.length, data.attempts.length);
  assert.deepEqual(timeline.path.map((bar) => timeline.bars.task[bar]), data.criticalPath.map((step) => step.taskId));
  const many = dataOf(Array.from({ length: 30 }, (_, i) => ({ from: i, to: i + 1 + i / 10, type: `type ${i}` })));
  assert.equal(timelineOf(many).timeline.types.length, 8);
  assert.equal(timelineOf(many).timeline.types.at(-1), "other types");
  assert.ok(timelineOf(many, 5).hidden >= 0);
});

test("a run without attempts has lanes and no bars", () => {
  const { timeline } = timelineOf(dataOf([]));
  assert.deepEqual([timeline.bars.at.length, timeline.lanes.length, timeline.endMs], [0, 2, 0]);
});
