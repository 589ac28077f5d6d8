// A list stands in a pipe: what its commands write is passed on to the byte, however much it is, while the log keeps its limit.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { writeFileSync } from "node:fs";
import { bin, built, makespan } from "../support/built.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

before(built);

function listed(cwd: string, input: string, ...command: string[]): Buffer {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, "run", "-q", "-j1", "--", ...command], { cwd, input });
  assert.equal(status, 0, stderr.toString());
  return stdout;
}

test("more than the log keeps, bytes that are no text, and ends of lines as they are", async (t) => {
  const folder = temporaryFolder(t);
  const numbers = Array.from({ length: 100_000 }, (_, at) => `${at + 1}\n`).join("");
  assert.equal(listed(folder, "100000\n", "seq", "1", "{}").toString(), numbers);
  writeFileSync(join(folder, "file"), "hello\n");
  assert.equal(gunzipSync(listed(folder, "file\n", "gzip", "-c", "{}")).toString(), "hello\n");
  assert.equal(listed(folder, "x\n", "printf", "a\\r\\nb%s").toString(), "a\r\nbx");
  assert.match((await makespan(["logs", "t1"], { cwd: folder })).stdout, /The command wrote more than is kept in the log/);
});
