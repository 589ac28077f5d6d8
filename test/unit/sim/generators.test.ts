// Generated workloads: rates, variations, bursts and days as they say; sessions as recorded; the same seed gives the same tasks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { generate, simulate, type WorkloadTask } from "../../../src/sim/index.ts";
import { GENERATOR_SUMMARIES } from "../../../src/sim/generate/generators.ts";

function taken(specification: string, seed = 1, limit = Infinity): readonly WorkloadTask[] {
  const source = generate(specification).open(seed);
  const tasks: WorkloadTask[] = [];
  while (source.nextAtMs < Infinity && tasks.length < limit) tasks.push({ ...source.take() });
  return tasks;
}

const gapsOf = (tasks: readonly WorkloadTask[]): readonly number[] => tasks.map(({ arrivalMs }, index) => (arrivalMs - (tasks[index - 1]?.arrivalMs ?? 0)) / 1000);

function moments(values: readonly number[]): { readonly mean: number; readonly scv: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, scv: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length / mean ** 2 };
}

/** Variance by mean of the counts in windows: 1 for a Poisson process. */
function dispersion(tasks: readonly WorkloadTask[], windowS: number): number {
  const counts: number[] = [];
  for (const { arrivalMs } of tasks) {
    const window = Math.floor(arrivalMs / 1000 / windowS);
    while (counts.length <= window) counts.push(0);
    counts[window]! += 1;
  }
  const { mean, scv } = moments(counts.slice(0, -1));
  return mean * scv;
}

const near = (got: number, expected: number, share: number): void => assert.ok(Math.abs(got / expected - 1) < share, `${got}, expected ${expected}`);

test("every generator keeps its rate, and its services are those asked for", () => {
  for (const specification of ["poisson:rate=2,tasks=30000", "deterministic:rate=2,tasks=30000", "renewal:gap=uniform:0:1,tasks=30000", "hyper:rate=2,scv=4,tasks=30000", "bursty:rate=2,burst=4,share=0.2,length=5,tasks=60000", "diurnal:rate=2,period=100,tasks=30000", "heavy-tailed:rate=2,service=det:1,tasks=30000"]) {
    const tasks = taken(specification);
    near(moments(gapsOf(tasks)).mean, 0.5, 0.08);
    near(moments(tasks.map(({ serviceMs }) => serviceMs)).mean, 1000, 0.05);
    assert.ok(gapsOf(tasks).every((gap) => gap >= 0));
  }
  assert.equal(GENERATOR_SUMMARIES.length, 8);
});

test("gaps vary as they should: not at all, as chance, and more", () => {
  near(moments(gapsOf(taken("poisson:rate=2,tasks=30000"))).scv, 1, 0.06);
  assert.ok(moments(gapsOf(taken("deterministic:rate=2,tasks=1000"))).scv < 1e-9);
  near(moments(gapsOf(taken("hyper:rate=2,scv=4,tasks=60000"))).scv, 4, 0.15);
});

test("bursts and days show in the counts of windows", () => {
  near(dispersion(taken("poisson:rate=5,tasks=50000"), 10), 1, 0.15);
  assert.ok(dispersion(taken("bursty:rate=5,burst=5,share=0.1,length=20,tasks=50000"), 10) > 10);
  const tasks = taken("diurnal:rate=5,swing=1,period=1000,tasks=50000");
  const noon = tasks.filter(({ arrivalMs }) => Math.abs(((arrivalMs / 1000) % 1000) - 500) < 100).length;
  const midnight = tasks.filter(({ arrivalMs }) => Math.abs((((arrivalMs / 1000) + 500) % 1000) - 500) < 100).length;
  assert.ok(noon > 10 * midnight);
});

test("load is the number of slots that are busy on average", () => {
  near(simulate({ workload: "poisson:load=2.4,service=lognormal:1:1,tasks=40000", agents: 4 }).utilization!, 0.6, 0.05);
});

test("tasks have the types, tenants, priorities, due dates and estimates that were asked for", () => {
  const tasks = taken("poisson:tasks=2000,types=3,tenants=2,priorities=4,due=det:10,estimate-error=0.5");
  assert.deepEqual(new Set(tasks.map(({ type }) => type)), new Set(["task1", "task2", "task3"]));
  assert.deepEqual(new Set(tasks.map(({ tenant }) => tenant)), new Set(["tenant1", "tenant2"]));
  assert.deepEqual(new Set(tasks.map(({ priority }) => priority)), new Set([1, 2, 3, 4]));
  assert.ok(tasks.every(({ arrivalMs, dueMs }) => Math.abs(dueMs! - arrivalMs - 10_000) < 1e-6));
  const errors = tasks.map(({ serviceMs, estimateMs }) => Math.log(estimateMs! / serviceMs));
  near(Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length), 0.5, 0.1);
});

test("sessions make a call only after the last has ended, and have the recorded medians", () => {
  const result = simulate({ workload: "sessions:rate=0.01,sessions=400", agents: 200 });
  assert.equal(result.sessions?.sessions, 400);
  near(result.sessions.tasks_per_session.mean!, 66.3, 0.15);
  near(result.service_ms.p50!, 6_100, 0.05);
  near(result.service_ms.mean!, 9_780, 0.05);
  assert.equal(result.wait_ms.max, 0);
  const crowded = simulate({ workload: "sessions:rate=1,sessions=40,calls=det:5,think=det:1,user-think=det:1,service=det:1", agents: 1 });
  assert.equal(crowded.completed, 200);
  // Never more calls at once than sessions.
  assert.ok(crowded.in_system_max <= 40);
  near(crowded.makespan_ms, 200_000, 0.02);
});

test("a seed gives the same tasks, another one others", () => {
  assert.deepEqual(taken("bursty:tasks=100,tenants=3", 5), taken("bursty:tasks=100,tenants=3", 5));
  assert.notDeepEqual(taken("bursty:tasks=100", 5), taken("bursty:tasks=100", 6));
  assert.equal(taken("poisson:tasks=7").length, 7);
  assert.equal(taken("sessions:tasks=7").length <= 7, true);
});
