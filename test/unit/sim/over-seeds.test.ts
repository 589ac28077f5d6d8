// Confidence intervals: Student's t against published tables, and intervals over runs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { intervalOf, simulateSeeds } from "../../../src/sim/index.ts";
import { studentT } from "../../../src/sim/results/student-t.ts";

test("Student's t has the values of the tables", () => {
  for (const [tail, freedom, expected] of [[0.01, 1, 63.657], [0.01, 2, 9.925], [0.01, 3, 5.841], [0.01, 4, 4.604], [0.01, 9, 3.25], [0.01, 19, 2.861], [0.05, 5, 2.571], [0.05, 19, 2.093], [0.01, 100, 2.626], [0.01, 1000, 2.581]] as const) {
    assert.ok(Math.abs(studentT(tail, freedom) / expected - 1) < 5e-4, `t(${tail}, ${freedom}) is ${studentT(tail, freedom)}, expected ${expected}`);
  }
});

test("an interval is the mean and what Student's t makes of the variation", () => {
  assert.deepEqual(intervalOf([4, 4, 4]), { mean: 4, half_width_99: 0 });
  const { mean, half_width_99: half } = intervalOf([1, 2, 3, 4, 5]);
  assert.equal(mean, 3);
  assert.ok(Math.abs(half - 4.604 * Math.sqrt(2.5 / 5)) < 0.001);
  assert.equal(intervalOf([1]).half_width_99, Infinity);
});

test("runs over seeds have an interval for each figure that all have", () => {
  const { results, intervals } = simulateSeeds({ workload: "poisson:rate=0.5,tasks=200", agents: 1, seed: 10 }, 3);
  assert.deepEqual(results.map(({ seed }) => seed), [10, 11, 12]);
  assert.ok(intervals["sojourn_ms.mean"]!.mean > 0 && intervals["utilization"] !== undefined);
  assert.equal(intervals["tardiness_ms.mean"], undefined);
  assert.equal(intervals["seed"], undefined);
});
