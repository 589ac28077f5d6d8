// The order under each policy, on scenes small enough to see by eye why it is so; how options are read; that a policy may change
// under waiting and running work.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { POLICY_NAMES, policyOf } from "../../../src/core/policy/policies.ts";
import { Scene, codeOf, task, type TaskPart } from "../../support/core-scene.ts";

function under(policy: string): Scene {
  const scene = new Scene();
  assert.equal(scene.act({ kind: "policy", queue: "default", policy }).replies[0]!.kind, "done");
  return scene;
}

/** Lets the one slot run what waits, each task for so long; the order in which tasks start, as places in what was submitted. */
function drain(scene: Scene, ids: readonly number[], serviceMs = 0): readonly number[] {
  const order: number[] = [];
  for (let id = scene.started[0]; id !== undefined; id = scene.started[0]) {
    order.push(ids.indexOf(id));
    scene.now += serviceMs;
    scene.succeed(id);
  }
  return order;
}

/** Tasks come a ms apart while nobody is there. */
function orderUnder(policy: string, ...parts: readonly TaskPart[]): readonly number[] {
  const scene = under(policy);
  const ids = parts.map((part) => {
    scene.now += 1;
    return scene.submit(task(part))[0]!;
  });
  scene.agent(1);
  return drain(scene, ids);
}

const sizes = (...estimates: readonly number[]): TaskPart[] => estimates.map((estimateMs) => ({ estimateMs }));

describe("orders", () => {
  test("shortest job first goes by estimates", () => {
    assert.deepEqual(orderUnder("sjf:aging=off", ...sizes(50, 10, 30, 10)), [1, 3, 2, 0]);
    assert.deepEqual(orderUnder("sjf", ...sizes(50, 10, 30, 10)), [1, 3, 2, 0]);
  });

  test("estimates are learned: the type that took longer goes later", () => {
    const scene = under("sjf:aging=off");
    scene.agent(1, ["slow", "quick"]);
    for (const [type, ms] of [["slow", 500], ["quick", 5]] as const) {
      const [id] = scene.submit(task({ type }));
      scene.now += ms;
      scene.succeed(id!);
    }
    const [holds] = scene.submit(task({ type: "slow" }));
    const ids = scene.submit(task({ type: "slow" }), task({ type: "quick" }));
    scene.succeed(holds!);
    assert.deepEqual(drain(scene, ids), [1, 0]);
  });

  test("weighted shortest goes by estimate ÷ weight", () => {
    assert.deepEqual(orderUnder("wspt:aging=off", { estimateMs: 10 }, { estimateMs: 30, weight: 6 }, { estimateMs: 8 }), [1, 2, 0]);
  });

  test("earliest due date first; without one, a task is due `undated` after its release", () => {
    assert.deepEqual(orderUnder("edf:undated=60ms", { dueAt: 1_500 }, {}, { dueAt: 1_020 }, { deadlineAt: 1_040 }), [2, 3, 1, 0]);
  });

  test("least slack takes the long task first where due dates are alike", () => {
    assert.deepEqual(orderUnder("least-slack", { dueAt: 2_000, estimateMs: 100 }, { dueAt: 2_100, estimateMs: 900 }), [1, 0]);
  });

  test("critical path takes the head of the longest chain, whatever its own length", () => {
    const scene = under("critical-path");
    const flow = [
      task({ estimateMs: 50 }), // alone: 50
      task({ estimateMs: 5 }), // 5 + 40 + 20 = 65
      task({ estimateMs: 40, needs: [1] }),
      task({ estimateMs: 20, needs: [2] }),
      task({ estimateMs: 30 }), // 30 + 20 = 50, after the first since it comes later
      task({ estimateMs: 20, needs: [4] }),
    ];
    const reply = scene.act({ kind: "submit", tasks: flow, flow: { name: "paths" } }).replies[0]!;
    const ids = reply.kind === "submitted" ? reply.ids : [];
    scene.agent(1);
    assert.deepEqual(drain(scene, ids), [1, 2, 0, 4, 3, 5]);
  });

  test("a dependent that comes later lengthens the paths to it", () => {
    const scene = under("critical-path");
    const [first, second] = scene.submit(task({ estimateMs: 20 }), task({ estimateMs: 10 })) as [number, number];
    scene.submit(task({ estimateMs: 100, needsTasks: [second] }));
    scene.agent(1);
    assert.deepEqual(scene.started, [second]);
    scene.succeed(second);
    assert.notDeepEqual(scene.started, [first], "its dependent has the longest path now");
  });

  test("older flows count as longer, so that none starves", () => {
    const scene = under("critical-path");
    const [old] = scene.submit(task({ estimateMs: 10 }));
    scene.now += 1_000;
    const [young] = scene.submit(task({ estimateMs: 900 }));
    scene.agent(1);
    assert.deepEqual(drain(scene, [old!, young!]), [0, 1]);
  });

  test("least attained service takes the session that had least", () => {
    const scene = under("las");
    scene.agent(1);
    const [a1] = scene.submit(task({ session: "a" }));
    const ids = scene.submit(task({ session: "a" }), task({ session: "b" }), task({ session: "a" }), task({ session: "b" }));
    scene.now += 10;
    scene.succeed(a1!);
    // a has had 10; b goes, gets 10 too; then it is a tie by arrival, and so on.
    assert.deepEqual(drain(scene, ids, 10), [1, 0, 3, 2]);
  });

  test("a flow is a session of its own", () => {
    const scene = under("las");
    scene.agent(1);
    const submit = (name: string): readonly number[] => {
      const reply = scene.act({ kind: "submit", tasks: [task(), task(), task()], flow: { name } }).replies[0]!;
      return reply.kind === "submitted" ? reply.ids : [];
    };
    const ids = [...submit("one"), ...submit("two")];
    scene.now += 10;
    scene.succeed(ids[0]!);
    assert.deepEqual(scene.started, [ids[3]], "the second flow has had nothing yet");
  });
});

