// The KPIs of a run against numbers worked out by hand, and their edges: nothing ran, nothing was measured, clocks that step.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRunKpis } from "../../src/monitor/kpi.ts";
import type { SettledTask } from "../../src/monitor/measures.ts";

const start = 1_000_000;

/** A task that waited 100 ms, was assigned at once and ran for 400 ms. */
function task(changes: Partial<SettledTask> = {}): SettledTask {
  return {
    taskId: "t1", name: "one", type: "build", state: "succeeded", agent: "local", createdAt: start, readyAt: start,
    assignedAt: start + 90, startedAt: start + 100, finishedAt: start + 500, servedMs: 0, cpuMs: 0, peakMemoryBytes: 0, cost: 0,
    attempts: 1, ...changes,
  };
}

function isNear(found: number | null, expected: number): void {
  assert.ok(found !== null && Math.abs(found - expected) <= expected * 0.01, `${found} for ${expected}`);
}

test("nothing measured is null, never NaN", () => {
  const summary = createRunKpis({ agents: [] }).summary();
  assert.ok(!JSON.stringify(summary).includes("NaN"));
  assert.deepEqual(summary, {
    tasks: { total: 0, succeeded: 0, failed: 0, cancelled: 0, expired: 0, shed: 0, skipped: 0 },
    attempts: 0, retries: 0, makespan_ms: null, throughput_per_s: null, goodput_per_s: null, late: 0, at_risk: null,
    wait_ms: { mean: null, p50: null, p95: null, p99: null, max: null },
    service_ms: { mean: null, p50: null, p95: null, p99: null, max: null },
    latency_ms: { mean: null, p50: null, p95: null, p99: null, max: null },
    sojourn_ms: { mean: null, p50: null, p95: null, p99: null, max: null },
    utilization: null, cpu_utilization: null, cpu_ms: null, peak_memory_bytes: null, success_ratio: null, cost_total: null,
    cost_per_completed_task: null, critical_path_ms: null, resumed: 0, by_type: [], slowest: [],
  });
});

test("one task has the four durations of the word list", () => {
  const kpis = createRunKpis({ agents: [{ slots: 2 }] });
  kpis.task(task());
  const summary = kpis.summary();
  assert.equal(summary.wait_ms.max, 100);
  assert.equal(summary.service_ms.max, 400);
  assert.equal(summary.latency_ms.max, 410);
  assert.equal(summary.sojourn_ms.max, 500);
  assert.equal(summary.makespan_ms, 500);
  assert.equal(summary.throughput_per_s, 2);
  assert.equal(summary.utilization, 410 / 1000);
  assert.equal(summary.success_ratio, 1);
});

test("pauses are no service, and the sojourn begins at the first release", () => {
  const kpis = createRunKpis({ agents: [{ slots: 1 }] });
  kpis.task(task({ readyAt: start + 2000, firstReadyAt: start, assignedAt: start + 2000, startedAt: start + 2000, finishedAt: start + 2100, servedMs: 50, attempts: 2 }));
  kpis.attempt({ type: "build", assignedAt: start, endedAt: start + 50, cpuMs: 0, peakMemoryBytes: 0, cost: 0 });
  const summary = kpis.summary();
  assert.equal(summary.service_ms.max, 150);
  assert.equal(summary.sojourn_ms.max, 2100);
  assert.equal(summary.wait_ms.max, 0);
  assert.equal(summary.utilization, 150 / 2100);
});

test("failed attempts cost slot time, cpu, memory and money; retries are counted", () => {
  const kpis = createRunKpis({ agents: [{ slots: 1 }], cores: 2 });
  kpis.attempt({ type: "build", assignedAt: start, endedAt: start + 80, cpuMs: 60, peakMemoryBytes: 900, cost: 1 });
  kpis.task(task({ attempts: 2, cpuMs: 340, peakMemoryBytes: 700, cost: 2 }));
  kpis.task(task({ taskId: "t2", state: "failed", attempts: 1 }));
  const summary = kpis.summary();
  assert.equal(summary.attempts, 3);
  assert.equal(summary.retries, 1);
  assert.equal(summary.cpu_ms, 400);
  assert.equal(summary.cpu_utilization, 0.4);
  assert.equal(summary.peak_memory_bytes, 900);
  assert.equal(summary.cost_total, 3);
  assert.equal(summary.cost_per_completed_task, 3);
  assert.equal(summary.success_ratio, 0.5);
  assert.equal(summary.utilization, (80 + 410) / 500);
});

