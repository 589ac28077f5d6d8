// The job log of a run: a task has the same number in every start, whatever was done before it.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { cli } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("the number of a task is its place in the list, also when others are done already", async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "lines"), "a\nb\nc\nd\n");
  const run = async (log: string, ...words: string[]): Promise<readonly string[]> => {
    await cli(["run", "-q", "-j1", "-a", "lines", "--joblog", log, ...words, "--", "sh", "-c", "test {} != c || test -e repaired # {#}"], { folder });
    const [, ...lines] = readFileSync(join(folder, log), "utf8").trimEnd().split("\n");
    return lines.map((line) => `${line.split("\t")[0]} ${/# (\d+)/.exec(line)?.[1]}`);
  };
  assert.deepEqual(await run("first"), ["1 1", "2 2", "3 3", "4 4"]);
  writeFileSync(join(folder, "lines"), "a\nb\nc\nd\ne\n");
  assert.deepEqual(await run("second"), ["3 3", "5 5"]);
});

test("with --retry-failed, which reads no list, it is that of the task in the file", async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "lines"), "a\nb\nc\n");
  const command = ["--", "sh", "-c", "test {} != c"];
  await cli(["run", "-q", "-j1", "-a", "lines", ...command], { folder });
  await cli(["run", "-q", "-a", "lines", "--retry-failed", "--joblog", "log", ...command], { folder });
  assert.match(readFileSync(join(folder, "log"), "utf8"), /^Seq.*\n3\t[^\n]*\n$/);
});