describe("aging", () => {
  test("a long task is overtaken only by those that come within aging × its estimate", () => {
    const scene = under("sjf:aging=10");
    const [long] = scene.submit(task({ estimateMs: 100 }));
    scene.now += 985;
    const [early] = scene.submit(task({ estimateMs: 1 }));
    scene.now += 20;
    const [late] = scene.submit(task({ estimateMs: 1 }));
    scene.agent(1);
    assert.deepEqual(drain(scene, [long!, early!, late!]), [1, 0, 2]);
  });

  test("patience bounds it whatever the estimate", () => {
    const scene = under("sjf:aging=10:patience=50ms");
    const [long] = scene.submit(task({ estimateMs: 100_000 }));
    scene.now += 60;
    const [late] = scene.submit(task({ estimateMs: 1 }));
    scene.agent(1);
    assert.deepEqual(drain(scene, [long!, late!]), [0, 1]);
  });

  test("a level of priority is worth so much waiting", () => {
    const order = (policy: string): readonly number[] => {
      const scene = under(policy);
      const [low] = scene.submit(task({ priority: 4 }));
      scene.now += 250;
      const [high] = scene.submit(task({ priority: 2 }));
      scene.agent(1);
      return drain(scene, [low!, high!]);
    };
    assert.deepEqual(order("priority:aging=100ms"), [0, 1]);
    assert.deepEqual(order("priority:aging=200ms"), [1, 0]);
    assert.deepEqual(order("priority:aging=off"), [1, 0]);
  });
});

describe("choosing", () => {
  test("every policy can be chosen, changed under waiting and running work, and loses nothing", () => {
    const scene = new Scene();
    scene.agent(1, ["work"]);
    const ids = scene.submit(...sizes(30, 10, 20).map((part) => task({ ...part, preemptible: true })));
    for (const policy of POLICY_NAMES) assert.equal(scene.act({ kind: "policy", queue: "default", policy }).replies[0]!.kind, "done", policy);
    for (let done = 0; done < 3; done++) scene.succeed(scene.running()[0]!);
    assert.deepEqual(scene.states(ids), ["succeeded", "succeeded", "succeeded"]);
  });

  test("what is wrong with a choice is said", () => {
    const detail = (text: string): string => {
      const choice = policyOf(text);
      return choice.kind === "refused" ? choice.detail : "";
    };
    assert.match(detail("lifo"), /^`lifo`; known policies: fcfs, sjf/);
    assert.match(detail("sjf:agng=3"), /`sjf` has no option `agng`; it has `aging`, `patience`, `preempt`/);
    assert.match(detail("sjf:aging=-1"), /`aging` of `sjf` takes a number from 0 on, or `off`, not `-1`/);
    assert.match(detail("round-robin:slice=soon"), /`slice` of `round-robin` takes a duration such as/);
    assert.match(detail("edf:preempt=yes"), /`preempt` of `edf` takes `on` or `off`, not `yes`/);
    assert.match(detail("fcfs:x"), /it has none/);
    assert.match(detail("sjf:aging=1:aging=2"), /given twice/);
    const scene = new Scene();
    assert.equal(codeOf(scene.act({ kind: "policy", queue: "default", policy: "sjf:x" }).replies[0]), "policy_unknown");
  });
});

test("critical path: a task keeps its place when something comes that needs it", () => {
  const scene = new Scene();
  scene.act({ kind: "policy", queue: "default", policy: "critical-path" });
  scene.agent(1);
  const [busy] = scene.submit(task({ estimateMs: 100_000 }));
  scene.now += 1_000;
  const [early] = scene.submit(task({ estimateMs: 10_000 }));
  for (let count = 0; count < 20; count++) {
    scene.now += 1_000;
    scene.submit(task({ estimateMs: 10_000 }));
  }
  scene.submit(task({ estimateMs: 1, needsTasks: [early!] }));
  scene.succeed(busy!);
  assert.deepEqual(scene.started, [early!]);
});
