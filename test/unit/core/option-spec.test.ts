// Names with options: what is read, and that every mistake is told with what is known.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseOptionSpec, type OptionRules } from "../../../src/core/struct/option-spec.ts";

const known = new Map<string, OptionRules>([
  ["plain", {}],
  ["rich", { d: { kind: "number", least: 1, most: 16, whole: true }, share: { kind: "number", least: 0, most: 1 }, wait: { kind: "duration" }, all: { kind: "flag" } }],
]);

function read(text: string): unknown {
  const parsed = parseOptionSpec("balancer", text, known);
  return parsed.kind === "spec" ? [parsed.name, Object.fromEntries(parsed.options)] : parsed.problem;
}

test("names, numbers, durations and flags, in any order", () => {
  assert.deepEqual(read("plain"), ["plain", {}]);
  assert.deepEqual(read("rich:all:d=3:wait=1.5m:share=0.25"), ["rich", { all: 1, d: 3, wait: 90_000, share: 0.25 }]);
  assert.deepEqual(["250ms", "2s", "0h"].map((time) => read(`rich:wait=${time}`)), [250, 2_000, 0].map((wait) => ["rich", { wait }]));
});

test("an unknown name or option is refused with the known ones", () => {
  assert.equal(read("luck"), 'there is no balancer "luck"; known are plain, rich');
  assert.equal(read(""), 'there is no balancer ""; known are plain, rich');
  assert.equal(read("plain:d=2"), 'balancer plain has no option "d"; it has none');
  assert.equal(
    read("rich:deep"),
    'balancer rich has no option "deep"; known are d=N (a whole number from 1 to 16), share=N (a number from 0 to 1), wait=TIME (as 250ms, 10s, 5m or 1h), all',
  );
  assert.match(read("rich:toString") as string, /no option "toString"/);
});

test("a value that does not fit is refused with what was expected", () => {
  for (const wrong of ["d", "d=", "d=0", "d=17", "d=1.5", "d=-1", "d=NaN", "d=1e1", "wait=5", "wait=5d", "wait", "wait=1e9h", "share=2", "all=1", "all="]) {
    assert.match(read(`rich:${wrong}`) as string, new RegExp(`^option ${wrong.split("=")[0]} of balancer rich must be .*, not "${wrong}"$`), wrong);
  }
  assert.equal(read("rich:d=1:d=2"), "balancer rich has the option d twice");
});
