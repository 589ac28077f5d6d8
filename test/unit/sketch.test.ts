// The quantile sketch: exact ends and mean, the promised error, and its form as plain data.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Sketch, SKETCH_RELATIVE_ERROR } from "../../src/core/struct/sketch.ts";

function sketchOf(values: Iterable<number>): Sketch {
  const sketch = new Sketch();
  for (const value of values) sketch.record(value);
  return sketch;
}

test("an empty sketch has seen nothing", () => {
  const sketch = new Sketch();
  assert.equal(sketch.count, 0);
  assert.equal(sketch.mean, undefined);
  assert.equal(sketch.min, undefined);
  assert.equal(sketch.max, undefined);
  assert.equal(sketch.quantile(0.5), undefined);
});

test("one value is every quantile, exactly", () => {
  const sketch = sketchOf([123.456]);
  for (const q of [0, 0.5, 0.99, 1]) assert.equal(sketch.quantile(q), 123.456);
  assert.equal(sketch.mean, 123.456);
});

test("the error is promised to be under 1 %", () => {
  assert.ok(SKETCH_RELATIVE_ERROR < 0.01);
});

test("zeros are counted as zeros", () => {
  const sketch = sketchOf([0, 0, 0, 8]);
  assert.equal(sketch.quantile(0.5), 0);
  assert.equal(sketch.quantile(0.75), 0);
  assert.equal(sketch.quantile(1), 8);
  assert.equal(sketch.mean, 2);
});

test("a million values from tiny to huge keep few buckets and the error bound", () => {
  const sketch = new Sketch();
  for (let i = 1; i <= 1_000_000; i++) sketch.record(i / 1000);
  for (const q of [0.01, 0.5, 0.95, 0.99, 0.999]) {
    const exact = Math.ceil(q * 1_000_000) / 1000;
    const found = sketch.quantile(q) ?? 0;
    assert.ok(Math.abs(found - exact) <= exact * SKETCH_RELATIVE_ERROR, `p${q * 100}: ${found} for ${exact}`);
  }
  assert.ok(JSON.stringify(sketch).length < 20_000);
});

test("one value in a hundred is beyond the 99th percentile", () => {
  const sketch = new Sketch();
  for (let count = 0; count < 99; count++) sketch.record(1);
  sketch.record(1000);
  assert.equal(sketch.count, 100);
  assert.ok((sketch.quantile(0.99) ?? 0) < 1.01);
  assert.equal(sketch.quantile(1), 1000);
});

test("values that are no durations are refused", () => {
  const sketch = new Sketch();
  for (const value of [-1, Number.NaN, Infinity]) assert.throws(() => sketch.record(value), /finite values from 0/);
  assert.equal(sketch.count, 0);
});

test("the largest and the smallest double have a bucket", () => {
  const sketch = sketchOf([Number.MIN_VALUE, Number.MAX_VALUE, Number.MAX_VALUE]);
  assert.equal(sketch.max, Number.MAX_VALUE);
  assert.ok((sketch.quantile(0.6) ?? 0) > Number.MAX_VALUE * 0.99);
});

test("a sketch survives JSON, the empty one too", () => {
  const full = sketchOf([0, 0.25, 3, 3.1, 1e9]);
  for (const sketch of [full, new Sketch()]) {
    const json = JSON.stringify(sketch);
    const back = Sketch.fromJSON(JSON.parse(json));
    assert.equal(JSON.stringify(back), json);
    back.record(7);
    assert.equal(back.count, sketch.count + 1);
  }
  assert.throws(() => Sketch.fromJSON({ ...full.toJSON(), bits: 7 }), /same width/);
});

test("a sketch can be merged into itself", () => {
  const sketch = sketchOf([1, 2, 3]);
  sketch.merge(sketch);
  assert.equal(sketch.count, 6);
  assert.equal(sketch.mean, 2);
});
