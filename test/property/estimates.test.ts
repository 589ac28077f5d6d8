// What is learned of durations: it comes to the truth, a size that says nothing does no harm, estimates are corrected or dropped as
// they deserve, storing changes nothing, and everything is bounded and repeatable.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Estimates, UNKNOWN_SERVICE_MS, type TypeEstimate } from "../../src/core/estimate/estimates.ts";
import { TypeModel } from "../../src/core/estimate/type-model.ts";
import { randomOf } from "../../src/core/struct/random.ts";
import type { Spec, Task } from "../../src/core/task.ts";
import { extraOf, TaskRecord } from "../../src/core/task-record.ts";
import { spec } from "../support/core-scene.ts";

const specs = new Map<string, Spec>();
let lastId = 0;

interface Traits {
  readonly given?: number | undefined;
  readonly size?: number | undefined;
}

function taskOf(type: string, { given, size }: Traits = {}): Task {
  if (!specs.has(type)) specs.set(type, spec({ type }));
  const task = new TaskRecord(++lastId, specs.get(type)!, "queued", 0, 0);
  if (given !== undefined) extraOf(task).estimateMs = given;
  if (size !== undefined) extraOf(task).size = size;
  return task;
}

/** Numbers from 0 to 1, the same for the same seed. */
function numbers(seed: number): () => number {
  let drawn = 0;
  return () => randomOf(seed, ++drawn, 0);
}

/** Mean 1; it spreads like real durations, the largest 60 times the smallest. */
function noise(random: () => number): number {
  const a = random();
  return 0.2 + 2.4 * a * a;
}

const seeds = fc.integer({ min: 1, max: 1_000_000 });
const runs = { numRuns: 30 };

function near(value: number, truth: number, share: number): void {
  assert.ok(Math.abs(value - truth) <= truth * share, `${value} is not within ${share * 100} % of ${truth}`);
}

function described(estimates: Estimates, type = "work"): TypeEstimate {
  return estimates.describe().find((one) => one.type === type)!;
}

test("nothing known: the estimate that was given, else the default", () => {
  const estimates = new Estimates();
  assert.equal(estimates.serviceMs(taskOf("work")), UNKNOWN_SERVICE_MS);
  assert.equal(estimates.expectedMs(taskOf("work")), undefined);
  assert.equal(estimates.serviceMs(taskOf("work", { given: 70 })), 70);
  assert.equal(estimates.expectedCost(taskOf("work")), 0);
  assert.ok(estimates.serviceQuantileMs(taskOf("work"), 0.9) > UNKNOWN_SERVICE_MS);
});

test("mean and quantiles come to the truth, and to a new truth after a change", () => {
  fc.assert(
    fc.property(seeds, fc.double({ min: 1, max: 1e6, noNaN: true }), (seed, mean) => {
      const random = numbers(seed);
      const estimates = new Estimates();
      for (let n = 0; n < 2_000; n++) estimates.observe(taskOf("work"), mean * noise(random));
      near(estimates.serviceMs(taskOf("work")), mean, 0.2);
      near(estimates.serviceQuantileMs(taskOf("work"), 0.5), mean * 0.8, 0.25);
      near(estimates.serviceQuantileMs(taskOf("work"), 0.9), mean * 2.144, 0.25);
      for (let n = 0; n < 1_000; n++) estimates.observe(taskOf("work"), 3 * mean * noise(random));
      near(estimates.serviceMs(taskOf("work")), 3 * mean, 0.35);
    }),
    runs,
  );
});

test("durations that grow with the size, straight or not, are known by size", () => {
  const truths: readonly ((size: number) => number)[] = [(size) => 50 + 2 * size, (size) => (size * size) / 100, (size) => 100 * Math.sqrt(size), (size) => 100_000 / size];
  fc.assert(
    fc.property(seeds, fc.constantFrom(...truths), (seed, truth) => {
      const random = numbers(seed);
      const estimates = new Estimates();
      const sizeOf = (): number => 2 ** (4 + 8 * random());
      for (let n = 0; n < 4_000; n++) {
        const size = sizeOf();
        estimates.observe(taskOf("work", { size }), truth(size) * noise(random));
      }
      assert.equal(described(estimates).predictor, "size");
      for (const size of [20, 90, 300, 1_000, 3_000]) {
        const factor = estimates.serviceMs(taskOf("work", { size })) / truth(size);
        assert.ok(factor > 0.5 && factor < 2, `${factor} times the truth at ${size}`);
      }
      // Of two tasks the order is right where the sizes are well apart.
      const ordered = [20, 60, 180, 540, 1_620].map((size) => estimates.serviceMs(taskOf("work", { size })));
      const isGrowing = truth(2) > truth(1);
      ordered.forEach((ms, index) => assert.ok(index === 0 || (ms > ordered[index - 1]!) === isGrowing, String(ordered)));
    }),
    runs,
  );
});

