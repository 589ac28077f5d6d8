// Holds the project to its own rules: layers, purity, the shape of files, and forbidden words.
import assert from "node:assert/strict";
import { test } from "node:test";
import { projectFiles } from "./files.ts";
import { layers } from "./layers.ts";
import { report, rules } from "./rules.ts";

const files = projectFiles();

for (const rule of rules) {
  test(`the project keeps its ${rule.name.replace("Rule", "")} rule`, () => {
    assert.equal(report(rule(files)), "");
  });
}

test("the rules saw the project", () => {
  assert.ok([...files.keys()].some((path) => path.startsWith("src/core/")));
  assert.ok(files.has("package-lock.json"));
});

test("the layer table has no cycle and names only its own rows", () => {
  const visit = (name: string, path: readonly string[]): void => {
    const row = layers[name];
    assert.ok(row !== undefined, `${name} has no row`);
    assert.ok(!path.includes(name), `a cycle: ${[...path, name].join(" → ")}`);
    for (const next of [...row.may, ...(row.mayTypes ?? [])]) visit(next, [...path, name]);
  };
  for (const name of Object.keys(layers)) visit(name, []);
});
