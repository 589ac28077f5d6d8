// Limits of flow files: the ways to write a rule, what tasks use, and every slip with its line and advice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isMakespanError } from "../../../src/protocol/errors.ts";
import { parseFlowFile } from "../../../src/protocol/flow-file/parse.ts";
import type { Problem } from "../../../src/protocol/flow-file/problem.ts";
import { readLimitRule, writeLimitRule } from "../../../src/protocol/limit-rule.ts";
import type { FlowDraft } from "../../../src/protocol/task-plan.ts";

const parse = (text: string): FlowDraft => parseFlowFile(text, { file: "flow.yaml", defaultName: "flow", limits: new Map([["api", { kind: "slots", units: 1 }]]) });

function problems(text: string): readonly string[] {
  try {
    parse(text);
  } catch (error) {
    if (!isMakespanError(error)) throw error;
    return (error.detail["problems"] as readonly Problem[]).map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
  }
  return assert.fail("the file was accepted");
}

test("rules in every way they can be written; those of the command line win", () => {
  const { limits } = parse(`
limits:
  gpu: 2
  api: 500/1m
  money: budget:50/1d
  tokens: { kind: window, units: 90000, per: 1m, counts: end }
  week: { kind: budget, units: 1, per: 7d, from: "2030-01-07T00:00:00Z" }
resources: { licence: 2 }
tasks: { a: { run: "true" } }`);
  assert.deepEqual(limits, {
    gpu: { kind: "slots", units: 2 },
    api: { kind: "slots", units: 1 },
    money: { kind: "budget", units: 50, perMs: 86_400_000 },
    tokens: { kind: "window", units: 90_000, perMs: 60_000, counts: "end" },
    week: { kind: "budget", units: 1, perMs: 604_800_000, anchor: Date.UTC(2030, 0, 7) },
    licence: { kind: "slots", units: 2 },
  });
});

test("tasks use amounts, or one unit of each of a list; members of a group as their group", () => {
  const { tasks } = parse(`
resources: { gpu: 4, disk: 2 }
tasks:
  a: { run: "true", uses: { gpu: 2.5, api: 1 } }
  b: { run: "true", uses: [gpu, disk, gpu] }
  c: { run: "echo {item}", uses: disk, for_each: [x, y] }`);
  const one = { limit: "disk", amount: 1 };
  assert.deepEqual(tasks.map(({ uses }) => uses), [[{ limit: "gpu", amount: 2.5 }, { limit: "api", amount: 1 }], [{ limit: "gpu", amount: 1 }, one], [one], [one]]);
});

test("every slip is told with its place", () => {
  assert.deepEqual(
    problems(`limits:
  a: lots
  b: { kind: window, units: 5 }
  c: { kind: slot, units: 5 }
  d: { kind: slots, unit: 5 }
  key:e: 5
  gpu: 5
resources:
  gpu: 5
tasks:
  a: { run: "true", uses: { gpus: 1 } }
  b: { run: "true", uses: [gpu, disk] }
  c: { run: "true", uses: { gpu: 6 } }
  d: { run: "true", uses: { gpu: 0 } }`),
    [
      '2:6 limits.a: expected a limit such as 4, 500/1m or budget:50/1d, got "lots"',
      "3:6 limits.b: per: expected a duration such as 30s, 1h30m or 250ms, got nothing",
      '4:6 limits.c: expected a limit with a kind (slots, window, budget), got "slot"',
      '5:6 limits.d: a limit of kind slots has no "unit"; did you mean "units"?',
      '6:3 limits.key:e: the name "key:e" begins with key:, which is kept for limits of task types and keys',
      '9:3 resources.gpu: there is a limit "gpu" under limits, too: keep one',
      '11:29 tasks.a.uses.gpus: the file has no resource or limit "gpus"; did you mean "gpu"?',
      '12:33 tasks.b.uses.1: the file has no resource or limit "disk"; it has gpu, api',
      "13:34 tasks.c.uses.gpu: it uses 6 of gpu, and there are only 5: it could never run",
      "14:34 tasks.d.uses.gpu: expected a number greater than 0, got 0",
    ],
  );
  assert.match(problems("tasks: { a: { run: x, uses: 5 } }")[0]!, /expected the name of a resource, a list of names, or a map from name to amount/);
});

test("a rule is written as it is read", () => {
  for (const text of ["4", "0.5", "500/1m", "budget:50/1d", "3/1h30m"]) {
    const reading = readLimitRule(text);
    assert.equal(reading.kind === "rule" ? writeLimitRule(reading.rule) : reading.problem, text);
  }
});
