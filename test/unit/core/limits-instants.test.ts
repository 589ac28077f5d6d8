// Limits at instants that are fractions of a ms: nobody is let in by a rounding error too early, and whoever waits is woken at the
// first instant with room, which may be any double.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { BudgetMeter } from "../../../src/core/limits/budget-meter.ts";
import { Throttle } from "../../../src/core/limits/throttle.ts";
import { WindowMeter } from "../../../src/core/limits/window-meter.ts";
import { Scene, task, usesOf } from "../../support/core-scene.ts";
import { doubleBefore, exact } from "../../support/doubles.ts";

const instant = fc.double({ min: 1_000, max: 2 ** 41, noNaN: true });

/** A window of one unit in 60 ms, used up at `at`; who comes next waits. */
function usedUpAt(at: number): { readonly stage: Scene; readonly next: number } {
  const stage = new Scene();
  stage.agent();
  stage.limit("rate", { kind: "window", units: 1, perMs: 60 });
  stage.now = at;
  const [first, next] = stage.submit(task({ uses: usesOf({ rate: 1 }) }), task({ uses: usesOf({ rate: 1 }) })) as [number, number];
  stage.succeed(first);
  return { stage, next };
}

describe("a window", () => {
  // From random lives: the double nearest to the end of the window lies before it, or is what a subtraction makes of it.
  for (const at of [1994.5554445930004, 2028.4997498749374, 16337.7995995998]) {
    test(`that was used up at ${at} has room when it is over and not a rounding error before`, () => {
      const { stage, next } = usedUpAt(at);
      const { wakeAt } = stage.turn;
      assert.ok(exact(wakeAt!) >= exact(at) + exact(60) && exact(doubleBefore(wakeAt!)) < exact(at) + exact(60));
      assert.equal(stage.limitState("rate").nextRoomAt, wakeAt);
      stage.now = doubleBefore(wakeAt!);
      stage.act();
      assert.deepEqual([stage.started, stage.turn.wakeAt], [[], wakeAt]);
      stage.now = wakeAt!;
      stage.act();
      assert.deepEqual(stage.started, [next]);
    });
  }

  test("has room at the same instants after a restart or with another length, whatever came within the same ms", () => {
    const again: readonly ((stage: Scene) => unknown)[] = [(stage) => stage.restart(), (stage) => stage.limit("rate", { kind: "window", units: 2, perMs: 50 })];
    for (const goOn of again) {
      const stage = new Scene();
      stage.agent();
      stage.limit("rate", { kind: "window", units: 2, perMs: 60 });
      for (const at of [1295, 1295.666333111]) {
        stage.now = at;
        const [id] = stage.submit(task({ uses: usesOf({ rate: 1 }) })) as [number];
        stage.succeed(id);
      }
      stage.now = 1300;
      goOn(stage);
      const { perMs } = stage.limitState("rate");
      stage.agent();
      const [next] = stage.submit(task({ uses: usesOf({ rate: 1 }) })) as [number];
      assert.equal(stage.turn.wakeAt, 1295 + perMs!);
      stage.now = 1295 + perMs!;
      stage.act();
      assert.deepEqual([stage.started, stage.limitState("rate").used], [[next], 2]);
    }
  });

  test("counts what was used until the first instant at which all of its length has passed, and says which that is", () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: 1, max: 100_000 }), (at, perMs) => {
        const meter = new WindowMeter(perMs, "start");
        meter.settle(meter.reserve(1, at), 1, 1, at);
        const roomAt = meter.roomAt(1, at, (micros) => (micros <= 1 ? at : Infinity));
        assert.ok(exact(roomAt) >= exact(at) + exact(perMs) && exact(doubleBefore(roomAt)) < exact(at) + exact(perMs));
        assert.equal(meter.taken(doubleBefore(roomAt)), 1);
        assert.equal(meter.taken(roomAt), 0);
      }),
    );
  });
});

describe("a budget", () => {
  test("begins its period at a whole ms, not a rounding error before", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 20 }), fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: -(2 ** 20), max: 2 ** 20 }), (beginsAt, perMs, periods) => {
        // The first period lies far away, so that the time since it is not a double.
        const meter = new BudgetMeter(perMs, beginsAt + periods * perMs);
        const spentAt = doubleBefore(beginsAt);
        meter.settle(meter.reserve(1), 1, 1, spentAt);
        assert.equal(meter.taken(spentAt), 1);
        assert.equal(meter.roomAt(1, spentAt, (micros) => (micros <= 1 ? spentAt : Infinity)), beginsAt);
        assert.equal(meter.taken(beginsAt), 0);
      }),
    );
  });
});

describe("a back-off", () => {
  test("is over for an amount at the first instant at which the limit has recovered so much", () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: 1_000_001, max: 2 ** 50 }), fc.double({ min: 0, max: 5_000, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (now, units, retryAfterMs, share) => {
        const throttle = new Throttle();
        throttle.shrink(units, undefined, 0, now, now, retryAfterMs);
        const least = throttle.capacity(units, now);
        const micros = Math.min(units, least + 1 + Math.floor(share * (units - least)));
        const at = throttle.reachedAt(micros, units, now);
        assert.ok(throttle.capacity(units, at) >= micros);
        assert.ok(throttle.capacity(units, doubleBefore(at)) < micros);
      }),
    );
  });
});
