// Who goes first: priorities, first come first served, a policy changed under waiting tasks, pauses, and queues that take turns.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Scene, codeOf, task, type TaskPart } from "../../support/core-scene.ts";

/** Lets the one slot of the scene's agent run what waits; the order in which tasks start. */
function drain(scene: Scene): readonly number[] {
  const order: number[] = [];
  for (let id = scene.started[0]; id !== undefined; id = scene.started[0]) {
    order.push(id);
    scene.succeed(id);
  }
  return order;
}

/** The order in which tasks start, submitted while nobody was there. */
function orderOf(policy: string | undefined, ...parts: readonly TaskPart[]): readonly number[] {
  const scene = new Scene();
  if (policy !== undefined) scene.act({ kind: "policy", queue: "default", policy });
  const ids = parts.map((part) => {
    scene.now += 1;
    return scene.submit(task(part))[0]!;
  });
  scene.agent(1);
  return drain(scene).map((id) => ids.indexOf(id));
}

describe("policies", () => {
  test("priority is the default: lower numbers first, any number allowed, ties by arrival", () => {
    assert.deepEqual(orderOf(undefined, { priority: 3 }, { priority: 1 }, { priority: 3 }, { priority: 2.5 }, { priority: -7 }, { priority: 1 }), [4, 1, 5, 3, 0, 2]);
  });

  test("FCFS goes by arrival whatever the priority", () => {
    assert.deepEqual(orderOf("fcfs", { priority: 3 }, { priority: 1 }, { priority: 2 }), [0, 1, 2]);
  });

  test("FCFS counts from the first release: a retry keeps its place, a task released later comes later", () => {
    const scene = new Scene();
    scene.act({ kind: "policy", queue: "default", policy: "fcfs" });
    const [late, first] = scene.submit(task({ releaseAt: 1_002 }), task({ retry: { limit: 1 } })) as [number, number];
    scene.now += 1;
    const [second] = scene.submit(task()) as [number];
    scene.pass(1);
    scene.agent(1);
    assert.deepEqual(scene.started, [first]);
    scene.now += 10;
    scene.fail(first);
    assert.deepEqual(drain(scene), [first, second, late]);
  });

  test("tasks of different types go by one order when an agent can do both", () => {
    const scene = new Scene();
    const ids = scene.submit(task({ type: "a", priority: 2 }), task({ type: "b", priority: 1 }), task({ type: "a", priority: 1 }), task({ type: "b", priority: 3 }));
    scene.agent(1, ["a", "b"]);
    assert.deepEqual(drain(scene), [ids[1], ids[2], ids[0], ids[3]]);
  });

  test("a type that nobody is free for holds up no other", () => {
    const scene = new Scene();
    scene.agent(1, ["a"]);
    const ids = scene.submit(task({ type: "b", priority: 1 }), task({ type: "a", priority: 3 }));
    assert.deepEqual(scene.states(ids), ["queued", "running"]);
  });

  test("setting a policy ranks anew what waits, also what waits at a limit", () => {
    const scene = new Scene();
    const parts = [task({ priority: 3 }), task({ priority: 1 }), task({ priority: 3, limitKey: "k" }), task({ priority: 2, limitKey: "k" }), task({ priority: 1, limitKey: "k" })];
    const ids = parts.map((part) => {
      scene.now += 1;
      return scene.submit(part)[0]!;
    });
    scene.agent(2);
    assert.deepEqual(scene.started, [ids[1], ids[4]], "by priority; the others of the key step aside");
    scene.act({ kind: "policy", queue: "default", policy: "fcfs" });
    scene.succeed(ids[1]!);
    assert.deepEqual(scene.started, [ids[0]]);
    scene.succeed(ids[4]!);
    assert.deepEqual(scene.started, [ids[2]], "by arrival now, not by priority");
    scene.act({ kind: "policy", queue: "default", policy: "priority" });
    scene.succeed(ids[2]!);
    assert.deepEqual(scene.started, [ids[3]]);
  });

  test("a unit that came free just before goes to the best by the new policy", () => {
    const scene = new Scene();
    scene.act({ kind: "policy", queue: "default", policy: "fcfs" });
    scene.agent(2);
    const ids = [task({ limitKey: "k" }), task({ limitKey: "k", priority: 2 }), task({ limitKey: "k", priority: 1 })].map((part) => {
      scene.now += 1;
      return scene.submit(part)[0]!;
    });
    scene.act({ kind: "succeed", id: ids[0]!, attempt: 1, result: "1", usage: scene.usage() }, { kind: "policy", queue: "default", policy: "priority" });
    assert.deepEqual(scene.started, [ids[2]]);
  });

  test("one that is not known is refused with those that are", () => {
    const scene = new Scene();
    const reply = scene.act({ kind: "policy", queue: "default", policy: "luck" }).replies[0]!;
    assert.equal(codeOf(reply), "policy_unknown");
    assert.match(reply.kind === "refused" ? reply.detail : "", /known policies: fcfs, sjf, .*priority/);
  });
});

describe("pause and resume", () => {
  test("a paused queue starts nothing; what runs goes on; resumed, it starts what waits", () => {
    const scene = new Scene();
    scene.agent(10);
    const [before, other] = scene.submit(task(), task({ queue: "other" })) as [number, number];
    scene.act({ kind: "pause", queue: "default" });
    const [waits, goes] = scene.submit(task(), task({ queue: "other" })) as [number, number];
    assert.deepEqual(scene.states([before, other, waits, goes]), ["running", "running", "queued", "running"]);
    assert.equal(codeOf(scene.succeed(before)), "done");
    scene.act({ kind: "resume", queue: "default" });
    assert.deepEqual(scene.started, [waits]);
  });

  test("all queues at once, those to come included", () => {
    const scene = new Scene();
    scene.agent(10);
    scene.submit(task());
    scene.act({ kind: "pause" });
    const ids = scene.submit(task(), task({ queue: "new" }));
    assert.deepEqual(scene.states(ids), ["queued", "queued"]);
    scene.act({ kind: "resume", queue: "new" });
    assert.deepEqual(scene.started, [ids[1]]);
    scene.act({ kind: "resume" });
    assert.deepEqual(scene.started, [ids[0]]);
  });

  test("a queue can be paused before it has tasks, and its tasks cancelled while it is", () => {
    const scene = new Scene();
    scene.agent(10);
    scene.act({ kind: "pause", queue: "default" });
    const ids = scene.submit(task(), task());
    scene.act({ kind: "cancel", select: { ids: [ids[0]!] }, reason: "user" });
    scene.act({ kind: "resume", queue: "default" });
    assert.deepEqual(scene.states(ids), ["cancelled", "running"]);
  });
});

describe("queues", () => {
  test("take turns in one match", () => {
    const scene = new Scene();
    const ids = scene.submit(task({ queue: "a" }), task({ queue: "a" }), task({ queue: "a" }), task({ queue: "b" }), task({ queue: "b" }));
    scene.agent(4);
    assert.deepEqual(scene.started, [ids[0], ids[3], ids[1], ids[4]]);
  });

  test("take turns from match to match too: a long queue does not starve another of the one slot", () => {
    const scene = new Scene();
    const ids = scene.submit(...["a", "a", "a", "a", "b", "b", "c"].map((queue) => task({ queue })));
    scene.agent(1);
    assert.deepEqual(drain(scene), [ids[0], ids[4], ids[6], ids[1], ids[5], ids[2], ids[3]]);
  });
});