/** Mean over the tasks of what was ahead of each one, when all are done in the order of what was predicted (ties: as they came). */
function meanCompletion(served: readonly { readonly predicted: number; readonly ms: number }[]): number {
  let clock = 0;
  return served.map((one, index) => ({ ...one, index })).sort((a, b) => a.predicted - b.predicted || a.index - b.index).reduce((sum, { ms }) => sum + (clock += ms), 0) / served.length;
}

test("a size that says nothing does no harm: the order is no worse than by the mean of the type, but for chance", () => {
  const ratios: number[] = [];
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = numbers(seed);
      const estimates = new Estimates();
      const next = (): { readonly task: Task; readonly ms: number } => ({ task: taskOf("work", { size: 2 ** (12 * random()) }), ms: 500 * noise(random) });
      for (let n = 0; n < 1_000; n++) {
        const { task, ms } = next();
        estimates.observe(task, ms);
      }
      const waiting = Array.from({ length: 1_000 }, next);
      const bySize = meanCompletion(waiting.map(({ task, ms }) => ({ predicted: estimates.serviceMs(task), ms })));
      const asTheyCame = meanCompletion(waiting.map(({ ms }) => ({ predicted: 0, ms })));
      ratios.push(bySize / asTheyCame);
      assert.ok(bySize <= asTheyCame * 1.1, `${bySize} against ${asTheyCame}`);
      for (const { task } of waiting) near(estimates.serviceMs(task), 500, 0.6);
    }),
    runs,
  );
  near(ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length, 1, 0.015);
});

test("estimates that are steadily wrong are corrected, and wild ones are not used", () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom(0.1, 3, 20), (seed, factor) => {
      const random = numbers(seed);
      const steady = new Estimates();
      const wild = new Estimates();
      for (let n = 0; n < 400; n++) {
        const given = 10 + 1_000 * random();
        steady.observe(taskOf("work", { given }), given * factor * (0.8 + 0.4 * random()));
        wild.observe(taskOf("work", { given: 2 ** (20 * random()) }), 300 * (0.8 + 0.4 * random()));
      }
      assert.equal(described(steady).predictor, "given_scaled");
      near(steady.serviceMs(taskOf("work", { given: 100 })), 100 * factor, 0.1);
      near(described(steady).given!.factor, factor, 0.1);
      assert.ok(["type", "recent"].includes(described(wild).predictor));
      near(wild.serviceMs(taskOf("work", { given: 1 })), 300, 0.2);
    }),
    runs,
  );
});

test("good estimates are taken at their word", () => {
  const random = numbers(5);
  const estimates = new Estimates();
  for (let n = 0; n < 300; n++) {
    const given = 2 ** (12 * random());
    estimates.observe(taskOf("work", { given }), given * (0.9 + 0.2 * random()));
  }
  near(estimates.serviceMs(taskOf("work", { given: 77 })), 77, 0.05);
  assert.ok(described(estimates).errors.ordered! > 0.9);
});

test("the rest of a task: what those that lasted so long still took, never nothing", () => {
  const estimates = new Estimates();
  // Two kinds that only time tells apart: 100 ms, and one in ten 1,000 ms.
  for (let n = 0; n < 1_000; n++) estimates.observe(taskOf("work"), n % 10 === 0 ? 1_000 : 100);
  near(estimates.remainingAfterMs(taskOf("work"), 0), 190, 0.3);
  near(estimates.remainingAfterMs(taskOf("work"), 300), 700, 0.15);
  assert.ok(estimates.remainingAfterMs(taskOf("work"), 5_000) > 0);
  assert.equal(new Estimates().remainingAfterMs(taskOf("other"), 0), UNKNOWN_SERVICE_MS);
  assert.ok(new Estimates().remainingAfterMs(taskOf("other"), 10_000) > UNKNOWN_SERVICE_MS);
});

test("one that hung does not make its type look slow", () => {
  const estimates = new Estimates();
  for (let n = 0; n < 500; n++) estimates.observe(taskOf("work"), 10);
  estimates.observe(taskOf("work"), 86_400_000);
  assert.ok(estimates.serviceMs(taskOf("work")) < 50);
});

test("costs are learned by size as durations are, and tasks that cost nothing count", () => {
  const random = numbers(9);
  const estimates = new Estimates();
  for (let n = 0; n < 500; n++) estimates.observe(taskOf("free"), 10);
  for (let n = 0; n < 500; n++) estimates.observe(taskOf("free"), 10, undefined, 4);
  near(described(estimates, "free").meanCost, 2, 0.3);
  for (let n = 0; n < 2_000; n++) {
    const size = 2 ** (4 + 8 * random());
    estimates.observe(taskOf("tokens", { size }), 10, undefined, size * 0.002 * noise(random));
  }
  near(estimates.expectedCost(taskOf("tokens", { size: 1_000 })), 2, 0.3);
});

