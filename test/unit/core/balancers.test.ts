// What each balancer does to a workload: the shares of weights, distances, loads, waiting for a fast or a cheap agent, due dates.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Scene, task } from "../../support/core-scene.ts";
import type { AgentSpec } from "../../../src/core/agent.ts";
import { Fleet } from "../../../src/core/fleet.ts";
import { BalancerRun, type RunTask } from "../../support/balancer-run.ts";

function played(agents: readonly Partial<AgentSpec>[], balancer: string, tasks: readonly RunTask[], seed = 1): BalancerRun {
  const run = new BalancerRun(agents, balancer, tasks, seed);
  run.play();
  return run;
}

const many = (count: number, part: Partial<RunTask> = {}): readonly RunTask[] => Array.from({ length: count }, () => ({ serviceMs: 1_000, ...part }));
const agentsOf = (run: BalancerRun): readonly string[] => run.starts.map(({ agent }) => agent);
const countOf = (run: BalancerRun, agent: string): number => run.starts.filter((start) => start.agent === agent).length;
const startOf = (run: BalancerRun, task: number): string => {
  const { agent, at } = run.starts.find((start) => start.task === task)!;
  return `${agent} at ${at}`;
};

test("what is not known is refused with what is", () => {
  const fleet = new Fleet();
  const names = "round-robin, least-connections, weighted, nearest, power-of-two, earliest-finish, cheapest";
  assert.deepEqual(fleet.setBalancer("luck"), { kind: "refused", detail: `\`luck\`; known balancers: ${names}`, unknown: { name: "luck", known: names.split(", ") } });
  assert.equal(fleet.setBalancer("nearest:far")?.detail, "`nearest` has no option `far`; it has `measured`, `forget`");
  assert.equal(fleet.setBalancer("weighted:d=2")?.detail, "`weighted` has no option `d`; it has none");
  for (const wrong of ["power-of-two:d=0", "power-of-two:d=1.5", "nearest:forget=soon", "cheapest:patience", "earliest-finish:look-ahead=-1"]) {
    assert.match(fleet.setBalancer(wrong)?.detail ?? "", /^`[\w-]+` of `[\w-]+` takes /, wrong);
  }
  assert.equal(fleet.balancer.name, "round-robin", "a refusal changes nothing");
  assert.equal(fleet.setBalancer("cheapest:patience=5m:look-ahead=10"), undefined);
  assert.deepEqual([fleet.balancer.name, fleet.balancer.lookAhead], ["cheapest:patience=5m:look-ahead=10", 10]);
});

describe("weighted", () => {
  test("shares are as the weights, and spread out", () => {
    const run = played([{ slots: 100, weight: 5 }, { slots: 100 }, { slots: 100, weight: 1 }], "weighted", many(14));
    assert.equal(agentsOf(run).map((name) => name[1]).join(""), "01002000100200");
    assert.deepEqual([countOf(run, "a0"), countOf(run, "a1"), countOf(run, "a2")], [10, 2, 2]);
  });

  test("one that was full gets no burst afterwards", () => {
    const tasks = [...many(1, { type: "long" }), ...many(60, { serviceMs: 10, arrivesAt: 1 }), ...many(20, { serviceMs: 10, arrivesAt: 2_000 })];
    const run = played([{ types: ["work", "long"] }, { slots: 100 }], "weighted", tasks);
    assert.equal(countOf(run, "a0"), 2, "the long one, then one: it has one slot");
    const wide = new BalancerRun([{ slots: 100, types: ["work", "long"] }, { slots: 100 }], "weighted", [...many(100, { type: "long" }), ...tasks.slice(1)]);
    wide.play();
    assert.equal(countOf(wide, "a0"), 111, "the long ones, then every other one, and one more for all that it missed");
  });
});

describe("least connections", () => {
  const agents = [{ slots: 2 }, { slots: 20 }];
  test("counts attempts, whatever the slots", () => assert.equal(countOf(played(agents, "least-connections", many(4)), "a0"), 2));
  test("or their share of the slots", () => assert.equal(countOf(played(agents, "least-connections:relative", many(11)), "a0"), 1));
});

