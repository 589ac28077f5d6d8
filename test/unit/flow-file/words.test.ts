// Durations, points in time, guesses and canonical JSON: the small tools of everything that reads what people write.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { closestWord, didYouMean, editDistance } from "../../../src/protocol/did-you-mean.ts";
import { durationProblem, parseDuration, parseWhen, whenProblem, writeDuration } from "../../../src/protocol/duration.ts";
import { canonicalJson, memberAt } from "../../../src/protocol/json.ts";

test("durations have units, largest first", () => {
  const known: readonly (readonly [string, number])[] = [["30s", 30_000], ["5m", 300_000], ["1h30m", 5_400_000], ["250ms", 250], ["1.5s", 1500], ["2d", 172_800_000], ["1m500ms", 60_500], ["0s", 0], ["1h1.5m", 3_690_000]];
  for (const [text, ms] of known) assert.equal(parseDuration(text), ms, text);
  for (const text of ["", "30", "s", "1.5h30m", "30 s", "5m1h", "1s1s", "-1s", "1e3s", "9999999d"]) assert.equal(parseDuration(text), undefined, text);
  assert.match(durationProblem(30), /a number needs its unit: 30s/);
  assert.match(durationProblem("30"), /a number needs its unit: 30s/);
});

test("a written duration reads back as the same", () => {
  fc.assert(fc.property(fc.nat(2 ** 41), (ms) => assert.equal(parseDuration(writeDuration(ms)), ms)));
});

test("a point in time is a duration from the start, or has a zone", () => {
  assert.deepEqual(parseWhen("10m"), { kind: "in", ms: 600_000 });
  assert.deepEqual(parseWhen("2030-01-31T18:00:00+02:00"), { kind: "at", at: Date.UTC(2030, 0, 31, 16) });
  assert.deepEqual(parseWhen("2030-01-31"), { kind: "at", at: Date.UTC(2030, 0, 31) });
  for (const text of ["2030-01-31T18:00:00", "tomorrow", "2030-13-01T00:00Z", "10"]) assert.equal(parseWhen(text), undefined, text);
  assert.match(whenProblem("2030-01-31T18:00"), /needs its zone/);
});

test("a misspelled word finds the one that was meant", () => {
  assert.equal(closestWord("nedds", ["needs", "name"]), "needs");
  assert.equal(closestWord("priorty", ["priority"]), "priority");
  assert.equal(closestWord("xyz", ["needs", "run"]), undefined);
  assert.equal(didYouMean("rnu", ["run"]), '; did you mean "run"?');
  assert.equal(editDistance("rnu", "run"), 1);
});

test("edit distance is a metric between words", () => {
  const word = fc.string({ maxLength: 8 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      assert.equal(editDistance(a, b), editDistance(b, a));
      assert.equal(editDistance(a, b) === 0, a === b);
      assert.ok(editDistance(a, b) <= Math.max(a.length, b.length));
    }),
  );
});

test("canonical JSON means the same as JSON and does not know the order of keys", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
      assert.equal(canonicalJson(reversed(value)), text);
    }),
  );
  assert.equal(canonicalJson({ b: undefined, a: [undefined, { d: 1, c: 2 }] }), '{"a":[null,{"c":2,"d":1}]}');
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).reverse().map(([key, member]) => [key, reversed(member)]));
}

test("a member is found by its path, among own members only", () => {
  assert.equal(memberAt({ a: [{ b: 5 }] }, ["a", "0", "b"]), 5);
  for (const path of [["toString"], ["a", "length", "x"], ["a", "1"], ["b"]]) assert.equal(memberAt({ a: [1] }, path), undefined);
});
