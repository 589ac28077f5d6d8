// Idempotency keys: a second submission gets the first task, live or past, unless it asks to run a failed one again.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Scene, codeOf, task } from "../../support/core-scene.ts";

describe("a key", () => {
  test("of a live task names that task", () => {
    const scene = new Scene();
    const [first] = scene.submit(task({ key: "k" })) as [number];
    const reply = scene.act({ kind: "submit", tasks: [task(), task({ key: "k" })] }).replies[0]!;
    assert.ok(reply.kind === "submitted");
    assert.deepEqual([reply.ids[1], reply.duplicates, scene.turn.changes.length], [first, [1], 1]);
    assert.equal(scene.scheduler.taskByKey("k")?.id, first);
  });

  test("twice in one submission is one task", () => {
    const scene = new Scene();
    const reply = scene.act({ kind: "submit", tasks: [task({ key: "k" }), task({ key: "k" }), task({ key: "k", needs: [0] })], flow: { name: "f" } }).replies[0]!;
    assert.ok(reply.kind === "submitted");
    assert.deepEqual([new Set(reply.ids).size, reply.duplicates], [1, [1, 2]]);
  });

  test("a task can need one that is named by its key", () => {
    const scene = new Scene();
    scene.agent();
    const [first] = scene.submit(task({ key: "k" })) as [number];
    const [same, again, last] = scene.flow(task({ key: "k" }), task({ key: "k" }), task({ needs: [1] })) as [number, number, number];
    assert.deepEqual([same, again, scene.state(last)], [first, first, "blocked"]);
    scene.succeed(first);
    assert.deepEqual(scene.started, [last]);
  });

  test("of a past task names that task, when the store says so", () => {
    const scene = new Scene();
    scene.agent();
    const [first] = scene.submit(task({ key: "k" })) as [number];
    scene.succeed(first);
    assert.equal(scene.scheduler.taskByKey("k"), undefined);
    assert.deepEqual(scene.submit(task({ key: "k", existing: { id: first, state: "succeeded" } })), [first]);
    assert.deepEqual(scene.submit(task({ key: "k", rerun: true, existing: { id: first, state: "succeeded" } })), [first], "a success is never run again");
  });

  test("a submission made of known tasks only opens no flow", () => {
    const scene = new Scene();
    scene.submit(task({ key: "k" }));
    scene.flow(task({ key: "k" }));
    assert.deepEqual(scene.turn.flows, []);
  });

  test("whose task the store takes for live and memory does not know was looked up too early", () => {
    const scene = new Scene();
    const reply = scene.act({ kind: "submit", tasks: [task(), task({ key: "k", existing: { id: 5, state: "running" } })] }).replies[0]!;
    assert.deepEqual([codeOf(reply), scene.turn.changes], ["key_moved", []]);
  });
});

describe("rerun", () => {
  test("takes the place of a past task that did not succeed", () => {
    const scene = new Scene();
    scene.agent();
    const [first] = scene.submit(task({ key: "k" })) as [number];
    scene.fail(first);
    const existing = { id: first, state: "failed" as const };
    assert.deepEqual(scene.submit(task({ key: "k", existing })), [first], "not unless asked");
    const [second] = scene.submit(task({ key: "k", existing, rerun: true })) as [number];
    assert.notEqual(second, first);
    assert.equal(scene.turn.changes[0]?.supersedes, first);
    assert.deepEqual([scene.row(first).key, scene.row(second).key], [null, "k"]);
  });

  test("takes the place of a finished one in an open flow, but never of one that lives", () => {
    const scene = new Scene();
    scene.agent();
    const [first, open] = scene.flow(task({ key: "k" }), task({ key: "open" })) as [number, number];
    assert.deepEqual(scene.submit(task({ key: "open", rerun: true })), [open]);
    scene.fail(first);
    const [second] = scene.submit(task({ key: "k", rerun: true })) as [number];
    assert.notEqual(second, first);
    assert.equal(scene.scheduler.taskByKey("k")?.id, second);
    // The end of the flow forgets the first one, not the key of the second.
    scene.succeed(open);
    assert.equal(scene.scheduler.task(first), undefined);
    assert.equal(scene.scheduler.taskByKey("k")?.id, second);
  });

  test("a superseded task that is redriven does not take the key back", () => {
    const scene = new Scene();
    scene.agent();
    const [first] = scene.flow(task({ key: "k" }), task()) as [number];
    scene.fail(first);
    const [second] = scene.submit(task({ key: "k", rerun: true })) as [number];
    scene.succeed(second);
    scene.redrive(first);
    assert.equal(scene.state(first), "running");
    assert.equal(scene.scheduler.taskByKey("k"), undefined);
  });
});
