// The simulator against queueing theory, Little's law, itself (same seed, same decisions), and by hand on small workloads.
import assert from "node:assert/strict";
import { test } from "node:test";
import { simulate, simulateSeeds, SimulationRefusal, type SimulateOptions } from "../../../src/sim/index.ts";

const near = (got: number | null | undefined, expected: number, share: number): void => {
  assert.ok(got !== null && got !== undefined && Math.abs(got / expected - 1) < share, `${got} is not within ${share} of ${expected}`);
};

test("M/M/1, M/M/4 and M/D/1 have the mean sojourns of theory", () => {
  const mean = (workload: string, agents: number): number => {
    const { intervals } = simulateSeeds({ workload, agents, policy: "fcfs", warmUp: 0.05 }, 4);
    return intervals["sojourn_ms.mean"]!.mean;
  };
  near(mean("poisson:rate=0.7,service=exp:1,tasks=25000", 1), 3_333, 0.07);
  near(mean("poisson:rate=3.2,service=exp:1,tasks=25000", 4), 1_745.5, 0.05);
  near(mean("poisson:rate=0.7,service=det:1,tasks=25000", 1), 2_166.7, 0.05);
});

test("shortest job first and shortest remaining time have theirs", () => {
  const mean = (policy: string): number => simulate({ workload: "poisson:rate=0.7,service=exp:1,tasks=60000", agents: 1, policy, estimates: "exact" }).sojourn_ms.mean!;
  near(mean("sjf:aging=off"), 2_312, 0.06);
  near(mean("srpt:aging=off"), 1_874.6, 0.05);
});

test("Little's law: tasks in the system are arrivals a second by their sojourn", () => {
  for (const policy of ["fcfs", "sjf", "srpt", "las", "round-robin", "edf"]) {
    const result = simulate({ workload: "bursty:rate=2,service=h2:0.8:2:0.4,tasks=5000,due=exp:5,tenants=3", agents: 3, policy, estimates: "exact" });
    near(result.in_system_mean, (result.completed * result.sojourn_ms.mean!) / result.makespan_ms, 0.01);
  }
});

test("every task ends once, under every policy, with agents that break down and attempts that fail", () => {
  const agents = [{ count: 3, slots: 2, failures: { meanTimeBetweenMs: 20_000, meanRepairMs: 5_000 }, attemptFailureProbability: 0.1, slowdowns: { probability: 0.1, factor: 5 } }];
  for (const policy of ["fcfs", "sjf", "srpt", "priority", "round-robin", "edf", "least-slack", "critical-path", "las", "wspt"]) {
    const result = simulate({ workload: "poisson:rate=2,service=exp:1,tasks=3000,due=exp:10,priorities=4,types=3", agents, policy, estimates: "exact", retries: 1 });
    assert.equal(result.tasks, 3_000, policy);
    assert.equal(result.completed + result.failed, 3_000, policy);
    assert.ok(result.failed > 0 && result.retries > 0 && result.losses > 0, policy);
    assert.equal(result.by_class.reduce((sum, { tasks }) => sum + tasks, 0), 3_000);
    assert.equal(result.starts, result.completed + result.retries + result.losses + result.preemptions, policy);
  }
});

test("the same seed makes the same decisions, another seed others", () => {
  const hash = (seed: number, policy = "fcfs"): string => simulate({ workload: "poisson:rate=1.8,tasks=2000", agents: 2, seed, policy, estimates: "exact" }).decisions_hash;
  assert.equal(hash(1), hash(1));
  assert.notEqual(hash(1), hash(2));
  assert.notEqual(hash(1), hash(1, "sjf"));
});

test("one agent, three tasks, by hand", () => {
  const result = simulate({
    workload: [
      { arrivalMs: 0, serviceMs: 100, type: "a", tenant: "x", dueMs: 100 },
      { arrivalMs: 10, serviceMs: 50, type: "b", tenant: "y", dueMs: 100, cost: 2 },
      { arrivalMs: 20, serviceMs: 50, type: "a", tenant: "x" },
    ],
    agents: [{ slots: 1, costPerHour: 3_600 }],
  });
  assert.equal(result.makespan_ms, 200);
  near(result.sojourn_ms.mean, (100 + 140 + 180) / 3, 1e-9);
  near(result.wait_ms.mean, (0 + 90 + 130) / 3, 1e-9);
  near(result.slowdown.mean, (1 + 2.8 + 3.6) / 3, 1e-9);
  assert.equal(result.utilization, 1);
  assert.equal(result.deadline_misses, 1);
  assert.equal(result.tasks_with_due_date, 2);
  near(result.tardiness_ms.max, 50, 1e-9);
  near(result.cost, 2 + 0.2, 1e-9);
  // Three submissions, three successes, an agent that joins, two settings.
  assert.equal(result.events, 9);
  assert.deepEqual(result.by_class.map(({ name, completed }) => [name, completed]), [["a", 2], ["b", 1]]);
  assert.deepEqual(result.by_tenant.map(({ name, completed }) => [name, completed]), [["x", 2], ["y", 1]]);
  assert.deepEqual(result.by_agent.map(({ name, completed, busy_ms: busyMs }) => [name, completed, Math.round(busyMs)]), [["agent", 3, 200]]);
  near(result.fairness_jain, (2.3 + 2.8) ** 2 / (2 * (2.3 ** 2 + 2.8 ** 2)), 1e-9);
});

