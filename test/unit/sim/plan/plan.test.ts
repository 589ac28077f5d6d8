// The planner on problems whose answer is known by hand, its budget, the faults it is told of, and the checker, which must see
// every kind of broken plan.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { brokenRule } from "../../../../src/sim/plan/check-plan.ts";
import { faultOf } from "../../../../src/sim/plan/check-problem.ts";
import { planSchedule } from "../../../../src/sim/plan/plan.ts";
import type { Plan, PlanProblem, PlanTask } from "../../../../src/sim/plan/problem.ts";

const task = (duration: number, needs: readonly number[] = [], uses: readonly number[] = []): PlanTask => ({ duration, needs, uses });
const plan = (problem: PlanProblem, count = 300): Plan => planSchedule(problem, { budget: { kind: "schedules", count } });

suite("planSchedule", () => {
  test("nothing to do takes no time", () => {
    const { makespan, lowerBound, order } = plan({ tasks: [], capacities: [] });
    assert.deepEqual({ makespan, lowerBound, order }, { makespan: 0, lowerBound: 0, order: [] });
  });

  test("a task waits for the fast agent when that ends earlier", () => {
    const { makespan, tasks } = plan({ tasks: [task(10), task(10)], capacities: [], agents: [{ slots: 1, speed: 10 }, { slots: 1, speed: 1 }] });
    assert.equal(makespan, 2);
    assert.deepEqual(tasks.map(({ agent }) => agent), [0, 0]);
  });

  test("a resource lets no more run at a time than there is of it", () => {
    const { makespan } = plan({ tasks: [task(3, [], [1]), task(3, [], [1]), task(3, [], [2])], capacities: [2] });
    assert.equal(makespan, 6);
  });

  test("the speed for a type decides, and agents that cannot do a task do not get it", () => {
    const { makespan, tasks } = plan({
      tasks: [{ ...task(8), type: "gpu" }, { ...task(8), type: "cpu", agents: [1] }],
      capacities: [],
      agents: [{ slots: 2, speed: 1, speeds: new Map([["gpu", 4]]) }, { slots: 1, speed: 1 }],
    });
    assert.equal(makespan, 8);
    assert.deepEqual(tasks.map(({ agent, start, finish }) => [agent, start, finish]), [[0, 0, 2], [1, 0, 8]]);
  });

  test("it stops at once when the bound is met, and with the budget when it is not", () => {
    assert.equal(plan({ tasks: [task(1), task(1)], capacities: [], agents: [{ slots: 2, speed: 1 }] }, 1_000_000).schedules, 5);
    let clock = 0;
    // Three tasks of 2 on two slots take 4; no bound that looks at sums of work can tell.
    const problem: PlanProblem = { tasks: [task(2.5), task(2.5), task(2.5)], capacities: [], agents: [{ slots: 2, speed: 1 }] };
    const { makespan, schedules } = planSchedule(problem, { budget: { kind: "time", ms: 50, nowMs: () => (clock += 1) } });
    assert.equal(makespan, 5);
    assert.ok(schedules > 100 && schedules < 1000, `${schedules} schedules in 50 readings of the clock`);
  });
});

suite("faultOf", () => {
  const agents = [{ slots: 1, speed: 1 }];
  const faults: readonly (readonly [name: string, problem: PlanProblem, kind: string])[] = [
    ["no agents", { tasks: [task(1)], capacities: [], agents: [] }, "no_agents"],
    ["no slots", { tasks: [], capacities: [], agents: [{ slots: 0, speed: 1 }] }, "bad_agent"],
    ["speed 0", { tasks: [], capacities: [], agents: [{ slots: 1, speed: 0 }] }, "bad_agent"],
    ["half a unit", { tasks: [], capacities: [0.5] }, "bad_capacity"],
    ["a negative duration", { tasks: [task(-1)], capacities: [] }, "bad_duration"],
    ["a duration that is no number", { tasks: [task(NaN)], capacities: [] }, "bad_duration"],
    ["an endless duration", { tasks: [task(Infinity)], capacities: [] }, "bad_duration"],
    ["a need that is not there", { tasks: [task(1, [3])], capacities: [] }, "bad_need"],
    ["a use below 0", { tasks: [task(1, [], [-1])], capacities: [1] }, "bad_use"],
    ["a use of nothing known", { tasks: [task(1, [], [1])], capacities: [] }, "bad_use"],
    ["more than there is", { tasks: [task(1, [], [2])], capacities: [1] }, "above_capacity"],
    ["nobody who can", { tasks: [{ ...task(1), agents: [] }], capacities: [], agents }, "no_able_agent"],
    ["a circle", { tasks: [task(1, [1]), task(1, [0])], capacities: [] }, "cycle"],
  ];
  for (const [name, problem, kind] of faults) test(name, () => assert.equal(faultOf(problem)?.kind, kind));
});

suite("brokenRule", () => {
  const problem: PlanProblem = { tasks: [task(2, [], [1]), task(2, [0], [1]), task(2, [], [1])], capacities: [1], agents: [{ slots: 2, speed: 1 }] };
  const good = plan(problem);
  const changed = (index: number, change: Partial<Plan["tasks"][number]>): Plan => ({ ...good, tasks: good.tasks.map((one, at) => (at === index ? { ...one, ...change } : one)) });

  test("a good plan breaks none", () => assert.equal(brokenRule(problem, good), undefined));
  test("a task before its need", () => assert.match(brokenRule(problem, changed(1, { start: 0, finish: 2 })) ?? "", /before task 0 ends/));
  test("a wrong duration", () => assert.match(brokenRule(problem, changed(2, { finish: good.tasks[2]!.start + 1 })) ?? "", /takes 1, not 2/));
  test("a makespan that is not the last end", () => assert.match(brokenRule(problem, { ...good, makespan: 7 }) ?? "", /the makespan is 7/));
  test("a makespan below the bound", () => assert.match(brokenRule(problem, { ...good, lowerBound: 9 }) ?? "", /below the lower bound/));
  test("an order against the needs", () => assert.match(brokenRule(problem, { ...good, order: [1, 0, 2] }) ?? "", /comes before task 0/));
  test("more of a resource than there is", () => {
    const broken = brokenRule(problem, { tasks: [{ start: 0, finish: 2, agent: 0, slot: 0 }, { start: 2, finish: 4, agent: 0, slot: 0 }, { start: 1, finish: 3, agent: 0, slot: 1 }], order: [0, 2, 1], makespan: 4, lowerBound: 0, listMakespan: 4, schedules: 1 });
    assert.match(broken ?? "", /2 of resource 0 are used, and there are 1/);
  });
  test("two tasks in one slot", () => {
    const free: PlanProblem = { ...problem, tasks: problem.tasks.map((one) => ({ ...one, uses: [] })) };
    const broken = brokenRule(free, { tasks: [{ start: 0, finish: 2, agent: 0, slot: 0 }, { start: 2, finish: 4, agent: 0, slot: 0 }, { start: 1, finish: 3, agent: 0, slot: 0 }], order: [0, 2, 1], makespan: 4, lowerBound: 0, listMakespan: 4, schedules: 1 });
    assert.match(broken ?? "", /overlap on agent and slot 0\/0/);
  });
  test("an agent that is not there", () => assert.match(brokenRule(problem, changed(0, { agent: 4 })) ?? "", /no agent and slot/));
});