const observation = fc.record({
  type: fc.constantFrom("a", "b", "c"),
  ms: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e9, noNaN: true })),
  expected: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: undefined }),
  given: fc.option(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e12, noNaN: true })), { nil: undefined }),
  size: fc.option(fc.oneof(fc.constant(0), fc.double({ min: 0, max: Number.MAX_VALUE, noNaN: true })), { nil: undefined }),
  cost: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e6, noNaN: true })),
});
const observations = fc.array(observation, { maxLength: 300 });
/** With durations of a microsecond or more, or none: shares of a percent of 1e-300 ms are lost when six digits are stored. */
const measured = observation.map((one) => ({ ...one, ms: measurable(one.ms), expected: measurable(one.expected), given: measurable(one.given) }));

function measurable<Ms extends number | undefined>(ms: Ms): Ms | 0 {
  return ms !== undefined && ms < 1e-3 ? 0 : ms;
}

function learned(list: readonly (typeof observation extends fc.Arbitrary<infer One> ? One : never)[]): Estimates {
  const estimates = new Estimates();
  for (const { type, ms, expected, given, size, cost } of list) estimates.observe(taskOf(type, { given, size }), ms, expected, cost);
  return estimates;
}

test("whatever is observed, every prediction is a finite number of at least 0, and quantiles are in order", () => {
  fc.assert(
    fc.property(observations, observation, (list, { type, given, size, ms }) => {
      const estimates = learned(list);
      const task = taskOf(type, { given, size });
      const quantiles = [0.01, 0.5, 0.9, 0.99].map((q) => estimates.serviceQuantileMs(task, q));
      for (const value of [estimates.serviceMs(task), estimates.expectedCost(task), estimates.remainingAfterMs(task, ms), ...quantiles]) {
        assert.ok(Number.isFinite(value) && value >= 0, String(value));
      }
      quantiles.forEach((value, index) => assert.ok(index === 0 || value >= quantiles[index - 1]!));
    }),
  );
});

test("what is stored comes back as it was: the same text again, and predictions hardly different", () => {
  fc.assert(
    fc.property(fc.array(measured, { maxLength: 300 }), measured, (list, { type, given, size }) => {
      const before = learned(list);
      const rows = before.takeChanged(Infinity);
      assert.equal(before.hasChanged, false);
      const after = new Estimates();
      for (const row of rows) assert.equal(after.restore(row), true, row.text);
      for (const { type: name, text } of rows) assert.equal(TypeModel.fromText(text)!.toText(), text, name);
      const task = taskOf(type, { given, size });
      near(after.serviceMs(task), before.serviceMs(task), 0.01);
      // Weights are rounded when they are stored, and a rank at the edge of a bucket may fall into the next.
      const [low, high] = [0.895, 0.905].map((q) => before.serviceQuantileMs(task, q)) as [number, number];
      const quantile = after.serviceQuantileMs(task, 0.9);
      assert.ok(quantile >= low * 0.95 && quantile <= high * 1.05, `${quantile} is not between ${low} and ${high}`);
    }),
  );
});

test("a damaged row is refused, whatever is wrong with it, and never believed in part", () => {
  fc.assert(
    fc.property(observations, fc.nat(), fc.string({ minLength: 1, maxLength: 3 }), (list, place, junk) => {
      for (const { type, text } of learned(list).takeChanged(Infinity)) {
        const at = place % text.length;
        const damaged = text.slice(0, at) + junk + text.slice(at + 1);
        const estimates = new Estimates();
        if (!estimates.restore({ type, text: damaged })) assert.equal(estimates.expectedMs(taskOf(type)), undefined);
        else assert.ok(Number.isFinite(estimates.serviceMs(taskOf(type, { size: 7, given: 3 }))));
        assert.equal(estimates.restore({ type, text: text.slice(0, -1) }), false);
        assert.equal(estimates.restore({ type, text: text.replace('"format":1', '"format":2') }), false);
      }
    }),
  );
});

test("the same observations give the same text", () => {
  fc.assert(fc.property(observations, (list) => assert.deepEqual(learned(list).takeChanged(Infinity), learned(list).takeChanged(Infinity))));
});

test("memory is bounded: types by number, a type by its row", () => {
  const estimates = new Estimates();
  for (let n = 0; n < 11_000; n++) estimates.observe(taskOf(`type-${n}`), 10);
  const types = estimates.describe();
  assert.ok(types.length <= 10_000 && types.length >= 9_000, String(types.length));
  assert.equal(estimates.expectedMs(taskOf("type-0")), undefined);
  assert.equal(estimates.expectedMs(taskOf("type-10999")), 10);
  const random = numbers(3);
  const wide = new Estimates();
  for (let n = 0; n < 20_000; n++) wide.observe(taskOf("work", { size: 2 ** (80 * random() - 15), given: 1 + random() }), 1e4 * noise(random) * 2 ** (6 * random()), 10, random());
  const [row] = wide.takeChanged(1);
  assert.ok(row!.text.length <= 16_384, String(row!.text.length));
  assert.equal(new Estimates().restore(row!), true);
});
