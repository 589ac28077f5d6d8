// The bench of bounds is itself checked: what it measures holds as the core is, and with a bug planted there its rows say "broken".
import assert from "node:assert/strict";
import { test } from "node:test";
import { BoundGauge, isHeld, type BoundResult } from "../../bench/lib/bound-gauge.ts";
import { agingBounds } from "../../bench/lib/bounds-aging.ts";
import { limitBounds } from "../../bench/lib/bounds-limits.ts";
import { shareBounds } from "../../bench/lib/bounds-share.ts";
import { FairShare } from "../../src/core/fair-share.ts";
import { Limit } from "../../src/core/limits/limit.ts";
import { OptionSpec } from "../../src/core/struct/option-spec.ts";

const RUNS = 40;
const brokenOf = (bounds: readonly BoundResult[]): readonly string[] => bounds.filter((bound) => !isHeld(bound)).map(({ name }) => name);

/** Puts another method in place of one while the bounds are measured. */
function measuredWith<Class extends object, Name extends keyof Class>(prototype: Class, name: Name, make: (original: Class[Name]) => Class[Name], measure: () => readonly BoundResult[]): readonly string[] {
  const original = prototype[name];
  prototype[name] = make(original);
  try {
    return brokenOf(measure());
  } finally {
    prototype[name] = original;
  }
}

test("without a bug every bound holds, and every one was tried", () => {
  assert.deepEqual(brokenOf([...agingBounds(10, 1), ...shareBounds(10, 1), ...limitBounds(10, 1)]), []);
});

test("patience and aging twice as long as asked break the bound of overtaking under every policy", () => {
  const broken = measuredWith(OptionSpec.prototype, "durationMs", (durationMs) => function (this: OptionSpec, ...of) { return 2 * durationMs.apply(this, of); }, () => agingBounds(RUNS, 1));
  assert.equal(broken.filter((name) => name.includes("overtaken")).length, 7, broken.join("; "));
});

test("a limit with room for a tenth of a unit too many breaks the bounds of every kind of limit", () => {
  const broken = measuredWith(Limit.prototype, "hasRoom", (hasRoom) => function (this: Limit, amount, now) { return hasRoom.call(this, Math.max(0, amount - 100_000), now); }, () => limitBounds(RUNS, 1));
  assert.equal(broken.length, 4, broken.join("; "));
});

test("weights that count for more than they are break both bounds of fair share", () => {
  const broken = measuredWith(FairShare.prototype, "weightOf", (weightOf) => function (this: FairShare, tenant) { return weightOf.call(this, tenant) + 0.7; }, () => shareBounds(RUNS, 1));
  assert.equal(broken.length, 2, broken.join("; "));
});

test("what was never tried, was passed, or came where nothing is allowed does not hold", () => {
  const gauge = new BoundGauge("a bound", "ms");
  assert.equal(isHeld(gauge.result(0)), false);
  gauge.see(1, 10, 10);
  assert.equal(isHeld(gauge.result(1)), true);
  gauge.see(2, 11, 10);
  assert.deepEqual([isHeld(gauge.result(2)), gauge.result(2).share, gauge.result(2).worst_seed], [false, 1.1, 2]);
  gauge.see(3, 1, 0);
  assert.deepEqual([isHeld(gauge.result(3)), gauge.result(3).share], [false, null]);
});
