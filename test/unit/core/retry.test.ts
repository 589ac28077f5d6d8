// How long a failed task waits: the rule by itself, and as the scheduler follows it.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { backoffMs } from "../../../src/core/resilience/retry.ts";
import type { RetryRule } from "../../../src/core/task.ts";
import { Scene, task } from "../../support/core-scene.ts";

const rule = (part: Partial<RetryRule>): RetryRule => ({ limit: 9, backoff: "fixed", delayMs: 100, maxDelayMs: 1_000, jitter: 0, lossLimit: 0, ...part });
const waits = (part: Partial<RetryRule>, count: number) => Array.from({ length: count }, (_, index) => backoffMs(rule(part), index + 1, 7, 1));

describe("backoff", () => {
  test("fixed waits the same each time, and never longer than the greatest wait", () => {
    assert.deepEqual(waits({}, 4), [100, 100, 100, 100]);
    assert.deepEqual(waits({ maxDelayMs: 30 }, 2), [30, 30]);
  });

  test("exponential doubles up to the greatest wait, however many failures there are", () => {
    assert.deepEqual(waits({ backoff: "exponential" }, 6), [100, 200, 400, 800, 1_000, 1_000]);
    assert.equal(backoffMs(rule({ backoff: "exponential", maxDelayMs: 1e15 }), 100_000, 7, 1), 1e15);
    assert.equal(backoffMs(rule({ backoff: "exponential", delayMs: 0 }), 100_000, 7, 1), 0);
  });

  test("jitter takes off at most its share, the same for the same seed, task and failure", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (seed, id, jitter) => {
        const waitMs = backoffMs(rule({ jitter }), 1, seed, id);
        assert.ok(waitMs <= 100 && waitMs >= Math.floor(100 * (1 - jitter)));
        assert.equal(waitMs, backoffMs(rule({ jitter }), 1, seed, id));
      }),
    );
    const spread = new Set(Array.from({ length: 100 }, (_, id) => backoffMs(rule({ jitter: 1, delayMs: 100_000, maxDelayMs: 100_000 }), 1, 7, id + 1)));
    assert.ok(spread.size > 90, "tasks that failed together do not come back together");
  });
});

describe("retries", () => {
  test("a task comes back after each wait and fails when its retries are used up", () => {
    const scene = new Scene();
    scene.agent();
    const [id] = scene.submit(task({ retry: { limit: 2, backoff: "exponential", delayMs: 100 } })) as [number];
    scene.fail(id);
    assert.equal(scene.state(id), "scheduled");
    assert.equal(scene.turn.wakeAt, scene.now + 100);
    scene.pass(99);
    assert.equal(scene.state(id), "scheduled");
    scene.pass(1);
    assert.deepEqual([scene.state(id), scene.row(id).attempt], ["running", 2]);
    scene.fail(id);
    scene.pass(199);
    assert.equal(scene.state(id), "scheduled");
    scene.pass(1);
    scene.fail(id);
    assert.deepEqual([scene.state(id), scene.row(id).reason, scene.row(id).failures, scene.row(id).attempt], ["failed", "handler_error", 3, 3]);
    assert.equal(scene.row(id).error, `"wrong"`);
  });

  test("without a wait it queues again at once, at its old place", () => {
    const scene = new Scene();
    scene.agent(1);
    const [first, second] = scene.submit(task({ retry: { limit: 1 } }), task()) as [number, number];
    scene.fail(first);
    assert.deepEqual(scene.started, [first]);
    assert.equal(scene.state(second), "queued");
  });

  test("an error that is not retryable ends it at once", () => {
    const scene = new Scene();
    scene.agent();
    const [id] = scene.submit(task({ retry: { limit: 5 } })) as [number];
    scene.fail(id, { retryable: false, code: "bad_input" });
    assert.deepEqual([scene.state(id), scene.row(id).reason], ["failed", "bad_input"]);
  });

  test("the handler's own wait replaces the backoff, in both directions", () => {
    const scene = new Scene();
    scene.agent();
    const [id] = scene.submit(task({ retry: { limit: 5, delayMs: 100 } })) as [number];
    scene.fail(id, { retryAfterMs: 7 });
    assert.equal(scene.turn.wakeAt, scene.now + 7);
    scene.pass(7);
    scene.fail(id, { retryAfterMs: 5_000 });
    assert.equal(scene.turn.wakeAt, scene.now + 5_000);
    scene.pass(5_000);
    scene.fail(id, { retryAfterMs: 0 });
    assert.deepEqual(scene.started, [id]);
  });

  test("the wait with jitter follows from the seed alone", () => {
    const wakes = [1, 1, 2].map((seed) => {
      const scene = new Scene(seed);
      scene.agent();
      const [id] = scene.submit(task({ retry: { limit: 1, delayMs: 100_000, jitter: 1 } })) as [number];
      scene.fail(id);
      return scene.turn.wakeAt;
    });
    assert.equal(wakes[0], wakes[1]);
    assert.notEqual(wakes[0], wakes[2]);
  });
});
