// Every balancer on random fleets and workloads: it picks only able agents with a free slot, leaves none idle unless it looks ahead,
// starts everything in the end, and does the same again with the same seed (the run itself asserts each pick). And what each
// promises: weighted shares within one task, nobody nearer free, no wait beyond the patience, due dates that could be met.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { speedOf, type AgentSpec } from "../../src/core/agent.ts";
import { BalancerRun, type RunTask } from "../support/balancer-run.ts";

const TYPES = ["work", "other", "third"];
const REGIONS = ["eu", "us", "asia"];
const BALANCERS = [
  "round-robin", "least-connections", "least-connections:relative", "weighted", "nearest", "nearest:measured:forget=1s", "power-of-two", "power-of-two:d=3",
  "earliest-finish", "earliest-finish:look-ahead=2", "cheapest", "cheapest:patience=2s",
];

const agent: fc.Arbitrary<Partial<AgentSpec>> = fc.record(
  {
    slots: fc.integer({ min: 1, max: 4 }),
    types: fc.subarray(TYPES, { minLength: 1 }),
    speed: fc.constantFrom(0.5, 1, 2, 10),
    weight: fc.integer({ min: 1, max: 9 }),
    region: fc.constantFrom(...REGIONS),
    costPerHour: fc.constantFrom(0, 1, 4, 16),
  },
  { requiredKeys: ["slots", "types"] },
);
/** The last can do everything, so that nothing waits for ever. */
const fleet = fc.array(agent, { maxLength: 6 }).map((some): readonly Partial<AgentSpec>[] => [...some, { types: TYPES, slots: 1 }]);
const work: fc.Arbitrary<RunTask> = fc.record(
  {
    serviceMs: fc.integer({ min: 0, max: 5_000 }),
    estimateMs: fc.integer({ min: 0, max: 5_000 }),
    arrivesAt: fc.integer({ min: 0, max: 10_000 }),
    type: fc.constantFrom(...TYPES),
    region: fc.constantFrom(...REGIONS),
    dueAt: fc.integer({ min: 0, max: 20_000 }),
    rank: fc.integer({ min: 0, max: 5 }),
  },
  { requiredKeys: ["serviceMs"] },
);
const workload = fc.array(work, { minLength: 1, maxLength: 60 });

function play(agents: readonly Partial<AgentSpec>[], balancer: string, tasks: readonly RunTask[], seed: number): BalancerRun {
  const run = new BalancerRun(agents, balancer, tasks, seed);
  run.fleet.distances.set({ eu: { us: 90, asia: 180 }, us: { asia: 150 } });
  run.delayMs = (task, { spec }) => (task.region === spec.region ? 1 : 50);
  run.play();
  return run;
}

describe("every balancer on random fleets", () => {
  for (const balancer of BALANCERS) {
    test(balancer, () => {
      fc.assert(
        fc.property(fleet, workload, fc.nat(), (agents, tasks, seed) => {
          const run = play(agents, balancer, tasks, seed);
          assert.deepEqual(play(agents, balancer, tasks, seed).starts, run.starts);
        }),
        { numRuns: 60 },
      );
    });
  }
});

test("weighted: after any number of tasks every agent has its share, within one task", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.double({ min: 0.01, max: 100, noNaN: true })), { minLength: 1, maxLength: 12 }), (weights) => {
      const count = 300;
      const run = new BalancerRun(weights.map((weight) => ({ weight, slots: count })), "weighted", Array.from({ length: count }, () => ({ serviceMs: 1 })));
      run.play();
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const got = weights.map(() => 0);
      run.starts.forEach(({ agent: name }, index) => {
        got[Number(name.slice(1))]! += 1;
        got.forEach((its, at) => {
          const share = ((index + 1) * weights[at]!) / total;
          assert.ok(Math.abs(its - share) < 1 + 1e-6, `after ${index + 1} tasks agent ${at} of weight ${weights[at]} has ${its}, its share is ${share}`);
        });
      });
    }),
    { numRuns: 200 },
  );
});

/** Attempts on an agent just before the start at `index`; those of the same instant count, even if they took no time. */
function loadBefore(run: BalancerRun, name: string, index: number): number {
  const { at } = run.starts[index]!;
  return run.starts.slice(0, index).filter((start) => start.agent === name && (start.endsAt > at || start.at === at)).length;
}

test("nearest: no agent that is nearer has a free slot", () => {
  const distances: Readonly<Record<string, number>> = { "eu us": 90, "asia eu": 180, "asia us": 150 };
  const between = (one: string, other: string | undefined): number => (one === other ? 0 : (distances[`${one} ${other}`] ?? distances[`${other} ${one}`] ?? Infinity));
  fc.assert(
    fc.property(fleet, workload, (agents, tasks) => {
      const run = play(agents, "nearest", tasks, 1);
      run.starts.forEach((start, index) => {
        const { region, type = "work" } = tasks[start.task]!;
        if (region === undefined) return;
        const chosen = between(region, agents[Number(start.agent.slice(1))]!.region);
        agents.forEach((other, at) => {
          if (!other.types!.includes(type) || between(region, other.region) >= chosen) return;
          assert.ok(loadBefore(run, `a${at}`, index) >= other.slots!, `task ${start.task} of ${region} went to ${start.agent}, and a${at} is nearer`);
        });
      });
    }),
    { numRuns: 100 },
  );
});

test("earliest finish: however wrong the estimates, a task waits no longer than the free agent was expected to take", () => {
  fc.assert(
    fc.property(fleet, workload, (agents, tasks) => {
      const run = play(agents, "earliest-finish", tasks, 1);
      for (const [index, waits] of run.waits) {
        const { type = "work", serviceMs, estimateMs = serviceMs } = tasks[index]!;
        const able = [...run.fleet.all()].filter(({ spec }) => spec.types.includes(type));
        const slowest = Math.min(...able.map((one) => speedOf(one, type)));
        const [first, last] = [waits[0]!, waits.at(-1)!];
        assert.ok(last - first < estimateMs / slowest, `task ${index} was told to wait from ${first} to ${last}`);
      }
    }),
    { numRuns: 200 },
  );
});

test("cheapest: a task that waits with a due date that a free agent could meet starts while one still can, if that one stays free", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 0, max: 9_000 }), (hangsMs, estimateMs, serviceMs, slackMs) => {
      const run = new BalancerRun(
        [{ speed: 2, costPerHour: 10 }, { costPerHour: 1, types: ["work", "first"] }],
        "cheapest",
        [{ serviceMs: hangsMs, estimateMs, type: "first" }, { serviceMs, dueAt: serviceMs / 2 + slackMs }],
      );
      run.play();
      const { endsAt } = run.starts.find(({ task }) => task === 1)!;
      // It may have started on the cheap one as soon as that came free, if that still made it.
      assert.ok(endsAt <= serviceMs / 2 + slackMs + 1e-6, `it ended at ${endsAt}`);
    }),
    { numRuns: 300 },
  );
});