describe("nearest", () => {
  const agents = [{ slots: 3, region: "us" }, { slots: 2, region: "eu" }, { slots: 2, region: "asia" }, { slots: 2 }];
  const table = { eu: { us: 90 }, asia: { eu: 180, us: 150 } };

  test("its own region first, then the next nearest, then what is far", () => {
    const run = new BalancerRun(agents, "nearest", many(9, { region: "eu" }));
    run.fleet.distances.set(table);
    run.play();
    assert.deepEqual(agentsOf(run), ["a1", "a1", "a0", "a0", "a0", "a2", "a2", "a3", "a3"]);
  });

  test("distances hold both ways, and may differ", () => {
    const run = new BalancerRun(agents, "nearest", many(5, { region: "asia" }));
    run.fleet.distances.set({ ...table, us: { asia: 500 }, eu: { asia: 10 } });
    run.play();
    assert.deepEqual(agentsOf(run), ["a2", "a2", "a0", "a0", "a0"]);
  });

  test("without a table only the own region is near; the rest by fewest attempts", () => {
    assert.deepEqual(agentsOf(played(agents, "nearest", many(5, { region: "eu" }))), ["a1", "a1", "a0", "a2", "a3"]);
  });

  test("a task without a region goes where the fewest attempts are", () => {
    assert.deepEqual(agentsOf(played(agents, "nearest", many(4))), ["a0", "a1", "a2", "a3"]);
  });

  test("a new table counts at once", () => {
    const run = new BalancerRun([{ region: "x" }, { region: "y" }], "nearest:measured", [{ serviceMs: 1, region: "z" }, { serviceMs: 1, region: "z", arrivesAt: 10 }]);
    run.fleet.distances.set({ z: { x: 2, y: 1 } });
    // Asked for when the first task has ended.
    run.delayMs = () => {
      run.fleet.distances.set({ z: { x: 1, y: 2 } });
      return 0;
    };
    run.play();
    assert.deepEqual(agentsOf(run), ["a1", "a0"]);
  });

  test("measured: finds the near one, keeps to it, and looks again after a while", () => {
    const tasks = Array.from({ length: 100 }, (_, index) => ({ serviceMs: 1, region: "eu", arrivesAt: index * 10_000 }));
    const run = new BalancerRun([{ slots: 5 }, { slots: 5 }, { slots: 5 }], "nearest:measured:forget=5m", tasks);
    // The second is near for the first half, then the third.
    run.delayMs = (_, { spec }) => (spec.name === (run.now < 500_000 ? "a1" : "a2") ? 5 : 80);
    run.play();
    const late = run.starts.filter(({ at }) => at >= 900_000);
    assert.ok(run.starts.filter(({ at, agent }) => at < 300_000 && agent === "a1").length >= 28, "it keeps to the near one");
    assert.ok(late.filter(({ agent }) => agent === "a2").length >= late.length - 2, "it finds out that another is nearer now");
  });

  test("measured: one task finds out, the others do not follow it", () => {
    const run = new BalancerRun([{ slots: 9 }, { slots: 9 }], "nearest:measured", [...many(1, { region: "eu" }), ...many(5, { region: "eu", arrivesAt: 2_000 })]);
    run.delayMs = () => 5;
    run.play();
    assert.deepEqual(agentsOf(run), ["a0", "a1", "a0", "a0", "a0", "a0"]);
  });
});

describe("power of two", () => {
  /** Balls into bins: the most on one of 256 agents after 256 tasks, over several seeds. */
  const most = (balancer: string): number => {
    const agents = Array.from({ length: 256 }, () => ({ slots: 64 }));
    let worst = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const counts = new Map<string, number>();
      for (const name of agentsOf(played(agents, balancer, many(256), seed))) counts.set(name, (counts.get(name) ?? 0) + 1);
      worst += Math.max(...counts.values()) / 10;
    }
    return worst;
  };

  test("the most loaded agent has far less than by chance, and three choices do no worse", () => {
    const [random, two, three] = [most("power-of-two:d=1"), most("power-of-two"), most("power-of-two:d=3")];
    assert.ok(random > 4 && two < 3.5 && three <= two, `${random} ${two} ${three}`);
  });

  test("loads are relative to the slots", () => {
    const run = played([{ slots: 1_000 }, { slots: 10 }], "power-of-two", many(505));
    assert.ok(countOf(run, "a1") >= 4 && countOf(run, "a1") <= 6, `${countOf(run, "a1")}`);
  });

  test("another seed, another choice; the same seed, the same", () => {
    const choice = (seed: number): string => agentsOf(played(Array.from({ length: 50 }, () => ({ slots: 9 })), "power-of-two", many(100), seed)).join();
    assert.equal(choice(1), choice(1));
    assert.notEqual(choice(1), choice(2));
  });
});

