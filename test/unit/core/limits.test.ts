// Concurrency limits by type and by key: exact, strays counted, and never the reason that somebody else waits.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { STOP_GRACE_MS, Scene, task, type TaskPart } from "../../support/core-scene.ts";

const tasks = (count: number, part: TaskPart = {}) => Array.from({ length: count }, () => task(part));

function typeLimit(scene: Scene, limit: number | null, type = "work"): void {
  scene.act({ kind: "type-limit", type, limit });
}

describe("a type limit", () => {
  test("holds across queues, and other types pass", () => {
    const scene = new Scene();
    scene.agent(10, ["work", "other"]);
    typeLimit(scene, 2);
    const ids = scene.submit(task(), task({ queue: "second" }), task(), task({ queue: "second" }), task({ type: "other" }));
    assert.deepEqual(scene.states(ids), ["running", "running", "queued", "queued", "running"]);
    scene.succeed(ids[0]!);
    assert.equal(scene.started.length, 1);
    assert.equal(scene.used("type:work"), 2);
  });

  test("counts what already runs when it is set, strays included", () => {
    const scene = new Scene();
    scene.agent(10);
    const ids = scene.submit(...tasks(3));
    scene.act({ kind: "cancel", select: { ids: [ids[0]!] }, reason: "user" });
    typeLimit(scene, 3);
    const [waits] = scene.submit(task()) as [number];
    assert.deepEqual([scene.state(waits), scene.used("type:work")], ["queued", 3]);
    scene.pass(STOP_GRACE_MS);
    assert.deepEqual(scene.started, [waits]);
  });

  test("raised, as many start as now fit; lifted, all do", () => {
    const scene = new Scene();
    scene.agent(10);
    typeLimit(scene, 1);
    scene.submit(...tasks(8));
    assert.equal(scene.started.length, 1);
    typeLimit(scene, 4);
    assert.equal(scene.started.length, 3);
    typeLimit(scene, null);
    assert.equal(scene.started.length, 4);
  });

  test("lowered, nothing new starts until enough has ended; 0 stops a type", () => {
    const scene = new Scene();
    scene.agent(10);
    typeLimit(scene, 3);
    const ids = scene.submit(...tasks(4));
    typeLimit(scene, 1);
    scene.succeed(ids[0]!);
    scene.succeed(ids[1]!);
    assert.equal(scene.state(ids[3]!), "queued");
    scene.succeed(ids[2]!);
    assert.deepEqual(scene.started, [ids[3]]);
    typeLimit(scene, 0);
    scene.submit(task());
    scene.succeed(ids[3]!);
    assert.deepEqual(scene.started, []);
  });

  test("lifted and set again counts right", () => {
    const scene = new Scene();
    scene.agent(10);
    typeLimit(scene, 2);
    const ids = scene.submit(...tasks(2));
    typeLimit(scene, null);
    scene.succeed(ids[0]!);
    scene.submit(task());
    typeLimit(scene, 2);
    scene.submit(task());
    assert.deepEqual([scene.started, scene.used("type:work")], [[], 2]);
  });
});

