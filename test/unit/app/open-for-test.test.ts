// The test kit: hours pass in a moment, in order, and never while something real is under way.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { defineTask } from "../../../src/app/index.ts";
import { createMemoryStore } from "../../../src/store/memory/memory-store.ts";
import { openForTest, VirtualClock } from "../../../src/testing/index.ts";

test("time-outs and retries pass when the test says so", async () => {
  const attempts: number[] = [];
  const hang = defineTask({
    type: "hang",
    timeoutMs: 60_000,
    retries: { limit: 1, delayMs: 3_600_000, jitter: 0 },
    handler: (_: undefined, { attempt, signal }) => {
      attempts.push(attempt);
      return attempt === 1 ? new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))) : "second";
    },
  });
  await using kit = await openForTest({ tasks: [hang] });
  const handle = await kit.app.submit(hang);
  await kit.advance(59_999);
  assert.equal((await kit.app.get(handle))?.state, "running");
  await kit.advance(1);
  assert.equal((await kit.app.get(handle))?.state, "scheduled");
  await kit.advance(3_600_000);
  assert.equal(await handle.result(), "second");
  assert.deepEqual(attempts, [1, 2]);
});

test("runUntilIdle passes backoffs, release times and sleeps of handlers", async () => {
  const clock = new VirtualClock(0);
  const sleepy = defineTask({ type: "sleepy", handler: async (ms: number, { signal }) => (await clock.sleep(ms, signal), clock.now()) });
  const batch = defineTask({ type: "batch", batch: { size: 10, waitMs: 500 }, handler: (inputs: readonly number[]) => inputs.map(() => inputs.length) });
  await using kit = await openForTest({ tasks: [sleepy, batch], clock });
  const [first, later] = await Promise.all([kit.app.submit(sleepy, 5_000), kit.app.submit(sleepy, 1_000, { delayMs: 86_400_000 })]);
  const batched = await kit.app.submitMany(batch, [1, 2, 3]);
  await kit.runUntilIdle();
  assert.deepEqual([await first.result(), await later.result(), clock.now()], [5_000, 86_401_000, 86_401_000]);
  assert.deepEqual(await Promise.all(batched.map((handle) => handle.result())), [3, 3, 3]);
});

test("time stands still while a handler does something real", async () => {
  const read = defineTask({ type: "read", timeoutMs: 10, handler: async () => (await readFile(import.meta.filename, "utf8")).length });
  await using kit = await openForTest({ tasks: [read] });
  const before = kit.clock.now();
  const handle = await kit.app.submit(read);
  await kit.runUntilIdle();
  assert.ok((await handle.result()) > 0);
  assert.equal(kit.clock.now(), before);
});

test("what waits for an answer does not keep it running", async () => {
  const ask = defineTask({ type: "ask", handler: (_: undefined, { park }) => park({ for: "answer" }) });
  await using kit = await openForTest({ tasks: [ask] });
  const handle = await kit.app.submit(ask);
  await kit.runUntilIdle();
  assert.equal((await kit.app.get(handle))?.state, "parked");
});

test("a restart on the same store goes on where it was", async () => {
  const clock = new VirtualClock();
  const store = createMemoryStore();
  const task = defineTask({ type: "task", handler: () => "done" });
  const before = await openForTest({ tasks: [task], clock, store });
  const handle = await before.app.submit(task, undefined, { delayMs: 1_000 });
  await before.close();
  await using after = await openForTest({ tasks: [task], clock, store });
  await after.runUntilIdle();
  assert.equal(await after.app.task(task, handle.id).result(), "done");
});
