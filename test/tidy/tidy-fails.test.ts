// Shows every tidy rule failing, and passing on what only looks like a violation: a rule that has never failed holds nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { layerRule, purityRule, report, rules, shapeRule, textRule, type Files, type Violation } from "./rules.ts";

type Rule = (files: Files) => readonly Violation[];

/** Texts that may not stand in this file itself, in two parts each. */
const joined = (first: string, second: string) => first + second;
const undone = joined("TO", "DO");
const broken = joined("FIX", "ME");
const only = joined("test.on", "ly");
const machinePath = joined("/ho", "me/me/run.log");
const ignored = joined("@ts-", "ignore");
const url = joined("htt", "p://");

const violations: readonly (readonly [rule: Rule, path: string, text: string, message: RegExp])[] = [
  // Layers
  [layerRule, "src/nowhere/a.ts", "", /no folder of the layer table/],
  [layerRule, "src/a.ts", "", /no folder of the layer table/],
  [layerRule, "src/core/a.ts", 'import { b } from "../engine/b.ts";', /core may not import engine/],
  [layerRule, "src/core/a.ts", 'import type { B } from "../store/b.ts";', /core may not import store/],
  [layerRule, "src/core/a.ts", 'import {\n  b,\n  c,\n} from "../sim/b.ts";', /core may not import sim/],
  [layerRule, "src/core/a.ts", 'export * from "../sim/b.ts";', /core may not import sim/],
  [layerRule, "src/core/a.ts", 'export type { B } from "../sim/b.ts";', /core may not import sim/],
  [layerRule, "src/core/a.ts", 'import "../sim/b.ts";', /core may not import sim/],
  [layerRule, "src/core/a.ts", 'const b = import("../sim/b.ts");', /core may not import sim/],
  [layerRule, "src/core/a.ts", "import b from '../sim/b.ts';", /core may not import sim/],
  [layerRule, "src/core/a.ts", 'import { join } from "node:path";', /core may not import node:path/],
  [layerRule, "src/core/a.ts", 'import { join } from "path";', /core may not import path/],
  [layerRule, "src/core/a.ts", 'import type { Z } from "zod";', /core may not import the package zod/],
  [layerRule, "src/core/a.ts", 'import { b } from "../../test/b.ts";', /outside the layers/],
  [layerRule, "src/core/policy/a.ts", 'import { b } from "../../engine/b.ts";', /core may not import engine/],
  [layerRule, "src/core/struct/a.ts", 'import type { Task } from "../task.ts";', /core\/struct may not import core/],
  [layerRule, "src/core/assert.ts", 'import type { Task } from "./task.ts";', /core\/assert may not import core/],
  [layerRule, "src/protocol/a.ts", 'import { b } from "../core/b.ts";', /only types from core/],
  [layerRule, "src/protocol/a.ts", 'import type { B } from "../engine/b.ts";', /protocol may not import engine/],
  [layerRule, "src/protocol/a.ts", 'import { b } from "node:fs";', /protocol may not import node:fs: its runtime is web/],
  [layerRule, "src/store/a.ts", 'import { b } from "./sqlite/b.ts";', /store may not import store\/sqlite/],
  [layerRule, "src/store/a.ts", 'import { b } from "node:sqlite";', /only in store\/sqlite/],
  [layerRule, "src/store/memory/a.ts", 'import { Worker } from "node:worker_threads";', /only in store\/sqlite/],
  [layerRule, "src/store/memory/a.ts", 'import { b } from "../sqlite/b.ts";', /store\/memory may not import store\/sqlite/],
  [layerRule, "src/engine/a.ts", 'import { b } from "../store/sqlite/b.ts";', /engine may not import store\/sqlite/],
  [layerRule, "src/engine/a.ts", 'import { b } from "../store/memory/b.ts";', /engine may not import store\/memory/],
  [layerRule, "src/engine/a.ts", 'import { b } from "node:sqlite";', /only in store\/sqlite/],
  [layerRule, "src/engine/a.ts", 'import { b } from "../app/b.ts";', /engine may not import app/],
  [layerRule, "src/engine/a.ts", 'new Worker(new URL("../cli/b.ts", import.meta.url));', /engine may not import cli/],
  [layerRule, "src/engine/a.ts", 'import { b } from "fs";', /written node:fs/],
  [layerRule, "src/sim/a.ts", 'import { b } from "../engine/b.ts";', /sim may not import engine/],
  [layerRule, "src/monitor/a.ts", 'import { b } from "node:os";', /monitor may not import node:os/],
  [layerRule, "src/tune/a.ts", 'import { b } from "../engine/b.ts";', /tune may not import engine/],
  [layerRule, "src/client/a.ts", 'import { b } from "../core/b.ts";', /client may not import core/],
  [layerRule, "src/server/a.ts", 'import { b } from "../store/b.ts";', /server may not import store/],
  [layerRule, "src/testing/a.ts", 'import { b } from "../store/sqlite/b.ts";', /testing may not import store\/sqlite/],
  [layerRule, "src/app/a.ts", 'import { b } from "../cli/b.ts";', /app may not import cli/],
  [layerRule, "src/cli/a.ts", 'import { b } from "../engine/b.ts";', /cli may not import engine/],
  [layerRule, "src/cli/a.ts", 'import { b } from "pg";', /only in store\/postgres/],
  // Purity
  ...["core", "core/struct", "sim", "monitor", "tune"].flatMap((layer) =>
    [
      ["const a = Date.now();", /^Date is/],
      ["const a = new Date();", /^Date is/],
      ["const a = [...Date.prototype];", /^Date is/],
      ["const a = performance.now();", /^performance is/],
      ["const a = process.env;", /^process is/],
      ["const a = globalThis;", /^globalThis is/],
      ["setTimeout(f, 1);", /^setTimeout is/],
      ["setInterval(f, 1);", /^setInterval is/],
      ["setImmediate(f);", /^setImmediate is/],
      ["queueMicrotask(f);", /^queueMicrotask is/],
      ["console.log(1);", /^console is/],
      ["const a = `${Date.now()}`;", /^Date is/],
      ["const a = { at: Date };", /^Date is/],
      ["const a = Math.random();", /^Math.random is/],
      ["const { random } = Math;", /^Math may only/],
      ['const a = Math["random"]();', /^Math may only/],
      ["names.sort((a, b) => a.localeCompare(b));", /^localeCompare depends/],
      ["const a = import.meta.url;", /^import.meta/],
    ].map(([text, message]) => [purityRule, `src/${layer}/a.ts`, text as string, message as RegExp] as const),
  ),
  ...["core", "core/policy", "core/struct"].flatMap((folder) =>
    [
      ["export async function a() {}", /^async: nothing/],
      ["for await (const a of b) c(a);", /^await: nothing/],
      ["type A = Promise<void>;", /^Promise: nothing/],
      ["const a = Math.pow(2, 3);", /^Math.pow may differ/],
      ["const a = Math.exp(1) + b;", /^Math.exp may differ/],
      ["const a = Math.log2(8);", /^Math.log2 may differ/],
      ["const a = Math.sin(1);", /^Math.sin may differ/],
      ["const a = Math.cos(1);", /^Math.cos may differ/],
      ["const a = 2 ** 3;", /^\*\* may differ/],
      ["a **= 3;", /^\*\* may differ/],
    ].map(([text, message]) => [purityRule, `src/${folder}/a.ts`, text as string, message as RegExp] as const),
  ),
  // Shape
  [shapeRule, "src/core/taskState.ts", "// A.\n", /taskState.ts is not kebab-case/],
  [shapeRule, "src/Core/a.ts", "// A.\n", /Core is not kebab-case/],
  [shapeRule, "src/core/task_state.ts", "// A.\n", /not kebab-case/],
  [shapeRule, "src/core/a.ts", `// A.\n${"a();\n".repeat(500)}`, /has 501 lines/],
  [shapeRule, "src/core/a.ts", 'import "./b.ts";\n// A.\n', /does not open with a comment/],
  [shapeRule, "bin/a.js", "#!/usr/bin/env node\na();\n", /does not open with a comment/],
  [shapeRule, "src/core/a.ts", "", /does not open with a comment/],
  // Text
  [textRule, "docs/a.md", `See ${machinePath}.`, /a path of one machine/],
  [textRule, "src/core/a.ts", `const a = "${machinePath}";`, /a path of one machine/],
  [textRule, "package-lock.json", `"resolved": "${url}example.org/a.tgz"`, /host of a package registry/],
  [textRule, ".npmrc", `${url}registry.example.org/`, /host of a package registry/],
  [textRule, "test/a.test.ts", `${only}("a", () => undefined);`, /keeps the others from running/],
  [textRule, "src/core/a.ts", `// ${undone}: the rest`, /work left undone/],
  [textRule, "src/core/a.ts", `// ${broken}: this`, /work left undone/],
  [textRule, "src/core/a.ts", `// ${ignored}`, /a type error silenced/],
];

