// What the same command does when it is run again: nothing for what is done, all of it with --fresh, and a failure that a later
// start has made good is not brought back.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { built, makespan, startMakespan } from "../support/built.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

before(built);

interface Summary {
  readonly tasks: { readonly total: number; readonly succeeded: number; readonly failed: number };
  readonly attempts: number;
  readonly resumed: number;
}

test("what is done is done once, unless all of it is asked for anew", { timeout: 60_000 }, async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "flow.yaml"), "tasks:\n  first: { run: echo first >> ran }\n  check: { run: test -e approved, needs: first }\n");
  const run = async (...options: string[]): Promise<Summary> =>
    JSON.parse((await makespan(["run", "flow.yaml", "--json", ...options], { cwd: folder })).stdout) as Summary;
  const ran = (): number => readFileSync(join(folder, "ran"), "utf8").split("\n").length - 1;

  assert.equal((await run()).tasks.failed, 1);
  writeFileSync(join(folder, "approved"), "");
  const again = await run();
  assert.deepEqual([again.resumed, again.attempts, again.tasks.succeeded], [1, 1, 2]);
  assert.equal(ran(), 1);

  // The first failure has been made good by another task: neither command may run it again.
  assert.equal((await run("--retry-failed")).attempts, 0);
  const retried = await makespan(["retry", "--failed", "--db", "flow.makespan.db", "--json"], { cwd: folder });
  assert.equal(retried.code, 0, retried.stderr);
  assert.equal((await run()).attempts, 0);

  const fresh = await run("--fresh");
  assert.deepEqual([fresh.resumed, fresh.attempts, fresh.tasks.succeeded], [0, 2, 2]);
  assert.equal(ran(), 2);
  assert.equal((await run()).resumed, 2);
});

test("a run whose queue is paused says so, waits, and goes on when the pause ends", { timeout: 60_000 }, async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "flow.yaml"), "tasks: { first: { run: echo first >> ran } }\n");
  assert.equal((await makespan(["run", "flow.yaml", "-q"], { cwd: folder })).code, 0);
  assert.equal((await makespan(["pause"], { cwd: folder })).code, 0);

  const waiting = startMakespan(["run", "flow.yaml", "-q", "--fresh"], { cwd: folder });
  const ended = once(waiting, "close");
  const [said] = (await once(waiting.stderr!, "data")) as [Buffer];
  assert.match(said.toString(), /the queue of this run is paused/);
  assert.equal((await makespan(["resume"], { cwd: folder })).code, 0);
  assert.deepEqual(await ended, [0, null]);
  assert.equal(readFileSync(join(folder, "ran"), "utf8"), "first\nfirst\n");
});
