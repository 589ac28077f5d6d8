/**
 * A handler that ignores its time-out and comes back late must change nothing: its checkpoint and its children are refused as
 * `stale_attempt`, its result is dropped and told to watchers as stale, and what the retry says stands. Several engines fail
 * here: one takes the late completion for that of the retry and drops the retry's own, one forgets a retry that then fails.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import type { Payload } from "../../src/core/event.ts";
import type { AttemptStart } from "../../src/engine/agent.ts";
import { createFunctionAgent } from "../../src/engine/agents/function-agent.ts";
import type { TaskContext } from "../../src/engine/context.ts";
import { createEngine } from "../../src/engine/engine.ts";
import type { Engine, Note } from "../../src/engine/types.ts";
import { isMakespanError } from "../../src/protocol/errors.ts";
import { createMemoryStore } from "../../src/store/memory/memory-store.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { VirtualClock } from "../../src/testing/virtual-clock.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const TIMEOUT_MS = 1_000;

const STORES: readonly (readonly [name: string, create: (t: TestContext) => Store])[] = [
  ["memory", () => createMemoryStore()],
  ["sqlite", (t) => createSqliteStore({ path: join(temporaryFolder(t), "fencing.db") })],
];

/** One attempt of the task, which ends when the test says so and not before. */
interface Held {
  readonly context: TaskContext;
  readonly succeed: (result: string) => void;
  readonly fail: (error: Error) => void;
}

interface Scene {
  readonly engine: Engine;
  readonly store: Store;
  readonly clock: VirtualClock;
  /** The attempt of that number, as soon as it runs. */
  readonly attempt: (number: AttemptStart["attempt"]) => Promise<Held>;
  /** The note that a report of that attempt came too late, as soon as it is given. */
  readonly stale: (attempt: number, report: string) => Promise<Note>;
}

async function createScene(t: TestContext, store: Store): Promise<Scene> {
  const clock = new VirtualClock();
  const attempts = new Awaited<number, Held>();
  const notes = new Awaited<string, Note>();
  const engine = await createEngine({ store, clock, limits: { requestEveryMs: Infinity, retainEveryMs: Infinity } });
  t.after(() => engine.close("now"));
  engine.observe({ note: (note) => note.kind === "stale" && notes.give(`${note.attempt} ${note.report}`, note) });
  const handler = (_input: unknown, context: TaskContext): Promise<string> =>
    new Promise((resolve, reject) => attempts.give(context.attempt, { context, succeed: resolve, fail: reject }));
  await engine.addAgent(createFunctionAgent({ slots: 2, handlers: { slow: { handler } } }));
  return { engine, store, clock, attempt: (number) => attempts.get(number), stale: (attempt, report) => notes.get(`${attempt} ${report}`) };
}

/** Values by name, given once each, that somebody may wait for. */
class Awaited<Name, Value> {
  readonly #all = new Map<Name, PromiseWithResolvers<Value>>();

  get(name: Name): Promise<Value> {
    return this.#of(name).promise;
  }

  give(name: Name, value: Value): void {
    this.#of(name).resolve(value);
  }

  #of(name: Name): PromiseWithResolvers<Value> {
    let one = this.#all.get(name);
    if (one === undefined) this.#all.set(name, (one = Promise.withResolvers<Value>()));
    return one;
  }
}

async function submitSlow(engine: Engine): Promise<number> {
  const retry = { limit: 2, backoff: "fixed", delayMs: 0, maxDelayMs: 0, jitter: 0, lossLimit: 10 } as const;
  const spec = { type: "slow", queue: "default", priority: 3, retry, timeoutMs: TIMEOUT_MS, onDependencyFailure: "skip" } as const;
  const { ids } = await engine.submit({ tasks: [{ spec, input: "null" }] });
  return ids[0]!;
}

/** The first attempt has timed out and goes on all the same, and the second one runs. */
async function withLateAttempt(scene: Scene): Promise<{ readonly id: number; readonly late: Held; readonly retry: Held }> {
  const id = await submitSlow(scene.engine);
  const late = await scene.attempt(1);
  await scene.clock.advance(TIMEOUT_MS);
  return { id, late, retry: await scene.attempt(2) };
}

