// Plans on random problems: every rule of the problem is kept, small problems are solved to the optimum that exhaustive search finds,
// and the known theorems hold.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { brokenRule } from "../../src/sim/plan/check-plan.ts";
import { faultOf } from "../../src/sim/plan/check-problem.ts";
import { planSchedule } from "../../src/sim/plan/plan.ts";
import type { Plan, PlanProblem } from "../../src/sim/plan/problem.ts";
import { anyProblem, bestMakespan, type Sizes } from "../support/plan-problems.ts";

const planned = (problem: PlanProblem, count: number, seed = 1): Plan => planSchedule(problem, { budget: { kind: "schedules", count }, seed });

const SHAPES: readonly Sizes[] = [
  { tasks: 40, agents: "none", resources: 2 },
  { tasks: 40, agents: "none", resources: 3, fractions: true },
  { tasks: 40, agents: "equal", resources: 0, fractions: true },
  { tasks: 40, agents: "unequal", resources: 0 },
  { tasks: 40, agents: "unequal", resources: 2, fractions: true },
  // More fields than fit into one word.
  { tasks: 25, agents: "unequal", resources: 14 },
];

for (const shape of SHAPES) {
  test(`every plan keeps the rules: ${JSON.stringify(shape)}`, () => {
    fc.assert(
      fc.property(anyProblem(shape), fc.integer({ min: 1, max: 150 }), (problem, count) => {
        assert.equal(faultOf(problem), undefined);
        const plan = planned(problem, count);
        assert.equal(brokenRule(problem, plan), undefined);
        assert.ok(plan.makespan <= plan.listMakespan + 1e-9, `planned ${plan.makespan}, without a plan ${plan.listMakespan}`);
      }),
      { numRuns: 80 },
    );
  });
}

const SMALL: readonly (readonly [sizes: Sizes, runs: number])[] = [
  [{ tasks: 7, agents: "none", resources: 2 }, 60],
  [{ tasks: 6, agents: "equal", resources: 1 }, 40],
  [{ tasks: 5, agents: "unequal", resources: 1 }, 60],
  [{ tasks: 5, agents: "unequal", resources: 0, fractions: true }, 60],
];

for (const [sizes, numRuns] of SMALL) {
  test(`a small problem is solved to the optimum: ${JSON.stringify(sizes)}`, () => {
    fc.assert(
      fc.property(anyProblem(sizes), (problem) => {
        const plan = planned(problem, 3000);
        const best = bestMakespan(problem);
        assert.ok(Math.abs(plan.makespan - best) <= 1e-9 * Math.max(1, best), `planned ${plan.makespan}, possible ${best}`);
        assert.ok(plan.lowerBound <= best + 1e-9, `the bound ${plan.lowerBound} is above the optimum ${best}`);
      }),
      { numRuns },
    );
  });
}

test("trees of equal tasks that join are planned to the optimum by the first schedule (Hu 1961)", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (joins, slots) => {
      // Each task but the last is needed by exactly one later task.
      const size = joins.length + 1;
      const needs: number[][] = Array.from({ length: size }, () => []);
      joins.forEach((join, index) => needs[index + 1 + (join % (size - index - 1))]!.push(index));
      const plan = planned({ tasks: needs.map((list) => ({ duration: 1, needs: list, uses: [] })), capacities: [], agents: [{ slots, speed: 1 }] }, 1);
      assert.equal(plan.makespan, plan.lowerBound);
    }),
  );
});

test("the first schedule of independent tasks on equal agents is at most 4/3 - 1/(3m) of the optimum (Graham 1969)", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 7 }), fc.integer({ min: 2, max: 3 }), (durations, slots) => {
      const problem: PlanProblem = { tasks: durations.map((duration) => ({ duration, needs: [], uses: [] })), capacities: [], agents: [{ slots, speed: 1 }] };
      assert.ok(planned(problem, 1).makespan <= (4 / 3 - 1 / (3 * slots)) * bestMakespan(problem) + 1e-9);
    }),
    { numRuns: 40 },
  );
});

test("the same seed and number of schedules give the same plan", () => {
  fc.assert(
    fc.property(anyProblem({ tasks: 30, agents: "unequal", resources: 1, fractions: true }), fc.integer(), (problem, seed) => {
      assert.deepEqual(planned(problem, 100, seed), planned(problem, 100, seed));
    }),
    { numRuns: 30 },
  );
});
