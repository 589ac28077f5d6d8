// What is proved of scheduling rules, on random small instances through the production core: the policies reach what trying all
// schedules finds, and list schedules stay within their bounds. `INSTANCES=10000` tries so many in all; default some hundreds of each.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bestAssignment, bestFlowShop, bestMakespan, bestOrder, bestPreemptive, bestUnitSteps } from "../support/best-schedules.ts";
import { completionsOf, type Job } from "../support/completions.ts";

const THEOREMS = 9;
const numRuns = Math.ceil(Number(process.env["INSTANCES"] ?? 1_800) / THEOREMS);

const sum = (a: number, b: number): number => a + b;
const total = (values: readonly number[]): number => values.reduce(sum, 0);
const upTo = (most: number): fc.Arbitrary<number> => fc.integer({ min: 1, max: most });
const several = <Value>(one: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> => fc.array(one, { minLength: 1, maxLength: 8, size: "max" });
const machineCount = fc.integer({ min: 2, max: 3 });
const sizesOf = several(upTo(12));
/** Sizes small, so that all vectors of remaining work can be tried. */
const released = several(fc.record({ releaseAt: fc.integer({ min: 0, max: 12 }), size: upTo(3), due: fc.integer({ min: 0, max: 20 }) })).map((jobs) => jobs.sort((a, b) => a.releaseAt - b.releaseAt));

/** Tasks of which each may need some of those before it. */
const graph = (most: number): fc.Arbitrary<{ size: number; needs: number[] }[]> =>
  fc.array(fc.record({ size: upTo(6), picks: fc.array(fc.nat(), { maxLength: 2 }) }), { minLength: 1, maxLength: most, size: "max" }).map((tasks) =>
    tasks.map(({ size, picks }, index) => ({ size, needs: index === 0 ? [] : [...new Set(picks.map((pick) => pick % index))] })),
  );

const makespanOf = (jobs: readonly Job[], agents: number, policy: string): number => Math.max(...completionsOf(jobs, { policy, agents }));

test("earliest due date first has the least maximum lateness (Jackson 1955)", () => {
  fc.assert(
    fc.property(several(fc.record({ size: upTo(12), due: fc.integer({ min: 0, max: 60 }) })), (jobs) => {
      const ends = completionsOf(jobs.map(({ size, due }) => ({ serviceMs: size, dueMs: due })), { policy: "edf", agents: 1 });
      const worst = Math.max(...ends.map((end, job) => end - jobs[job]!.due));
      assert.equal(worst, bestOrder(jobs.map(({ size }) => size), (job, end) => end - jobs[job]!.due, Math.max));
    }),
    { numRuns },
  );
});

test("so it has with release times, where it may preempt (Horn 1974)", () => {
  fc.assert(
    fc.property(released, (jobs) => {
      const ends = completionsOf(jobs.map(({ releaseAt, size, due }) => ({ arrivalMs: releaseAt, serviceMs: size, dueMs: due })), { policy: "edf:preempt", agents: 1 });
      const worst = Math.max(...ends.map((end, job) => end - jobs[job]!.due));
      assert.equal(worst, bestPreemptive(jobs, (job, end) => end - jobs[job]!.due, Math.max));
    }),
    { numRuns },
  );
});

test("shortest remaining time first has the least sum of completion times (Schrage 1968)", () => {
  fc.assert(
    fc.property(released, (jobs) => {
      const ends = completionsOf(jobs.map(({ releaseAt, size }) => ({ arrivalMs: releaseAt, serviceMs: size })), { policy: "srpt:aging=off:margin=0", agents: 1 });
      assert.equal(total(ends), bestPreemptive(jobs, (_, end) => end, sum));
    }),
    { numRuns },
  );
});

test("weighted shortest first has the least weighted sum of completion times (Smith 1956)", () => {
  fc.assert(
    fc.property(several(fc.record({ size: upTo(12), weight: upTo(9) })), (jobs) => {
      const ends = completionsOf(jobs.map(({ size, weight }) => ({ serviceMs: size, weight })), { policy: "wspt:aging=off", agents: 1 });
      assert.equal(total(ends.map((end, job) => end * jobs[job]!.weight)), bestOrder(jobs.map(({ size }) => size), (job, end) => end * jobs[job]!.weight, sum));
    }),
    { numRuns },
  );
});

test("shortest first on equal agents has the least sum of completion times (Conway, Maxwell and Miller 1967)", () => {
  /** Of one machine: shortest first, by the theorem above with equal weights. */
  const sumOf = (load: readonly number[]): number => total([...load].sort((a, b) => a - b).map((size, index) => size * (load.length - index)));
  fc.assert(
    fc.property(sizesOf, machineCount, (sizes, agents) => {
      const ends = completionsOf(sizes.map((serviceMs) => ({ serviceMs })), { policy: "sjf:aging=off", agents });
      assert.equal(total(ends), bestAssignment(sizes, agents, (loads) => total(loads.map(sumOf))));
    }),
    { numRuns },
  );
});

test("Johnson's order, given as priorities, has the least makespan of a two-machine flow shop (Johnson 1954)", () => {
  fc.assert(
    fc.property(several(fc.record({ first: upTo(12), second: upTo(12) })), (jobs) => {
      const early = jobs.flatMap(({ first, second }, job) => (first < second ? [job] : [])).sort((a, b) => jobs[a]!.first - jobs[b]!.first);
      const late = jobs.flatMap(({ first, second }, job) => (first < second ? [] : [job])).sort((a, b) => jobs[b]!.second - jobs[a]!.second);
      const order = [...early, ...late];
      const parts = jobs.flatMap(({ first, second }, job): Job[] => [
        { type: "first", serviceMs: first, priority: order.indexOf(job) },
        { type: "second", serviceMs: second, priority: order.indexOf(job), needs: [2 * job] },
      ]);
      const ends = completionsOf(parts, { policy: "priority:aging=off", agents: [{ name: "first", types: ["first"] }, { name: "second", types: ["second"] }] });
      assert.equal(Math.max(...ends), bestFlowShop(jobs));
    }),
    { numRuns },
  );
});

test("critical path first has the least makespan of trees of unit tasks (Hu 1961)", () => {
  fc.assert(
    fc.property(several(fc.nat()), machineCount, (picks, agents) => {
      // Of an in-tree each task is needed by at most one, which comes later; the last root stays.
      const count = picks.length;
      const needs: number[][] = picks.map(() => []);
      picks.slice(0, -1).forEach((pick, task) => {
        const left = count - 1 - task;
        const target = task + 1 + (pick % (left + 1));
        if (target < count) needs[target]!.push(task);
      });
      const jobs = needs.map((list): Job => ({ serviceMs: 1, needs: list }));
      assert.equal(makespanOf(jobs, agents, "critical-path"), bestUnitSteps(needs, agents));
    }),
    { numRuns },
  );
});

test("no policy that keeps agents busy is worse than 2 - 1/m times the best makespan (Graham 1966)", () => {
  fc.assert(
    fc.property(graph(6), machineCount, fc.constantFrom("fcfs", "sjf", "critical-path", "least-slack", "edf", "las", "wspt", "priority"), (tasks, agents, policy) => {
      const jobs = tasks.map(({ size, needs }): Job => ({ serviceMs: size, needs }));
      const best = bestMakespan(tasks, agents);
      const got = makespanOf(jobs, agents, policy);
      assert.ok(got >= best && got <= (2 - 1 / agents) * best + 1e-9, `${policy}: ${got}, best ${best}`);
    }),
    { numRuns },
  );
});

test("longest first (the critical path of tasks alone) is within 4/3 - 1/(3m) of the best makespan (Graham 1969)", () => {
  fc.assert(
    fc.property(sizesOf, machineCount, (sizes, agents) => {
      const best = bestAssignment(sizes, agents, (loads) => Math.max(...loads.map(total)));
      const got = makespanOf(sizes.map((serviceMs) => ({ serviceMs })), agents, "critical-path");
      assert.ok(got >= best && got <= (4 / 3 - 1 / (3 * agents)) * best + 1e-9, `${got}, best ${best}`);
    }),
    { numRuns },
  );
});
