// Resources of a flow file and the tasks that use them: what they become, and every mistake at its place.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isMakespanError } from "../../../src/protocol/errors.ts";
import { parseFlowFile } from "../../../src/protocol/flow-file/parse.ts";
import type { Problem } from "../../../src/protocol/flow-file/problem.ts";

const parse = (text: string) => parseFlowFile(text, { file: "flow.yaml", defaultName: "flow" });

function problems(text: string): readonly string[] {
  try {
    parse(text);
  } catch (error) {
    if (!isMakespanError(error, "flow_file_invalid")) throw error;
    return (error.detail["problems"] as readonly Problem[]).map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
  }
  return assert.fail("the file was accepted");
}

test("a task uses a resource by its name, by a list of names, or by amounts", () => {
  const { resources, tasks } = parse(`
resources: { gpu: 2, licence: 1 }
tasks:
  one: { run: a, uses: gpu }
  both: { run: a, uses: [licence, gpu] }
  two: { run: a, uses: { gpu: 2 } }
  none: { run: a }
  each: { run: "a {item}", for_each: [x, y], uses: gpu }
`);
  assert.deepEqual(resources, { gpu: 2, licence: 1 });
  assert.deepEqual(tasks.map(({ id, uses }) => [id, uses]), [
    ["one", [{ limit: "gpu", amount: 1 }]],
    ["both", [{ limit: "licence", amount: 1 }, { limit: "gpu", amount: 1 }]],
    ["two", [{ limit: "gpu", amount: 2 }]],
    ["none", undefined],
    ["each[x]", [{ limit: "gpu", amount: 1 }]],
    ["each[y]", [{ limit: "gpu", amount: 1 }]],
  ]);
});

test("every mistake is told with its place", () => {
  assert.deepEqual(
    problems(`resources: { gpu: 2, licence: 1 }
tasks:
  a: { run: a, uses: gpuu }
  b: { run: a, uses: [gpu, disk] }
  c: { run: a, uses: { gpu: 3 } }
  d: { run: a, uses: { gppu: 1 } }
  e: { run: a, uses: { licence: 0 } }
`),
    [
      '3:22 tasks.a.uses: the file has no resource or limit "gpuu"; did you mean "gpu"?',
      '4:28 tasks.b.uses.1: the file has no resource or limit "disk"; it has gpu, licence',
      "5:29 tasks.c.uses.gpu: it uses 3 of gpu, and there are only 2: it could never run",
      '6:24 tasks.d.uses.gppu: the file has no resource or limit "gppu"; did you mean "gpu"?',
      "7:33 tasks.e.uses.licence: expected a number greater than 0, got 0",
    ],
  );
  assert.deepEqual(problems("tasks: { a: { run: a, uses: gpu } }"), ['1:29 tasks.a.uses: the file has no resource or limit "gpu"; it has none: add resources: { NAME: UNITS } to the file']);
  assert.deepEqual(problems("resources: { gpu: 1.5 }\ntasks: { a: { run: a } }"), ["1:19 resources.gpu: expected a whole number from 1 to 1000000, got 1.5"]);
});
