// The advice on estimates: each state of affairs gets the sentence that fits it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TypeEstimate } from "../../src/core/estimate/estimates.ts";
import { estimateReport } from "../../src/monitor/estimate-report.ts";

const errors = { medianFactor: 1.5, meanOffMs: 50, biasMs: 5, withinQuarter: 0.4, ordered: 0.6 };
const size = { fromSize: 64, belowSize: Infinity, tasks: 100, meanMs: 100, p50Ms: 80, p90Ms: 200, medianFactor: 1.5, withinQuarter: 0.4 };
const plain: TypeEstimate = { type: "work", tasks: 500, meanMs: 100, p50Ms: 80, p90Ms: 200, meanCost: 0, predictor: "type", errors, given: undefined, sizes: [] };
const given = { tasks: 500, factor: 1, medianFactor: 1.2, withinQuarter: 0.7 };

function adviceOn(part: Partial<TypeEstimate>): string {
  return estimateReport([{ ...plain, ...part }], []).types[0]!.advice;
}

test("without estimates: enough tasks, good, fair and poor predictions, sizes that help or do not", () => {
  assert.match(adviceOn({ tasks: 1 }), /Only 1 task so far/);
  assert.match(adviceOn({ errors: { ...errors, medianFactor: 1.1 } }), /nothing to do/);
  assert.match(adviceOn({}), /off by 1\.5× or more, which will do/);
  assert.match(adviceOn({ errors: { ...errors, medianFactor: 3 } }), /off by 3× or more: give an estimate or a size/);
  assert.match(adviceOn({ predictor: "size", sizes: [size], errors: { ...errors, medianFactor: 3 } }), /for their size/);
  assert.match(adviceOn({ sizes: [size] }), /sizes given do not tell/);
});

test("with estimates: good, steadily wrong, worse than what is learned, or bad without anything better", () => {
  assert.match(adviceOn({ predictor: "given", given }), /go on giving them/);
  assert.match(adviceOn({ predictor: "given_scaled", given: { ...given, factor: 3, medianFactor: 3 } }), /take 3× their given estimates, steadily/);
  assert.match(adviceOn({ given: { ...given, medianFactor: 4 } }), /off by 4× at the median, and what is learned \(at the median off by 1\.5×\) is used instead: leave them out/);
  assert.match(adviceOn({ given: { ...given, medianFactor: 1.4 } }), /tell no more than what is learned.*leave them out/);
  assert.match(adviceOn({ predictor: "given", given: { ...given, medianFactor: 5 } }), /nothing learned is better yet/);
});

test("the data has the names of the wire, and no infinity", () => {
  const [summary] = estimateReport([{ ...plain, sizes: [size], errors: { ...errors, ordered: undefined } }], ["old"]).types;
  assert.equal(summary!.sizes[0]!.below_size, null);
  assert.equal(summary!.errors.ordered, null);
  assert.equal(summary!.given, null);
  assert.deepEqual(JSON.parse(JSON.stringify(summary)), summary);
});