describe("a limit key", () => {
  test("lets one through at a time by default, best first, and holds up nobody else", () => {
    const scene = new Scene();
    scene.agent(10);
    const ids = scene.submit(task({ limitKey: "k" }), task({ limitKey: "k", priority: 4 }), task({ limitKey: "k", priority: 1 }), task({ priority: 4 }), task({ limitKey: "j" }));
    assert.deepEqual(scene.states(ids), ["queued", "queued", "running", "running", "running"]);
    scene.succeed(ids[2]!);
    assert.deepEqual(scene.started, [ids[0]]);
    scene.succeed(ids[0]!);
    assert.deepEqual(scene.started, [ids[1]]);
  });

  test("has as many units as its newest task says; more wake as many as now fit", () => {
    const scene = new Scene();
    scene.agent(10);
    scene.submit(...tasks(5, { limitKey: "k", limitOfKey: 1 }));
    assert.equal(scene.started.length, 1);
    scene.submit(task({ limitKey: "k", limitOfKey: 4 }));
    assert.equal(scene.started.length, 3);
    assert.equal(scene.used("key:k"), 4);
  });

  test("is forgotten with its last task and last stray", () => {
    const scene = new Scene();
    scene.agent(10);
    const [id] = scene.submit(task({ limitKey: "k" })) as [number];
    scene.act({ kind: "cancel", select: { ids: [id] }, reason: "user" });
    assert.equal(scene.used("key:k"), 1);
    scene.pass(STOP_GRACE_MS);
    assert.deepEqual(scene.scheduler.limits(), []);
  });

  test("a woken task that is cancelled before an agent is free passes its chance on", () => {
    const scene = new Scene();
    scene.agent(1);
    const ids = scene.submit(task({ limitKey: "k" }), task({ limitKey: "k" }), task({ limitKey: "k" }), task({ priority: 1 }));
    const [first, second, third, urgent] = ids as [number, number, number, number];
    assert.deepEqual(scene.started, [urgent]);
    scene.succeed(urgent);
    scene.agent(1);
    assert.deepEqual(scene.states([first, second, third]), ["running", "queued", "queued"]);
    // The unit comes free while both slots are taken by others.
    const others = scene.submit(...tasks(2, { priority: 1 }));
    scene.succeed(first);
    assert.deepEqual(scene.states([...others, second, third]), ["running", "running", "queued", "queued"]);
    scene.act({ kind: "cancel", select: { ids: [second] }, reason: "user" });
    scene.succeed(others[0]!);
    assert.deepEqual(scene.started, [third]);
  });

  test("a paused queue keeps no unit from another queue, and gets one when it is resumed", () => {
    const scene = new Scene();
    scene.agent(10);
    const [holder] = scene.submit(task({ limitKey: "k" })) as [number];
    const [paused, free] = scene.submit(task({ limitKey: "k", queue: "paused", priority: 1 }), task({ limitKey: "k", queue: "free" })) as [number, number];
    scene.act({ kind: "pause", queue: "paused" });
    scene.succeed(holder);
    assert.deepEqual(scene.started, [free]);
    scene.act({ kind: "resume", queue: "paused" });
    assert.equal(scene.state(paused), "queued");
    scene.succeed(free);
    assert.deepEqual(scene.started, [paused]);
  });

  test("a queue paused after its task was woken keeps the unit from nobody", () => {
    const scene = new Scene();
    scene.agent(1);
    const [holder, woken, other] = scene.submit(task({ limitKey: "k" }), task({ limitKey: "k", queue: "a" }), task({ limitKey: "k", queue: "b" })) as [number, number, number];
    const [agent] = scene.scheduler.agents();
    // The unit comes free while there is no agent, so whoever it is for only waits to be taken.
    scene.act({ kind: "succeed", id: holder, attempt: 1, result: "1", usage: scene.usage() }, { kind: "agent-leave", id: agent!.id, drain: false });
    scene.act({ kind: "pause", queue: "a" });
    scene.agent(5);
    assert.deepEqual(scene.started, [other]);
    scene.act({ kind: "resume", queue: "a" });
    assert.deepEqual(scene.started, []);
    scene.succeed(other);
    assert.deepEqual(scene.started, [woken]);
  });

  test("tasks whose agents are busy keep no unit from tasks of another type", () => {
    const scene = new Scene();
    scene.agent(1, ["slow"]);
    scene.agent(1, ["quick"]);
    const [holder] = scene.submit(task({ type: "quick", limitKey: "k" })) as [number];
    const [slow, better, quick] = scene.submit(task({ type: "slow" }), task({ type: "slow", limitKey: "k", priority: 1 }), task({ type: "quick", limitKey: "k" })) as [number, number, number];
    assert.deepEqual(scene.states([slow, better, quick]), ["running", "queued", "queued"]);
    scene.succeed(holder);
    assert.deepEqual(scene.started, [quick]);
    scene.succeed(slow);
    assert.equal(scene.state(better), "queued");
    scene.succeed(quick);
    assert.deepEqual(scene.started, [better]);
  });

  test("a parked or retrying task holds no unit", () => {
    const scene = new Scene();
    scene.agent(10);
    const ids = scene.submit(...tasks(3, { limitKey: "k", retry: { limit: 1, delayMs: 10 } }));
    scene.park(ids[0]!, "answer");
    assert.deepEqual(scene.started, [ids[1]]);
    scene.fail(ids[1]!);
    assert.deepEqual(scene.started, [ids[2]]);
  });
});

describe("two limits on one task", () => {
  test("both must have a unit, and waiting for one keeps none of the other", () => {
    const scene = new Scene();
    scene.agent(10, ["work", "other"]);
    typeLimit(scene, 1);
    const [both] = scene.submit(task({ limitKey: "k" })) as [number];
    const [keyed, typed, elsewhere] = scene.submit(task({ limitKey: "k" }), task(), task({ type: "other", limitKey: "k" })) as [number, number, number];
    assert.deepEqual(scene.states([both, keyed, typed, elsewhere]), ["running", "queued", "queued", "queued"]);
    scene.park(both, "answer");
    assert.deepEqual(scene.started, [keyed], "the first in line takes both units");
    scene.succeed(keyed);
    assert.deepEqual(scene.started, [typed, elsewhere]);
  });

  test("all of them get through in the end, never over a limit", () => {
    const scene = new Scene();
    scene.agent(3, ["work", "other"]);
    typeLimit(scene, 2);
    const parts: TaskPart[] = [];
    for (let index = 0; index < 60; index++) {
      parts.push({ type: index % 3 === 0 ? "other" : "work", queue: `q${index % 4}`, limitKey: `k${index % 5}`, limitOfKey: 1 + (index % 5 === 0 ? 1 : 0) });
    }
    const ids = scene.submit(...parts.map((part) => task(part)));
    const running = new Set(scene.started);
    let ended = 0;
    for (let id = [...running][0]; id !== undefined; id = [...running][0]) {
      for (const { used, units } of scene.scheduler.limits()) assert.ok(used <= units);
      running.delete(id);
      scene.succeed(id);
      ended += 1;
      for (const next of scene.started) running.add(next);
    }
    assert.equal(ended, ids.length);
  });
});
