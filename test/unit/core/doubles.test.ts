// Neighbours of doubles against their bits, and sums that are rounded up against exact ones.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { nextDown, nextUp, sumRoundedUp } from "../../../src/core/struct/doubles.ts";
import { doubleAfter, doubleBefore, exact } from "../../support/doubles.ts";

/** Instants from the first ms to far beyond today, with all of their bits. */
const instant = fc.double({ min: 1, max: 2 ** 42, noNaN: true });

test("nextUp and nextDown are the neighbours, also around powers of two and below 0", () => {
  const check = (value: number): void => {
    assert.equal(nextUp(value), doubleAfter(value));
    assert.equal(nextDown(value), doubleBefore(value));
    assert.equal(nextUp(-value), -doubleBefore(value));
    assert.equal(nextDown(-value), -doubleAfter(value));
  };
  for (let power = -1_000; power < 1_000; power++) for (const value of [2 ** power, doubleBefore(2 ** power), doubleAfter(2 ** power)]) check(value);
  fc.assert(fc.property(instant, check));
  assert.ok(nextUp(0) > 0 && nextDown(0) < 0);
});

test("a sum that is rounded up is the first double that is not below the true one", () => {
  fc.assert(
    fc.property(instant, fc.oneof(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 2 ** 40 }), instant), (a, b) => {
      const sum = sumRoundedUp(a, b);
      assert.ok(exact(sum) >= exact(a) + exact(b), "not below");
      assert.ok(exact(doubleBefore(sum)) < exact(a) + exact(b), "the first");
    }),
    { numRuns: 2_000 },
  );
  assert.equal(sumRoundedUp(0.5, 60), 60.5);
});
