// The sketch's two promises, over random streams: every quantile near the exact one, and merging the same as seeing both streams.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Sketch, SKETCH_RELATIVE_ERROR } from "../../src/core/struct/sketch.ts";

const value = fc.oneof(
  fc.constant(0),
  fc.nat(),
  fc.double({ min: 1e-6, max: 1e12, noNaN: true }),
  fc.integer({ min: -20, max: 60 }).map((exponent) => 2 ** exponent),
);
const stream = fc.array(value, { minLength: 1, maxLength: 300 });

function sketchOf(values: readonly number[]): Sketch {
  const sketch = new Sketch();
  for (const one of values) sketch.record(one);
  return sketch;
}

test("every quantile is within the promised error of the exact one", () => {
  fc.assert(
    fc.property(stream, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
      const sorted = values.toSorted((a, b) => a - b);
      const exact = sorted[Math.max(1, Math.ceil(q * values.length)) - 1] ?? 0;
      const found = sketchOf(values).quantile(q) ?? Number.NaN;
      // One part in a million more for rounding where the bound is met exactly.
      assert.ok(Math.abs(found - exact) <= exact * SKETCH_RELATIVE_ERROR * 1.000001 + 1e-9, `${found} for ${exact}`);
    }),
  );
});

test("quantiles never fall as the share grows", () => {
  fc.assert(
    fc.property(stream, (values) => {
      const sketch = sketchOf(values);
      let before = 0;
      for (let q = 0; q <= 1; q += 0.05) {
        const now = sketch.quantile(q) ?? Number.NaN;
        assert.ok(now >= before);
        before = now;
      }
    }),
  );
});

test("merging two sketches is the sketch of both streams, in either order", () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 100 }), stream, (left, right) => {
      const both = sketchOf([...left, ...right]).toJSON();
      for (const [a, b] of [[left, right], [right, left]] as const) {
        const merged = sketchOf(a);
        merged.merge(sketchOf(b));
        const { sum, ...rest } = merged.toJSON();
        const { sum: bothSum, ...bothRest } = both;
        assert.deepEqual(rest, bothRest);
        assert.ok(Math.abs(sum - bothSum) <= bothSum * 1e-9);
      }
    }),
  );
});