test("tasks wait for those that they need, wherever these stand", () => {
  const result = simulate({
    workload: [
      { id: "last", arrivalMs: 0, serviceMs: 10, needs: ["left", "right"] },
      { id: "left", arrivalMs: 0, serviceMs: 30, needs: ["first"] },
      { id: "right", arrivalMs: 0, serviceMs: 20, needs: ["first"] },
      { id: "first", arrivalMs: 5, serviceMs: 10 },
    ],
    agents: 2,
  });
  assert.equal(result.completed, 4);
  near(result.makespan_ms, 50, 1e-9);
  assert.equal(result.wait_ms.max, 0);
});

test("a closed-loop task is released when the one before it has ended and the think time is over", () => {
  const result = simulate({
    workload: [
      { arrivalMs: 0, serviceMs: 100, session: "s" },
      { arrivalMs: 0, serviceMs: 100, session: "s", thinkMs: 50 },
      { arrivalMs: 0, serviceMs: 100, session: "s", thinkMs: 50 },
    ],
    agents: 1,
  });
  near(result.makespan_ms, 400, 1e-9);
  assert.equal(result.sojourn_ms.max, 100);
  assert.equal(result.sessions?.sessions, 1);
  near(result.sessions?.duration_ms.max, 400, 1e-9);
  assert.equal(result.sessions?.slowdown.max, 1);
});

test("agents work at their speeds, and more slowly when they are slowed", () => {
  const tasks = [{ arrivalMs: 0, serviceMs: 100, type: "a" }, { arrivalMs: 0, serviceMs: 100, type: "b" }];
  near(simulate({ workload: tasks, agents: [{ slots: 2, speed: 2, speeds: { b: 4 } }] }).service_ms.mean, (50 + 25) / 2, 1e-9);
  near(simulate({ workload: tasks, agents: [{ slots: 2, slowdowns: { probability: 1, factor: 3 } }] }).service_ms.mean, 300, 1e-9);
  near(simulate({ workload: tasks, agents: [{ slots: 2, startUpMs: 40 }] }).sojourn_ms.mean, 140, 1e-9);
});

test("an agent that takes more than it works on keeps the rest waiting on it", () => {
  const workload = Array.from({ length: 4 }, () => ({ arrivalMs: 0, serviceMs: 100 }));
  const result = simulate({ workload, agents: [{ slots: 4, workers: 1 }] });
  assert.equal(result.wait_ms.max, 0);
  near(result.makespan_ms, 400, 1e-9);
  assert.equal(result.utilization, 1);
});

test("a preempted task keeps its work, or starts again, as the simulation is told", () => {
  const workload = [{ arrivalMs: 0, serviceMs: 1_000, priority: 3 }, { arrivalMs: 500, serviceMs: 100, priority: 1 }];
  const makespan = (options: Partial<SimulateOptions>): readonly number[] => {
    const result = simulate({ workload, agents: 1, policy: "srpt:aging=off", estimates: "exact", ...options });
    return [Math.round(result.makespan_ms), result.preemptions];
  };
  assert.deepEqual(makespan({}), [1_100, 1]);
  assert.deepEqual(makespan({ preemption: "restart" }), [1_600, 1]);
  assert.deepEqual(makespan({ preemptionMs: 5 }), [1_105, 1]);
  assert.deepEqual(makespan({ preemption: "off" }), [1_100, 0]);
});

test("a hard deadline ends a task that waits and one that runs", () => {
  const result = simulate({ workload: [{ arrivalMs: 0, serviceMs: 100, deadlineMs: 60 }, { arrivalMs: 0, serviceMs: 10, deadlineMs: 50 }, { arrivalMs: 0, serviceMs: 10 }], agents: 1 });
  assert.equal(result.expired, 2);
  assert.equal(result.completed, 1);
  near(result.makespan_ms, 70, 1e-9);
});

