// A run on a store file, as `makespan run` starts it: what others do to its tasks while it goes on, and what it takes up of an
// earlier start.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readFlowFile } from "../../src/app/flow-file/read.ts";
import { Run, type RunOptions } from "../../src/app/run/run.ts";
import { cli } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

async function startFlow(folder: string, tasks: Readonly<Record<string, unknown>>, options: Omit<RunOptions, "path"> = {}): Promise<Run> {
  const file = join(folder, "flow.json");
  writeFileSync(file, JSON.stringify({ tasks }));
  return Run.start(await readFlowFile(file), { path: join(folder, "flow.db"), ...options });
}

/** A command that ends when there is a file of this name. */
function until(name: string): string {
  return `until test -e ${name}; do sleep 0.02; done`;
}

test("a task that is retried while the run goes on counts once, by its last outcome", { timeout: 60_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const states: string[] = [];
  const run = await startFlow(
    folder,
    { long: { run: until("go") }, check: { run: "test -e approved" }, after: { run: "echo after", needs: "check" } },
    {
      jobs: 2,
      onSettled: ({ task, label, state }) => {
        states.push(`${label} ${state}`);
        if (label === "check" && state === "failed") {
          writeFileSync(join(folder, "approved"), "");
          void run.engine.redrive([task.id]);
        }
        if (label === "after" && state === "succeeded") writeFileSync(join(folder, "go"), "");
        return "go";
      },
    },
  );
  const { summary, left } = await run.finished;
  assert.deepEqual(states.toSorted(), ["after skipped", "after succeeded", "check failed", "check succeeded", "long succeeded"]);
  const { total, succeeded, failed, skipped } = summary.tasks;
  assert.deepEqual({ total, succeeded, failed, skipped, left }, { total: 3, succeeded: 3, failed: 0, skipped: 0, left: 0 });
  assert.deepEqual([summary.attempts, run.watch.settled, run.watch.failures.length], [4, 3, 0]);
  assert.deepEqual(run.watch.counts(), { succeeded: 3, failed: 0, dropped: 0 });
});

test("a run waits for what is retried last, and says how it ended", { timeout: 60_000 }, async (t) => {
  const folder = temporaryFolder(t);
  let retries = 0;
  const run = await startFlow(
    folder,
    { check: { run: "exit 1" }, long: { run: until("go") } },
    {
      jobs: 1,
      onSettled: ({ task, label }) => {
        if (label === "check" && retries++ === 0) void run.engine.redrive([task.id]).then(() => writeFileSync(join(folder, "go"), ""));
        return "go";
      },
    },
  );
  const { summary, left } = await run.finished;
  assert.deepEqual([retries, summary.tasks.total, summary.tasks.failed, run.watch.failures.length, left], [2, 2, 1, 1, 0]);
});

for (const when of ["soon", "now"] as const) {
  test(`a run that is halted ${when} starts nothing after the limit was reached`, { timeout: 60_000 }, async (t) => {
    const folder = temporaryFolder(t);
    const names = ["first", "second", "third", "fourth"];
    const tasks = Object.fromEntries(names.map((name) => [name, { run: `echo ${name} >> ran` }]));
    const run = await startFlow(folder, tasks, { jobs: 1, onSettled: ({ label }) => (label === "second" ? when : "go") });
    const { ending, summary, left } = await run.finished;
    assert.deepEqual([ending, summary.tasks.total, left], ["halted", 2, 2]);
    assert.equal(readFileSync(join(folder, "ran"), "utf8"), "first\nsecond\n");
  });
}

test("--retry-failed runs what was queued again after it failed, and drops what only waited", { timeout: 60_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const tasks = { check: { run: "test -e approved" }, after: { run: "echo after", needs: "check" }, never: { run: "echo never" } };
  // Stopped after the first task, so that another one waits although it never ran.
  const halted = await (await startFlow(folder, tasks, { jobs: 1, onSettled: ({ state }) => (state === "failed" ? "soon" : "go") })).finished;
  assert.deepEqual([halted.ending, halted.summary.tasks.failed], ["halted", 1]);
  const retried = await cli(["retry", "--failed", "--db", join(folder, "flow.db"), "--json"]);
  assert.equal((JSON.parse(retried.stdout) as { retried: number }).retried, 1, retried.stderr);
  writeFileSync(join(folder, "approved"), "");
  const ran: string[] = [];
  const run = await startFlow(folder, tasks, { retryFailed: true, onSettled: ({ label, state }) => (ran.push(`${label} ${state}`), "go") });
  const { summary, left } = await run.finished;
  assert.deepEqual(ran, ["never cancelled", "check succeeded", "after succeeded"]);
  assert.deepEqual([summary.tasks.succeeded, summary.tasks.failed, left], [2, 0, 0]);
});

test("the members of a group count in the total of the run, and a share for --halt is one of all tasks", { timeout: 60_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const tasks = { list: { run: "seq 20" }, group: { for_each: { from: "list" }, run: "test {item} != 5 || test -e approved" } };
  const run = await startFlow(folder, tasks, { jobs: 1 });
  const { summary } = await run.finished;
  assert.deepEqual([run.total, summary.tasks.total, run.watch.settled], [22, 22, 22]);
  const halting = await cli(["run", "flow.json", "--db", "halt.db", "-j1", "-q", "--halt", "soon,fail=50%", "--json"], { folder });
  assert.equal((JSON.parse(halting.stdout) as { ending: string }).ending, "done");
});

test("members that wait in the file count in the total of the next start", { timeout: 60_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const tasks = { list: { run: "seq 20" }, group: { for_each: { from: "list" }, run: "echo {item}" } };
  const first = await startFlow(folder, tasks, { jobs: 1, onSettled: ({ label }) => (label === "list" ? "go" : "soon") });
  const { ending, left } = await first.finished;
  assert.deepEqual([ending, first.watch.settled, left], ["halted", 2, 20]);
  const second = await startFlow(folder, tasks, { jobs: 1 });
  await second.finished;
  assert.deepEqual([second.total - second.resumed, second.watch.settled], [20, 20]);
});
