// A write that fails stops the app: every call and every watcher hears of it, nothing hangs, and nothing accepted is lost. An agent
// that throws does not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { defineTask, MakespanError } from "../../../src/app/index.ts";
import { openForTest, VirtualClock } from "../../../src/testing/index.ts";
import { createMemoryStore } from "../../../src/store/memory/memory-store.ts";

test("a full disk is told to all who wait, and what was accepted before is there afterwards", async () => {
  const store = createMemoryStore();
  let isFull = false;
  const commit = store.commit.bind(store);
  store.commit = (rows) => (isFull ? Promise.reject(new MakespanError("store_full", "The disk is full.")) : commit(rows));
  const clock = new VirtualClock();
  const task = defineTask({ type: "task", handler: (n: number) => n });
  const failures: MakespanError[] = [];
  const kit = await openForTest({ tasks: [task], store, clock, onFailure: (error) => failures.push(error) });
  const { app } = kit;
  const kept = await app.submit(task, 1, { delayMs: 1_000 });
  const settled = await app.submit(task, 2);
  await settled.result();
  const changes = app.watch();
  const waiting = assert.rejects(kept.result(), { code: "store_full" });
  isFull = true;
  await assert.rejects(app.submit(task, 3), { code: "store_full", message: /^The engine stopped, since its store failed: The disk is full\.$/ });
  await waiting;
  await assert.rejects(async () => {
    for await (const change of changes) assert.equal(change.kind, "task");
  }, { code: "store_full" });
  await assert.rejects(app.pause(), { code: "store_full" });
  await assert.rejects(app.submitMany(task, [4, 5]), { code: "store_full" });
  assert.deepEqual(failures.map(({ code }) => code), ["store_full"]);
  await kit.close();

  isFull = false;
  await using after = await openForTest({ tasks: [task], store, clock });
  await after.runUntilIdle();
  assert.equal(await after.app.task(task, kept.id).result(), 1);
  assert.equal(await after.app.task(task, settled.id).result(), 2);
  assert.equal((await after.app.list()).tasks.length, 2);
});

test("a turn that cannot even be handed to the store stops the app too", async () => {
  const store = createMemoryStore();
  let isTooLarge = false;
  const commit = store.commit.bind(store);
  store.commit = (rows) => {
    if (isTooLarge) throw new RangeError("Invalid string length");
    return commit(rows);
  };
  const clock = new VirtualClock();
  const task = defineTask({ type: "task", handler: (n: number) => n });
  const failures: MakespanError[] = [];
  const kit = await openForTest({ tasks: [task], store, clock, onFailure: (error) => failures.push(error) });
  const kept = await kit.app.submit(task, 1, { delayMs: 1_000 });
  isTooLarge = true;
  await assert.rejects(kit.app.submit(task, 2), { code: "engine_stopped", message: "The engine stopped, since a write failed: Invalid string length" });
  await assert.rejects(kit.app.submit(task, 3), { code: "engine_stopped" });
  assert.deepEqual(failures.map(({ code }) => code), ["engine_stopped"]);
  await kit.close();

  isTooLarge = false;
  await using after = await openForTest({ tasks: [task], store, clock });
  await after.runUntilIdle();
  assert.equal(await after.app.task(task, kept.id).result(), 1);
  assert.equal((await after.app.list()).tasks.length, 1);
});

test("an agent that throws fails its attempt, and the app goes on", async () => {
  const task = defineTask({ type: "task", handler: (n: number) => n });
  const failures: MakespanError[] = [];
  await using kit = await openForTest({ tasks: [task], onFailure: (error) => failures.push(error) });
  const { app } = kit;
  await app.addAgent({
    spec: { name: "odd", kind: "function", types: ["thrown", "deaf"], slots: 2 },
    start: ({ type }) => {
      if (type === "thrown") throw new Error("not today");
    },
    stop: () => {
      throw new Error("nor stopped");
    },
    close: async () => {},
  });
  const thrown = await app.submit("thrown", undefined, { retries: 0 });
  await assert.rejects(thrown.result(), { code: "handler_error", message: /not today/ });
  const deaf = await app.submit("deaf");
  assert.equal(await app.cancel(deaf), 1);
  assert.equal(await (await app.submit(task, 1)).result(), 1);
  assert.deepEqual(failures, []);
});
