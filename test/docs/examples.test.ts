// Every example is run as its first lines say, by the built package, in a folder of its own; none may lie in examples/ unrun.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { built, makespan } from "../support/built.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const examples = fileURLToPath(new URL("../../examples", import.meta.url));
const TIMEOUT_MS = 120_000;
const seen = new Set<string>();

before(built);

interface Summary {
  readonly tasks: { readonly total: number; readonly succeeded: number };
  readonly attempts: number;
  readonly resumed: number;
}

function example(name: string): string {
  seen.add(name.split("/")[0]!);
  return join(examples, name);
}

async function program(name: string, folder: string, args: readonly string[] = []): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [example(name), ...args], { cwd: folder, timeout: TIMEOUT_MS });
  assert.equal(stderr, "");
  return stdout;
}

async function flow(args: readonly string[], folder: string): Promise<Summary> {
  const { code, stdout, stderr } = await makespan(["run", ...args, "--json", "--quiet"], { cwd: folder });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Summary;
}

test("commands.yaml builds, has nothing left to do, and builds another version from what is there", { timeout: TIMEOUT_MS }, async (t) => {
  const folder = temporaryFolder(t);
  const out = join(folder, "out");
  const args = [example("commands.yaml"), "--db", "commands.db", "--set", `out=${out}`];
  const first = await flow(args, folder);
  assert.deepEqual([first.tasks, first.attempts], [{ ...first.tasks, total: 8, succeeded: 8 }, 9]);
  assert.equal(readFileSync(join(out, "checked.txt"), "utf8"), "version 1 has 4 parts\n");
  assert.deepEqual([await flow(args, folder)].map(({ attempts, resumed }) => [attempts, resumed]), [[0, 8]]);
  const second = await flow([...args, "--set", "version=2"], folder);
  assert.deepEqual([second.attempts, second.resumed], [3, 5]);
  assert.equal(readFileSync(join(out, "notes.txt"), "utf8"), "done with version 1\ndone with version 2\n");
});

test("background-jobs.ts", { timeout: TIMEOUT_MS }, async (t) => {
  assert.equal(
    await program("background-jobs.ts", temporaryFolder(t)),
    [
      "same task: true",
      "mail: { to: 'ada@example.org', attempt: 2 }",
      "failed after 1 attempt: nobody is no address",
      "report of today",
      "expired",
      "2 succeeded, 1 failed, 1 expired\n",
    ].join("\n"),
  );
});

test("approval.ts", { timeout: TIMEOUT_MS }, async (t) => {
  const lines = ["parked; the program ends and is started again", "waiting for an answer: answer", "paid 120 to Ada, approved by Grace\n"];
  assert.equal(await program("approval.ts", temporaryFolder(t)), lines.join("\n"));
});

test("source-report measures any folder: a report, and a second time only what has changed", { timeout: TIMEOUT_MS }, async (t) => {
  const folder = temporaryFolder(t);
  const page = join(folder, "report.html");
  const args = [example("source-report/flow.yaml"), "--db", "report.db", "--set", `folder=${join(examples, "source-report")}`, "--set", `out=${page}`];
  const first = await flow([...args, "--report", "timeline.html"], folder);
  assert.equal(first.tasks.succeeded, first.tasks.total);
  const files = readdirSync(join(examples, "source-report")).length;
  assert.ok(first.tasks.total > files);
  assert.match(readFileSync(page, "utf8"), /measure\.ts/);
  assert.ok(statSync(join(folder, "timeline.html")).size > 10_000 && existsSync(page));
  assert.equal((await flow(args, folder)).attempts, 0);
});

test("no other example is there", () => {
  assert.deepEqual(readdirSync(examples).toSorted(), [...seen].toSorted());
});