describe("earliest finish", () => {
  const fastAndSlow = [{ speed: 10 }, { speed: 1 }];

  test("waits for the fast one when the task ends sooner there, and not longer", () => {
    const run = played(fastAndSlow, "earliest-finish", many(12));
    // Nine turns of the fast one come before the slow one has done one; the tenth ends no sooner.
    assert.equal(countOf(run, "a1"), 1);
    assert.equal(Math.max(...run.starts.map(({ endsAt }) => endsAt)), 1_100);
  });

  test("two tasks: both on the fast one, where the greedy balancers use the slow one", () => {
    assert.deepEqual(agentsOf(played(fastAndSlow, "earliest-finish", many(2))), ["a0", "a0"]);
    assert.deepEqual(agentsOf(played(fastAndSlow, "round-robin", many(2))), ["a0", "a1"]);
  });

  test("those behind a waiting task take what it leaves free", () => {
    const agents = [{ speed: 10, types: ["work"] }, { speed: 1, types: ["work", "other"] }];
    const run = played(agents, "earliest-finish", [...many(2), { serviceMs: 500, type: "other" }]);
    assert.deepEqual([startOf(run, 1), startOf(run, 2)], ["a0 at 100", "a1 at 0"]);
  });

  test("a task that waits for the fast one leaves what is free of its limit to those behind it", () => {
    const scene = new Scene();
    scene.limit("gpu", { kind: "slots", units: 2 });
    scene.act({ kind: "balancer", balancer: "earliest-finish" });
    scene.agent(1, ["work"], { name: "fast", speed: 10 });
    scene.agent(2, ["other"], { name: "other" });
    scene.submit(task({ estimateMs: 1_000_000 }));
    const [holder] = scene.submit(task({ type: "other", uses: [{ limit: "gpu", amount: 2 }] }));
    scene.agent(1, ["work"], { name: "slow" });
    const [long, short] = scene.submit(task({ estimateMs: 1_000_000, uses: [{ limit: "gpu", amount: 1 }] }), task({ estimateMs: 1_000, uses: [{ limit: "gpu", amount: 1 }] }));
    scene.succeed(holder!);
    assert.deepEqual(scene.states([long!, short!]), ["queued", "running"]);
  });

  test("speeds by type count", () => {
    const agents = [{ speeds: { a: 4 }, types: ["a", "b"] }, { speeds: { b: 4 }, types: ["a", "b"] }];
    assert.deepEqual(agentsOf(played(agents, "earliest-finish", [{ serviceMs: 10, type: "b" }, { serviceMs: 10, type: "a" }])), ["a1", "a0"]);
  });

  test("on equal agents nobody waits", () => {
    assert.equal(played([{}, {}, { slots: 3 }], "earliest-finish", many(50)).waits.size, 0);
  });

  test("an agent that overruns its estimate is not waited for longer than the free one would have taken", () => {
    // The first is said to take 1 s at speed 1 and hangs for an hour on the fast agent.
    const run = played(fastAndSlow, "earliest-finish", [{ serviceMs: 36_000_000, estimateMs: 1_000 }, { serviceMs: 1_000 }]);
    const second = run.starts.find(({ task }) => task === 1)!;
    assert.equal(second.agent, "a1");
    assert.ok(second.at > 0 && second.at <= 1_000, `it started at ${second.at}`);
  });

  test("a slot of a draining agent is not waited for", () => {
    const run = new BalancerRun(fastAndSlow, "earliest-finish", [...many(1, { rank: 0 }), ...many(2, { arrivesAt: 50 })]);
    // Asked for at the start of every dispatch: it drains once it works.
    const drain = (): void => {
      const fast = run.fleet.get(1)!;
      if (run.now === 50) run.fleet.drain(fast);
    };
    run.onDispatch = drain;
    run.play();
    assert.deepEqual([startOf(run, 1), startOf(run, 2)], ["a1 at 50", "a1 at 1050"]);
  });

  test("without look-ahead the waiting task holds up those behind it", () => {
    const agents = [{ speed: 10, types: ["work"] }, { speed: 1, types: ["work", "other"] }];
    const run = played(agents, "earliest-finish:look-ahead=0", [...many(2), { serviceMs: 500, type: "other" }]);
    assert.equal(startOf(run, 2), "a1 at 100");
  });
});

