// The table of bad input in docs/results.md is run: each command is given to the built command line, which must print that very line
// and end with that exit code.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { built, makespan } from "../support/built.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const page = readFileSync(fileURLToPath(new URL("../../docs/results.md", import.meta.url)), "utf8");

const recorded = (needs: string): string =>
  JSON.stringify({ name: "w", workflow: { specification: { tasks: [{ name: "a", id: "a", parents: [needs], children: [] }] }, execution: { tasks: [{ id: "a", runtimeInSeconds: 1 }] } } });

/** The files that the commands name. */
const FILES: Readonly<Record<string, string>> = {
  "arrival.csv": "arrival_s,service_s\n-5,1\n1,2\n",
  "service.csv": "arrival_s,service_s\n0,1\n1,-2\n",
  "nan.csv": "arrival_s,service_s\n0,NaN\n",
  "unsorted.csv": "arrival_s,service_s\n9,1\n1,2\n5,1\n",
  "missing.csv": "when,took\n0,5\n",
  "cycle.csv": "id,arrival_s,service_s,needs\na,0,1,b\nb,0,1,a\n",
  "cycle.yaml": 'tasks:\n  a: { run: "true", needs: b }\n  b: { run: "true", needs: a }\n',
  "need.csv": "id,arrival_s,service_s,needs\na,0,1,zz\n",
  "need.yaml": 'tasks:\n  build: { run: "true" }\n  test: { run: "true", needs: biuld }\n',
  "need.json": recorded("zz"),
  "flow.yaml": 'tasks:\n  a: { run: "true" }\n',
};

const section = /\n## Bad input\n([\s\S]*?)(?=\n## |$)/.exec(page)?.[1] ?? "";
const rows = section
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| given"))
  .map((line) => line.split("|").slice(1, -1).map((cell) => /^(`*)\s?([\s\S]*?)\s?\1$/.exec(cell.trim())?.[2] ?? ""));

before(built);

test("the table is there", () => assert.ok(rows.length >= 9, `${rows.length} rows`));

for (const [given = "", command = "", line = "", code = ""] of rows) {
  test(`${given}: ${command}`, async (t) => {
    const folder = temporaryFolder(t);
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
    const [program, ...args] = command.split(" ");
    assert.equal(program, "makespan");
    const run = await makespan(args, { cwd: folder });
    assert.equal(run.stderr.replaceAll(folder, "/project"), `${line}\n`);
    assert.equal(run.code, Number(code));
    assert.equal(run.stdout === "", run.code !== 0, "what is refused prints nothing");
  });
}
