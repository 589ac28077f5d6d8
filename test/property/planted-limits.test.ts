// The checker of limits is itself checked: with a bug planted in the core, random lives must go wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BudgetMeter } from "../../src/core/limits/budget-meter.ts";
import { Limit } from "../../src/core/limits/limit.ts";
import { Limits } from "../../src/core/limits/limits.ts";
import { Throttle } from "../../src/core/limits/throttle.ts";
import { Waiting } from "../../src/core/limits/waiting.ts";
import { WindowMeter } from "../../src/core/limits/window-meter.ts";
import { CoreRun, STEP_KINDS, type Step } from "../support/core-run.ts";

/** More of what limits see than in other lives. */
const KINDS: readonly Step["kind"][] = [...STEP_KINDS, "submit", "submit", "report", "report", "report", "time", "backoff", "limit"];
const step: fc.Arbitrary<Step> = fc.record({ kind: fc.constantFrom(...KINDS), pick: fc.nat() });
const lives = fc.sample(fc.tuple(fc.nat(), fc.array(step, { minLength: 150, maxLength: 150 })), { numRuns: 120, seed: 7 });

/** Whether one of the lives goes wrong. */
function isFound(): boolean {
  return lives.some(([seed, steps]) => {
    try {
      const run = new CoreRun(seed, true);
      run.play(steps);
      run.settleAll();
      return false;
    } catch {
      return true;
    }
  });
}

/** Puts another method in place of one, as long as the test runs. */
function plant<Class extends object, Name extends keyof Class>(prototype: Class, name: Name, make: (original: Class[Name]) => Class[Name]): () => void {
  const original = prototype[name];
  prototype[name] = make(original);
  return () => (prototype[name] = original);
}

const BUGS: Readonly<Record<string, () => () => void>> = {
  "an entry leaves the window one ms early": () => plant(WindowMeter.prototype, "taken", (taken) => function (this: WindowMeter, now) { return taken.call(this, now + 1); }),
  "an entry leaves the window one ms late": () => plant(WindowMeter.prototype, "roomAt", (roomAt) => function (this: WindowMeter, amount, now, capacityAt) { return roomAt.call(this, amount, now, capacityAt) + 1; }),
  "a limit that recovers is looked at in whole ms": () => plant(Throttle.prototype, "reachedAt", (reachedAt) => function (this: Throttle, ...of) { return Math.ceil(reachedAt.apply(this, of)); }),
  "what was not used is not given back": () => plant(WindowMeter.prototype, "settle", (settle) => function (this: WindowMeter, entry, amount, used, now) { settle.call(this, entry, amount, Math.max(amount, used), now); }),
  "a budget forgets what runs when its period ends": () => plant(BudgetMeter.prototype, "taken", (taken) => function (this: BudgetMeter, now) { return now % 100 < 5 ? 0 : taken.call(this, now); }),
  "a restart resets the budget": () => plant(BudgetMeter.prototype, "load", () => function () {}),
  "an attempt forgets to give back": () => {
    let count = 0;
    return plant(Limits.prototype, "giveBack", (giveBack) => function (this: Limits, attempt, used) { if (count++ % 7 !== 6) giveBack.call(this, attempt, used); });
  },
  "a limit has room for one unit too many": () => plant(Limit.prototype, "hasRoom", (hasRoom) => function (this: Limit, amount, now) { return hasRoom.call(this, Math.max(0, amount - 1e6), now); }),
  "nobody is woken when there is room": () => plant(Waiting.prototype, "roomGrew", () => function () {}),
  "who stood behind one that is gone is not looked at": () => plant(Waiting.prototype, "passOn", () => function () {}),
  "each answer in flight shrinks the limit": () => plant(Throttle.prototype, "shrink", (shrink) => function (this: Throttle, units, _serial, ...rest) { shrink.call(this, units, Infinity, ...rest); }),
};

test("without a bug nothing is found", () => assert.equal(isFound(), false));

for (const [name, bug] of Object.entries(BUGS)) {
  test(`found: ${name}`, () => {
    const mend = bug();
    try {
      assert.ok(isFound());
    } finally {
      mend();
    }
  });
}