describe("cheapest", () => {
  // A second of work costs 1 on the slow and cheap agent, 4 on the fast one.
  const agents = [{ speed: 4, costPerHour: 16 }, { speed: 1, costPerHour: 1 }];

  test("without a due date the cheapest that is free, without waiting", () => {
    assert.deepEqual(agentsOf(played(agents, "cheapest", many(1))), ["a1"]);
    assert.deepEqual(agentsOf(played(agents, "cheapest", many(2))), ["a1", "a0"]);
  });

  test("with patience it waits for the cheap one, so long and no longer", () => {
    assert.equal(startOf(played(agents, "cheapest:patience=2s", many(2)), 1), "a1 at 1000");
    assert.equal(startOf(played(agents, "cheapest:patience=300ms", many(2)), 1), "a0 at 300");
  });

  test("a cheap one that drains is not waited for", () => {
    const run = new BalancerRun(agents, "cheapest:patience=1h", [...many(1), ...many(1, { arrivesAt: 50 })]);
    run.onDispatch = () => {
      if (run.now === 50) run.fleet.drain(run.fleet.get(2)!);
    };
    run.play();
    assert.deepEqual([startOf(run, 0), startOf(run, 1)], ["a1 at 0", "a0 at 50"]);
  });

  test("the dear one only when the cheap one would be late", () => {
    assert.deepEqual(agentsOf(played(agents, "cheapest", many(1, { dueAt: 1_000 }))), ["a1"]);
    assert.deepEqual(agentsOf(played(agents, "cheapest", many(1, { dueAt: 999 }))), ["a0"]);
  });

  test("waits for the cheap one while the due date allows it", () => {
    const run = played(agents, "cheapest", [...many(1), ...many(1, { dueAt: 2_000 }), ...many(1, { dueAt: 2_500 })]);
    assert.deepEqual([startOf(run, 1), startOf(run, 2)], ["a1 at 1000", "a0 at 0"], "the second is promised the next turn of the cheap one, the third would be late there");
  });

  test("when the cheap one does not come free as expected, the due date is met all the same", () => {
    const run = played(agents, "cheapest", [{ serviceMs: 36_000_000, estimateMs: 1_000 }, ...many(1, { dueAt: 2_500 })]);
    const { agent, endsAt } = run.starts.find(({ task }) => task === 1)!;
    assert.equal(agent, "a0");
    assert.ok(endsAt <= 2_500, `it ended at ${endsAt}`);
  });

  test("when nobody makes it in time, where it ends first", () => {
    assert.deepEqual(agentsOf(played(agents, "cheapest", many(1, { dueAt: 10 }))), ["a0"]);
    const run = played(agents, "cheapest", many(2, { dueAt: 10 }));
    assert.deepEqual([startOf(run, 0), startOf(run, 1)], ["a0 at 0", "a0 at 250"], "on the fast one after the first, at 500, rather than on the slow one, at 1000");
  });

  test("no due date is missed that some agent could meet at once, and it costs less than the fastest", () => {
    const tasks = Array.from({ length: 60 }, (_, index) => ({ serviceMs: 400 + ((index * 37) % 11) * 100, arrivesAt: index * 900, dueAt: index * 900 + 600 + ((index * 13) % 7) * 500 }));
    const run = played(agents, "cheapest", tasks);
    for (const { task, endsAt } of run.starts) assert.ok(endsAt <= tasks[task]!.dueAt, `task ${task} ended at ${endsAt}, due at ${tasks[task]!.dueAt}`);
    assert.ok(countOf(run, "a1") > 20, `${countOf(run, "a1")} on the cheap one`);
  });
});
