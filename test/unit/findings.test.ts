// What stands out: each kind of run gets the advice that fits it, and none that does not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { findings, type FindingsInput } from "../../src/monitor/findings.ts";
import { createRunKpis } from "../../src/monitor/kpi.ts";
import type { RunSummary } from "../../src/monitor/summary.ts";

const nothing = createRunKpis({ agents: [] }).summary();
const tasks = { total: 100, succeeded: 100, failed: 0, cancelled: 0, expired: 0, shed: 0, skipped: 0 };
const run: RunSummary = { ...nothing, tasks, attempts: 100, makespan_ms: 100_000, utilization: 0.6, critical_path_ms: 55_000 };

function kinds(changes: Partial<RunSummary>, rest: Partial<FindingsInput> = {}): readonly string[] {
  return findings({ summary: { ...run, ...changes }, criticalPath: [], agents: [], ...rest }).map((one) => one.kind);
}

function textOf(changes: Partial<RunSummary>, rest: Partial<FindingsInput> = {}): string {
  return findings({ summary: { ...run, ...changes }, criticalPath: [], agents: [], ...rest })
    .map((one) => `${one.headline} ${one.detail}`)
    .join("\n");
}

test("a critical path near the makespan says that agents do not help, and names the task that does", () => {
  const criticalPath = [{ label: "fetch", serviceMs: 20_000 }, { label: "train", serviceMs: 62_000 }];
  const text = textOf({ critical_path_ms: 82_000, utilization: 0.3 }, { criticalPath });
  assert.match(text, /More agents will not help much/);
  assert.match(text, /2 tasks that wait for each other\) is 1 min 22 s, 82 % of the makespan while slots were 30 % busy/);
  assert.match(text, /longest task is train: 1 min 02 s, 76 % of it/);
});

test("full slots with a short path say that more slots help, and how far", () => {
  const text = textOf({ utilization: 0.97, critical_path_ms: 12_000 });
  assert.match(text, /More slots would cut the time/);
  assert.match(text, /97 % busy and the critical path is only 12 % of the makespan/);
  assert.match(text, /1 min 40 s down to about 48.5 s/);
});

test("no promise goes below the critical path", () => {
  assert.match(textOf({ utilization: 0.9, critical_path_ms: 60_000 }), /down to about 1 min,/);
});

test("a full processor is not helped by slots", () => {
  assert.deepEqual(kinds({ utilization: 0.97, critical_path_ms: 12_000, cpu_utilization: 0.95 }), ["cpu-bound"]);
});

test("one full kind of agent among idle ones is named", () => {
  const agents = [
    { kind: "thread", slots: 2, busyMs: 190_000 },
    { kind: "command", slots: 4, busyMs: 10_000 },
    { kind: "command", slots: 4, busyMs: 30_000 },
  ];
  const text = textOf({ utilization: 0.23, critical_path_ms: 5_000 }, { agents });
  assert.match(text, /The thread agents are the bottleneck/);
  assert.match(text, /2 slots were 95 % busy; the next kind, command, was 5 % busy/);
});

test("idle slots and a short path point at limits and releases; the rest is balance", () => {
  assert.deepEqual(kinds({ utilization: 0.2, critical_path_ms: 10_000 }), ["idle"]);
  assert.deepEqual(kinds({ utilization: 0.2, critical_path_ms: null }), ["idle"]);
  assert.deepEqual(kinds({}), ["balanced"]);
});

test("failures come first and say how to go on", () => {
  const text = textOf({ tasks: { ...tasks, succeeded: 94, failed: 2, expired: 1, skipped: 3 } });
  assert.match(text, /^3 tasks failed \(1 past the deadline\), and 3 never ran because of that\..*--retry-failed/);
});

test("a task that dwarfs the others, a dominant type and many repeats are seen", () => {
  const spread = { mean: 900, p50: 400, p95: 1000, p99: 1000, max: 40_000 };
  const slow = { task_id: "t9", name: "huge.csv", type: "parse", state: "succeeded", agent: "a", service_ms: 40_000, wait_ms: 0, attempts: 1 };
  const type = { type: "parse", tasks, attempts: 100, wait_ms: spread, service_ms: spread, busy_ms: 80, cpu_ms: null, cost_total: null };
  const text = textOf({
    service_ms: spread, slowest: [slow], by_type: [type, { ...type, type: "list", busy_ms: 20 }], attempts: 125, retries: 25, resumed: 1,
  });
  assert.match(text, /far longer than the rest: huge.csv\. It ran for 40 s, 40 times what 95 % of the tasks need and 40 % of the makespan/);
  assert.match(text, /Most of the work is parse: 80 % of the slot time/);
  assert.match(text, /20 % of the attempts were repeats/);
  assert.match(text, /1 task was already done/);
});

test("a run without tasks, and one in which nothing was measured, have something to say or nothing to blame", () => {
  assert.deepEqual(findings({ summary: nothing, criticalPath: [], agents: [] }).map((one) => one.kind), ["empty"]);
  assert.match(textOf({ tasks: nothing.tasks, resumed: 40 }), /All 40 tasks were done by an earlier run/);
  assert.deepEqual(kinds({ makespan_ms: null, utilization: null, critical_path_ms: null }), []);
  assert.deepEqual(kinds({ makespan_ms: 0 }), []);
});