test("the warm-up is simulated and not measured; the scale is that of time", () => {
  const workload = "poisson:rate=0.5,tasks=1000";
  const result = simulate({ workload, agents: 1, warmUp: 0.3 });
  assert.equal(result.tasks, 700);
  assert.equal(result.warm_up_tasks, 300);
  const plain = simulate({ workload, agents: 1 });
  near(simulate({ workload, agents: 1, speedUp: 4 }).sojourn_ms.mean, plain.sojourn_ms.mean! / 4, 1e-6);
  near(simulate({ workload, agents: 1, load: 1.8 }).utilization, plain.utilization! * 1.8, 0.05);
});

test("fair share gives tenants their shares, whoever has more waiting", () => {
  const workload = Array.from({ length: 400 }, (_, index) => ({ arrivalMs: 0, serviceMs: 10, tenant: index < 300 ? "many" : "few" }));
  const slowdowns = (options: Partial<SimulateOptions>): number => simulate({ workload, agents: 1, ...options }).by_tenant.find(({ name }) => name === "few")!.sojourn_ms.max!;
  near(slowdowns({}), 4_000, 0.01);
  near(slowdowns({ fairShare: {} }), 2_000, 0.02);
});

test("limits of types and keys hold, and regions count", () => {
  const tasks = Array.from({ length: 6 }, (_, index) => ({ arrivalMs: 0, serviceMs: 100, type: index < 3 ? "a" : "b", region: "eu" }));
  near(simulate({ workload: tasks, agents: 6, typeLimits: { a: 1 } }).makespan_ms, 300, 1e-9);
  near(simulate({ workload: tasks.map((task) => ({ ...task, limitKey: "k" })), agents: 6 }).makespan_ms, 600, 1e-9);
  const using = tasks.map((task) => ({ ...task, uses: [{ limit: "gpu", amount: 2 }] }));
  near(simulate({ workload: using, agents: 6, limits: { gpu: { kind: "slots", units: 4 } } }).makespan_ms, 300, 1e-9);
  near(simulate({ workload: using, agents: 6, limits: { gpu: { kind: "window", units: 4, perMs: 1_000 } } }).makespan_ms, 2_100, 1e-9);
  assert.throws(() => simulate({ workload: using, agents: 6 }), /uses gpu; no limit is declared/);
  assert.throws(() => simulate({ workload: using, agents: 6, limits: { gpu: { kind: "slots", units: -1 } } }), /limit gpu: units are from 0/);
  const agents = [{ name: "far", slots: 6, region: "asia" }, { name: "near", slots: 6, region: "us" }];
  const result = simulate({ workload: tasks, agents, balancer: "nearest", distances: { eu: { us: 90, asia: 200 } } });
  assert.deepEqual(result.by_agent.map(({ name, completed }) => [name, completed]), [["far", 0], ["near", 6]]);
});

test("what makes no sense is refused, with what was expected", () => {
  const refused = (options: Partial<SimulateOptions>, code: string, message: RegExp): void => {
    const all: SimulateOptions = { workload: [{ arrivalMs: 0, serviceMs: 1 }], agents: 1, ...options };
    assert.throws(() => simulate(all), (error) => error instanceof SimulationRefusal && error.code === code && message.test(error.message));
  };
  refused({ agents: 0 }, "invalid_option", /at least one agent, got 0/);
  refused({ agents: 1.5 }, "invalid_option", /count is a whole number/);
  refused({ agents: [{ speed: 0 }] }, "invalid_option", /speed is a number greater than 0/);
  refused({ agents: [{ types: ["other"] }] }, "invalid_option", /No agent does tasks of type "task"/);
  refused({ policy: "sfj" }, "policy_unknown", /known policies: fcfs/);
  refused({ balancer: "best" }, "balancer_unknown", /known balancers: round-robin/);
  refused({ warmUp: 1.5 }, "invalid_option", /a share below 1, or a whole number/);
  refused({ workload: "sessions:sessions=3", warmUp: 0.1 }, "invalid_option", /not known before/);
  refused({ workload: "poisson:speed=1" }, "invalid_option", /no option "speed"; known: service, rate/);
  refused({ workload: "poison" }, "invalid_option", /known: poisson/);
  refused({ workload: [{ arrivalMs: 0, serviceMs: 1, needs: ["x"], line: 7 }] }, "dependency_unknown", /Line 7: needs "x"/);
  refused({ workload: [{ id: "a", arrivalMs: 0, serviceMs: 1 }, { id: "a", arrivalMs: 0, serviceMs: 1, line: 3 }] }, "duplicate_id", /Line 3/);
  refused({ workload: [{ id: "a", arrivalMs: 0, serviceMs: 1, needs: ["b"] }, { id: "b", arrivalMs: 0, serviceMs: 1, needs: ["a"] }] }, "flow_cycle", /circle: .*a/);
});