test("goodput counts what succeeded in time", () => {
  const kpis = createRunKpis({ agents: [] });
  kpis.task(task({ dueAt: start + 500 }));
  kpis.task(task({ dueAt: start + 499 }));
  kpis.task(task({ dueAt: null }));
  kpis.task(task({ state: "failed" }));
  assert.equal(kpis.summary().goodput_per_s, 4);
  assert.equal(kpis.summary().throughput_per_s, 8);
});

test("tasks that never ran are counted and measured nowhere", () => {
  const kpis = createRunKpis({ agents: [{ slots: 1 }] });
  for (const state of ["cancelled", "expired", "shed", "skipped"] as const) {
    kpis.task(task({ state, readyAt: 0, assignedAt: 0, startedAt: 0, attempts: 0 }));
  }
  const summary = kpis.summary();
  assert.deepEqual(summary.tasks, { total: 4, succeeded: 0, failed: 0, cancelled: 1, expired: 1, shed: 1, skipped: 1 });
  assert.equal(summary.wait_ms.mean, null);
  assert.equal(summary.utilization, 0);
  assert.equal(summary.throughput_per_s, 0);
  assert.deepEqual(summary.slowest, []);
});

test("a task cancelled while it ran has waited but not served", () => {
  const kpis = createRunKpis({ agents: [] });
  kpis.task(task({ state: "cancelled" }));
  assert.equal(kpis.summary().wait_ms.max, 100);
  assert.equal(kpis.summary().service_ms.max, null);
});

test("a clock that stepped back gives no negative time", () => {
  const kpis = createRunKpis({ agents: [{ slots: 1 }] });
  kpis.task(task({ finishedAt: start - 5 }));
  const summary = kpis.summary();
  assert.equal(summary.service_ms.max, 0);
  assert.equal(summary.makespan_ms, 0);
  assert.equal(summary.throughput_per_s, null);
  assert.equal(summary.utilization, null);
});

test("a run that went on later is measured from its own start", () => {
  const kpis = createRunKpis({ agents: [{ slots: 1 }], startedAt: start + 90 });
  kpis.task(task());
  const summary = kpis.summary({ resumed: 7, criticalPathMs: 400 });
  assert.equal(summary.makespan_ms, 410);
  assert.equal(summary.utilization, 1);
  assert.equal(summary.resumed, 7);
  assert.equal(summary.critical_path_ms, 400);
});

test("the ten slowest come first, ties in order of arrival, and types by their slot time", () => {
  const kpis = createRunKpis({ agents: [] });
  for (let i = 0; i < 100; i++) {
    const ms = i % 50;
    kpis.task(task({ taskId: `t${i}`, type: i < 90 ? "small" : "large", assignedAt: start, startedAt: start, finishedAt: start + ms }));
  }
  const { slowest, by_type: types } = kpis.summary();
  assert.deepEqual(slowest.map((one) => one.service_ms), [49, 49, 48, 48, 47, 47, 46, 46, 45, 45]);
  assert.equal(slowest[0]?.task_id, "t49");
  assert.deepEqual(types.map((one) => [one.type, one.tasks.total]), [["small", 90], ["large", 10]]);
  isNear(types[1]?.service_ms.p50 ?? null, 44);
});

test("a list that gives every task its own type keeps a bounded number of them", () => {
  const kpis = createRunKpis({ agents: [] });
  for (let i = 0; i < 1000; i++) kpis.task(task({ type: `type-${i}` }));
  const { by_type: types } = kpis.summary();
  assert.equal(types.length, 201);
  assert.equal(types.find((one) => one.type === "(other types)")?.tasks.total, 800);
});

test("quantiles of many tasks are within 1 %", () => {
  const kpis = createRunKpis({ agents: [{ slots: 4 }] });
  for (let i = 1; i <= 10_000; i++) kpis.task(task({ readyAt: start, startedAt: start + i, finishedAt: start + 3 * i }));
  const { wait_ms: wait, service_ms: service } = kpis.summary();
  isNear(wait.p50, 5000);
  isNear(wait.p95, 9500);
  isNear(service.p99, 19_800);
  isNear(service.mean, 10_001);
});
