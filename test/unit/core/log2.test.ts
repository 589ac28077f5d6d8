// The logarithm that does not depend on the engine: near the exact one, exact at powers of two, and the cheap scale has an inverse.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromOctave, log2Of, octaveOf } from "../../../src/core/struct/log2.ts";

const positive = fc.double({ min: 2 ** -1_000, max: Number.MAX_VALUE, noNaN: true });
const usual = fc.double({ min: 2 ** -100, max: 2 ** 100, noNaN: true });

test("log2Of is within 1e-8, and exact for powers of two", () => {
  fc.assert(fc.property(positive, (value) => assert.ok(Math.abs(log2Of(value) - Math.log2(value)) < 1e-8, String(value))));
  for (let power = -1_022; power < 1_024; power++) assert.equal(log2Of(2 ** power), power);
  assert.equal(log2Of(Number.MIN_VALUE), -1_022);
});

test("octaveOf grows with the value, stays near the logarithm, and fromOctave takes it back", () => {
  fc.assert(
    fc.property(usual, usual, (a, b) => {
      assert.ok((octaveOf(a) - octaveOf(b)) * Math.sign(a - b) >= 0);
      assert.ok(Math.abs(octaveOf(a) - Math.log2(a)) < 0.09);
      assert.ok(Math.abs(fromOctave(octaveOf(a)) / a - 1) < 1e-12);
    }),
  );
});