for (const [rule, path, text, message] of violations) {
  test(`${rule.name} finds in ${path}: ${text.slice(0, 60).replaceAll("\n", " ")}`, () => {
    const found = rule(new Map([[path, text]]));
    assert.ok(found.length > 0, "nothing was found");
    for (const one of found) {
      assert.match(one.message, message);
      assert.equal(one.path, path);
    }
    assert.equal(found.length, 1, report(found));
  });
}

test("a violation names its line", () => {
  const text = "// A.\n/* Two\nlines. */\nconst a = `\n`;\nconst b = Date.now();\n";
  assert.match(report(purityRule(new Map([["src/core/a.ts", text]]))), /^src\/core\/a\.ts:6: Date/);
});

const clean: readonly (readonly [path: string, text: string])[] = [
  ["src/core/a.ts", 'import type { B } from "./policy/b.ts";\nimport { heap } from "./struct/heap.ts";'],
  ["src/core/struct/a.ts", 'import { assert } from "../assert.ts";'],
  ["src/core/policy/a.ts", 'import { b } from "../b.ts";'],
  ["src/core/a.ts", "/* Date.now() and await */ const a = 'Date'; // Math.random()\nconst b = `process ${a} 2 ** 3`;"],
  ["src/core/a.ts", "const a = /Date \\/ [/] process/.test(b) ? c / d : e / f;"],
  ["src/core/a.ts", "type A = { readonly process: number; performance?: string };\nconst a = { process: 1, b: c.Date };"],
  ["src/core/a.ts", "const updatedDate = Math.max(1, Math.floor(2.5)); const $Date = 1;"],
  ["src/core/a.ts", 'const a = "import x from \'../engine/x.ts\'";\nconst sql = `select * from "task"`;'],
  ["src/sim/a.ts", "const draw = -Math.log(1 - u) * mean;"],
  ["src/protocol/a.ts", 'import type { B } from "../core/b.ts";\nimport { z } from "zod";'],
  ["src/store/sqlite/a.ts", 'import { DatabaseSync } from "node:sqlite";\nimport { Worker } from "node:worker_threads";'],
  ["src/store/sqlite/a.ts", 'new Worker(new URL("./worker.ts", import.meta.url));\nnew URL("https://example.org");'],
  ["src/engine/a.ts", 'import type { Store } from "../store/store.ts";\nimport { Worker } from "node:worker_threads";'],
  ["src/app/a.ts", 'import { open } from "../store/sqlite/open.ts";\nimport { parse } from "yaml";'],
  ["src/cli/a.ts", 'import { Command } from "commander";\nimport { kpis } from "../monitor/kpis.ts";\nimport("../app/index.ts");'],
  ["src/cli/a.ts", 'import manifest from "../../package.json" with { type: "json" };'],
  ["bin/a.js", "#!/usr/bin/env node\n// A.\n"],
  ["test/unit/a-b.test.ts", "// A.\n"],
  ["docs/a.md", "Open ./home/index.html, src/work/a.ts or https://example.org/tmp/x; only: one, to do."],
];

for (const [path, body] of clean) {
  test(`no rule finds anything in ${path}: ${body.slice(0, 60).replaceAll("\n", " ")}`, () => {
    const text = /\.[jt]s$/.test(path) && !body.startsWith("#!") ? `// A file.\n${body}` : body;
    assert.equal(report(rules.flatMap((rule) => rule(new Map([[path, text]])))), "");
  });
}