async function stored(store: Store, id: number): Promise<{ readonly state: string; readonly attempt: number; readonly result: Payload | undefined }> {
  const [row] = await store.taskGet([id], true);
  assert.ok(row !== undefined);
  return { state: row.state, attempt: row.attempt, result: row.result };
}

for (const [name, createStore] of STORES) {
  describe(`fencing of attempts, ${name} store`, () => {
    it("drops what a timed-out attempt returns while the retry runs, and keeps the retry's result", async (t) => {
      const scene = await createScene(t, createStore(t));
      const { id, late, retry } = await withLateAttempt(scene);
      const settled = scene.engine.settled(id);

      late.succeed("late");
      assert.deepEqual(await scene.stale(1, "succeed"), { kind: "stale", id, attempt: 1, report: "succeed" });
      assert.deepEqual(await stored(scene.store, id), { state: "running", attempt: 2, result: undefined });

      retry.succeed("of the retry");
      const outcome = await settled;
      assert.equal(outcome.state, "succeeded");
      assert.equal(outcome.result, '"of the retry"');
      assert.deepEqual(await stored(scene.store, id), { state: "succeeded", attempt: 2, result: '"of the retry"' });
      const attempts = await scene.store.attemptList(id);
      assert.deepEqual(attempts.map(({ attempt, outcome }) => ({ attempt, outcome })), [{ attempt: 1, outcome: "timeout" }]);
    });

    it("drops what it returns after the retry has succeeded", async (t) => {
      const scene = await createScene(t, createStore(t));
      const { id, late, retry } = await withLateAttempt(scene);
      retry.succeed("of the retry");
      assert.equal((await scene.engine.settled(id)).result, '"of the retry"');

      late.succeed("late");
      await scene.stale(1, "succeed");
      assert.deepEqual(await stored(scene.store, id), { state: "succeeded", attempt: 2, result: '"of the retry"' });
      assert.equal((await scene.engine.settled(id)).result, '"of the retry"');
    });

    it("keeps a retry that fails after the late attempt has returned: the task is tried again", async (t) => {
      const scene = await createScene(t, createStore(t));
      const { id, late, retry } = await withLateAttempt(scene);
      late.succeed("late");
      await scene.stale(1, "succeed");
      retry.fail(new Error("must be tried again"));
      const third = await scene.attempt(3);
      third.succeed("of the third");
      assert.equal((await scene.engine.settled(id)).result, '"of the third"');
      assert.deepEqual(await stored(scene.store, id), { state: "succeeded", attempt: 3, result: '"of the third"' });
    });

    it("drops a late failure, which costs the retry nothing", async (t) => {
      const scene = await createScene(t, createStore(t));
      const { id, late, retry } = await withLateAttempt(scene);
      late.fail(new Error("late"));
      await scene.stale(1, "fail");
      assert.equal((await stored(scene.store, id)).state, "running");
      retry.succeed("of the retry");
      assert.equal((await scene.engine.settled(id)).result, '"of the retry"');
    });

    it("refuses its checkpoint and its children with the code stale_attempt", async (t) => {
      const scene = await createScene(t, createStore(t));
      const { id, late, retry } = await withLateAttempt(scene);
      await assert.rejects(late.context.checkpoint({ step: 1 }), (error) => isMakespanError(error, "stale_attempt"));
      await assert.rejects(late.context.submit("slow", null), (error) => isMakespanError(error, "stale_attempt"));
      assert.ok(late.context.signal.aborted);
      assert.equal((await stored(scene.store, id)).attempt, 2);
      await retry.context.checkpoint({ step: 2 });
      assert.deepEqual(await scene.store.payloadLoad([{ id, kind: "checkpoint" }]), ['{"step":2}']);
      late.succeed("late");
      retry.succeed("of the retry");
      assert.equal((await scene.engine.settled(id)).result, '"of the retry"');
    });
  });
}
