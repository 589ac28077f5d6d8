// Groups whose members are known only when the list is there: what they give, whichever run did which of them.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runSimulation } from "../../src/app/simulate/run.ts";
import { openWorkload } from "../../src/app/simulate/workload.ts";
import type { RunSummary } from "../../src/monitor/summary.ts";
import { cli } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const SUM = `
tasks:
  l: { run: "seq 3" }
  g: { for_each: { from: l }, run: "echo {item}; test {item} != 2 || test -e ok" }
  s: { run: "echo {needs.g} > sum", needs: g }
`;

/** A folder with the flow, and a way to call commands in it. */
function flowIn(t: Parameters<typeof temporaryFolder>[0], text: string): { readonly run: (...line: string[]) => Promise<number>; readonly path: (name: string) => string; readonly read: (name: string) => string } {
  const folder = temporaryFolder(t);
  const path = (name: string): string => join(folder, name);
  writeFileSync(path("g.yaml"), text);
  return { run: async (...line) => (await cli(line, { folder })).code, path, read: (name) => readFileSync(path(name), "utf8").trim() };
}

test("a group that runs again gives the results of all members, in the order of its items", { timeout: 60_000 }, async (t) => {
  for (const again of [[], ["--retry-failed"]]) {
    const { run, path, read } = flowIn(t, SUM);
    assert.equal(await run("run", "g.yaml", "-q"), 1);
    writeFileSync(path("ok"), "");
    assert.equal(await run("run", "g.yaml", "-q", ...again), 0);
    assert.equal(read("sum"), '["1","2","3"]');
  }
});

test("a group waits for a member that somebody retried on its own", { timeout: 60_000 }, async (t) => {
  const { run, path, read } = flowIn(t, SUM);
  assert.equal(await run("run", "g.yaml", "-q"), 1);
  writeFileSync(path("ok"), "");
  assert.equal(await run("retry", "t5"), 0);
  assert.equal(await run("run", "g.yaml", "-q"), 0);
  assert.equal(read("sum"), '["1","2","3"]');
});

test("members that an earlier run did for another list count by their key", { timeout: 60_000 }, async (t) => {
  const { run, read } = flowIn(t, `
vars: { n: 3 }
tasks:
  l: { run: "seq {vars.n}" }
  g: { for_each: { from: l }, key: "file {item}", run: "echo {item}" }
  s: { run: "echo {needs.g} > sum", needs: g }
`);
  assert.equal(await run("run", "g.yaml", "-q"), 0);
  assert.equal(await run("run", "g.yaml", "-q", "--set", "n=4"), 0);
  assert.equal(read("sum"), '["1","2","3","4"]');
  assert.equal(await run("run", "g.yaml", "-q", "--set", "n=2"), 0);
  assert.equal(read("sum"), '["1","2"]');
});

test("two groups whose members are the same tasks get the same results", { timeout: 60_000 }, async (t) => {
  const { run, path, read } = flowIn(t, `
tasks:
  l: { run: "seq 3" }
  g: { for_each: { from: l }, key: "file {item}", run: "echo {item} >> ran; sleep 0.1; echo {item}" }
  h: { for_each: { from: l }, key: "file {item}", run: "echo {item} >> ran; sleep 0.1; echo {item}" }
  s: { run: "echo {needs.g} {needs.h} > sum", needs: [g, h] }
`);
  assert.equal(await run("run", "g.yaml", "-q", "-j2"), 0);
  assert.equal(read("sum"), '["1","2","3"] ["1","2","3"]');
  assert.equal(readFileSync(path("ran"), "utf8").trim().split("\n").length, 3);
});

test("a group is a list for another group, whether its members stand in the file or not", { timeout: 60_000 }, async (t) => {
  const { run, read } = flowIn(t, `
tasks:
  l: { run: "seq 2" }
  g: { for_each: [p, q], run: "echo s{item}" }
  h: { for_each: { from: g }, run: "echo t{item}" }
  i: { for_each: { from: l }, run: "echo s{item}" }
  j: { for_each: { from: i }, run: "echo t{item}" }
  s: { run: "echo {needs.g} {needs.h} {needs.i} {needs.j} > sum", needs: [g, h, i, j] }
`);
  assert.equal(await run("run", "g.yaml", "-q"), 0);
  assert.equal(read("sum"), '["sp","sq"] ["tsp","tsq"] ["s1","s2"] ["ts1","ts2"]');
});

test("what gives no list is said", { timeout: 60_000 }, async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "g.yaml"), "tasks:\n  l: { run: 'true', result: none }\n  g: { for_each: { from: l }, run: 'echo {item}' }\n");
  assert.equal((await cli(["run", "g.yaml", "-q"], { folder })).code, 1);
  assert.match((await cli(["ls"], { folder })).stdout, /for_each of g needs a list from l, which gave nothing\./);
});

const PHASES = `
tasks:
  list: { run: "sleep 0.1; seq 2" }
  work: { for_each: { from: list }, run: "sleep 0.3; echo {item}" }
  more: { for_each: { from: work }, run: "sleep 0.1" }
  end: { run: "sleep 0.1; echo end", needs: more }
`;

test("in a simulation of what was recorded, members come after what their group needs and before what needs it", { timeout: 60_000 }, async (t) => {
  const { run, path } = flowIn(t, PHASES);
  assert.equal(await run("run", "g.yaml", "-q", "-j4"), 0);
  const workload = await openWorkload(path("g.makespan.db"));
  assert.equal(workload.taskCount, 6);
  assert.deepEqual(workload.agents!.map(({ name }) => name), ["command"]);
  const { result } = await runSimulation(workload, { agents: 10 });
  assert.equal(result.completed, 6);
  // Each of the four phases waits for the one before it.
  assert.ok(result.makespan_ms >= 600, String(result.makespan_ms));
});

test("the statistics of the file are those that the run ended with, also for groups", { timeout: 60_000 }, async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "g.yaml"), PHASES);
  const ran = JSON.parse((await cli(["run", "g.yaml", "-q", "-j4", "--json"], { folder })).stdout) as RunSummary;
  const stats = await cli(["stats", "--json"], { folder });
  assert.equal((JSON.parse(stats.stdout) as RunSummary).critical_path_ms, ran.critical_path_ms);
  assert.match((await cli(["stats"], { folder })).stdout, /Utilization +\d+ % of 4 slots/);
});

test("a group whose member failed repeated nothing", { timeout: 60_000 }, async (t) => {
  const { run, path } = flowIn(t, SUM);
  assert.equal(await run("run", "g.yaml", "-q"), 1);
  const { stdout } = await cli(["stats", "--db", path("g.makespan.db")]);
  assert.match(stdout, /Attempts +6, none repeated/);
});
