// What a definition refuses, each with what to do about it; the types are checked in test/types.
import assert from "node:assert/strict";
import { test } from "node:test";
import { defineTask } from "../../../src/app/index.ts";

/** Calls it as JavaScript would, without types. */
const define = defineTask as (options: unknown) => unknown;

const refusals: readonly (readonly [options: unknown, message: RegExp])[] = [
  [undefined, /must be an object, not nothing/],
  [{ handler: () => 1 }, /type must be a text that is not empty, not nothing/],
  [{ type: "", handler: () => 1 }, /type must be a text/],
  [{ type: "a", handlr: () => 1 }, /no option "handlr"; did you mean "handler"\?/],
  [{ type: "a", handler: 1 }, /The handler of "a" must be a function/],
  [{ type: "a", handler: () => 1, lazy: async () => ({}) }, /has handler and lazy; it takes one/],
  [{ type: "a", runIn: "thread" }, /has runIn alone/],
  [{ type: "a", module: "./a.ts" }, /has module alone/],
  [{ type: "a", handler: () => 1, export: "a" }, /has export without module/],
  [{ type: "a", module: "./a.ts", runIn: "tread" }, /runIn must be "thread" or "process", not "tread"; did you mean "thread"\?/],
  [{ type: "a", module: "./a.ts", runIn: "thread", batch: { size: 2 } }, /batches are for handlers in the engine's own thread/],
  [{ type: "a", handler: () => [], batch: { size: 0 } }, /batch.size must be a whole number of at least 1, not 0/],
  [{ type: "a", handler: () => 1, priority: "hihg" }, /priority must be .*; did you mean "high"\?/],
  [{ type: "a", handler: () => 1, priority: Number.NaN }, /priority must be a finite number/],
  [{ type: "a", handler: () => 1, retries: -1 }, /retries must be a whole number of at least 0, not -1/],
  [{ type: "a", handler: () => 1, retries: { limit: 1, jitter: 2 } }, /retries.jitter must be from 0 to 1, not 2/],
  [{ type: "a", handler: () => 1, retries: { limt: 1 } }, /retries has no option "limt"; did you mean "limit"\?/],
  [{ type: "a", handler: () => 1, timeoutMs: 0 }, /timeoutMs must be a number of at least 1, not 0/],
  [{ type: "a", handler: () => 1, concurrency: 1.5 }, /concurrency must be a whole number/],
  [{ type: "a", handler: () => 1, onDependencyFailure: "ignore" }, /onDependencyFailure must be "skip" or "continue" or "fail", not "ignore"/],
  [{ type: "a", handler: () => 1, input: { parse: () => 1 } }, /input of the task "a" must be a Standard Schema/],
];

for (const [options, message] of refusals) {
  test(`a definition is refused: ${message.source}`, () => {
    assert.throws(() => define(options), { code: "invalid_option", message });
  });
}
