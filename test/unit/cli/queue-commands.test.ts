// `makespan policy`, `share`, `balancer`, `pause` and `resume`: on a file at rest, and while a run is going on.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openSqliteReader } from "../../../src/store/sqlite/reader.ts";
import { cli, type CliRun, type CliSetting } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const FLOW = `
defaults: { cwd: . }
tasks:
  late: { run: "echo late >> ran", priority: low }
  soon: { run: "echo soon >> ran", priority: high, tenant: acme, session: s, weight: 2, size: 9, preemptible: true }
`;

function folderWith(t: TestContext, flow: string): string {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "flow.yaml"), flow);
  return folder;
}

async function ok(line: readonly string[], setting: CliSetting): Promise<string> {
  const { code, stdout, stderr } = await cli(line, setting);
  assert.equal(code, 0, stderr);
  return stdout;
}

async function json<Value>(line: readonly string[], setting: CliSetting): Promise<Value> {
  return JSON.parse(await ok([...line, "--json"], setting)) as Value;
}

interface Queues {
  readonly queues: readonly { readonly queue: string; readonly policy: string; readonly fair_share: unknown; readonly paused: boolean; readonly queued: number; readonly waiting: number }[];
  readonly balancer: string;
  readonly all_paused: boolean;
}

function ran(folder: string): readonly string[] {
  return readFileSync(join(folder, "ran"), "utf8").trim().split("\n");
}

/** Starts a run and resolves once it has its file and waits there. */
async function startPausedRun(folder: string): Promise<{ readonly done: Promise<CliRun> }> {
  const done = cli(["run", "flow.yaml", "-j1", "-q"], { folder });
  for (;;) {
    const { queues } = await json<Queues>(["policy", "run:flow"], { folder });
    if (queues[0]?.queued === 2) return { done };
    await new Promise(setImmediate);
  }
}

test("the policy of a run: by priority unless the file or the command line says otherwise", async (t) => {
  const byDefault = folderWith(t, FLOW);
  await ok(["run", "flow.yaml", "-j1", "-q"], { folder: byDefault });
  assert.deepEqual(ran(byDefault), ["soon", "late"]);
  const byFile = folderWith(t, `policy: fcfs\n${FLOW}`);
  await ok(["run", "flow.yaml", "-j1", "-q"], { folder: byFile });
  assert.deepEqual(ran(byFile), ["late", "soon"]);
  const byOption = folderWith(t, `policy: fcfs\n${FLOW}`);
  await ok(["run", "flow.yaml", "-j1", "-q", "--policy", "priority"], { folder: byOption });
  assert.deepEqual(ran(byOption), ["soon", "late"]);
  const chosen = folderWith(t, FLOW);
  await ok(["run", "flow.yaml", "-q"], { folder: chosen });
  assert.match(await ok(["policy", "run:flow", "fcfs"], { folder: chosen }), /^The queue "run:flow" is ordered by fcfs in the next run\.$/m);
  writeFileSync(join(chosen, "ran"), "");
  await ok(["run", "flow.yaml", "-j1", "-q", "--fresh"], { folder: chosen });
  assert.deepEqual(ran(chosen), ["late", "soon"]);
});

test("an unknown policy or balancer is refused with the known ones, and nothing runs or changes", async (t) => {
  const folder = folderWith(t, FLOW);
  writeFileSync(join(folder, "bad.yaml"), `policy: sfj\n${FLOW}`);
  writeFileSync(join(folder, "luck.yaml"), `defaults: { retries: 1 }\nbalancer: luck${FLOW.replace(/defaults.*/, "")}`);
  const refusals = [
    [["run", "flow.yaml", "--policy", "sfj"], /^makespan: There is no policy of this name: `sfj`; known policies: fcfs.*; did you mean "sjf"\?\n$/],
    [["run", "flow.yaml", "--balancer", "luck"], /^makespan: There is no balancer of this name: `luck`; known balancers: round-robin.*\.\n$/],
    [["run", "bad.yaml"], /^makespan: \S+bad\.yaml:1:9: policy: There is no policy of this name: `sfj`; known policies: fcfs.*; did you mean "sjf"\?\n$/],
    [["run", "luck.yaml"], /^makespan: \S+luck\.yaml:2:11: balancer: There is no balancer of this name: `luck`; known balancers: round-robin.*\n$/],
  ] as const;
  for (const [line, message] of refusals) {
    const { code, stderr } = await cli(line, { folder });
    assert.equal(code, 2);
    assert.match(stderr, message);
  }
  assert.deepEqual(readdirSync(folder).sort(), ["bad.yaml", "flow.yaml", "luck.yaml"]);
  await ok(["run", "flow.yaml", "-q", "--policy", "fcfs"], { folder });
  const setting = { folder, env: { MAKESPAN_DB: "flow.makespan.db" } };
  const refused = await cli(["policy", "run:flow", "lifo", "--json"], setting);
  assert.deepEqual([refused.code, refused.stdout, (JSON.parse(refused.stderr) as { error: { code: string } }).error.code], [2, "", "policy_unknown"]);
  assert.equal((await cli(["balancer", "lifo"], setting)).code, 2);
  assert.match((await cli(["policy", "run:flow", "sjf:aging=-1"], setting)).stderr, /^makespan: This policy cannot be chosen: `aging` of `sjf` takes a number from 0 on, or `off`, not `-1`\.\n$/);
  assert.match((await cli(["balancer", "power-of-two:d=0"], setting)).stderr, /^makespan: This balancer cannot be chosen: `d` of `power-of-two` takes /);
  const { queues, balancer } = await json<Queues>(["policy"], setting);
  assert.deepEqual([queues.map(({ queue, policy }) => [queue, policy]), balancer], [[["run:flow", "fcfs"]], "round-robin"]);
});

test("what a flow file says of a task is in the store", async (t) => {
  const folder = folderWith(t, FLOW);
  await ok(["run", "flow.yaml", "-q"], { folder });
  const { tasks } = await json<{ tasks: readonly Record<string, unknown>[] }>(["ls", "--tenant", "acme"], { folder });
  assert.deepEqual(tasks.map(({ name, session, weight, size, preemptible }) => [name, session, weight, size, preemptible]), [["soon", "s", 2, 9, true]]);
  // They are no content: changing them runs nothing again.
  writeFileSync(join(folder, "flow.yaml"), FLOW.replace("tenant: acme", "tenant: beta").replace("size: 9", "size: 10"));
  assert.equal((await json<{ attempts: number }>(["run", "flow.yaml"], { folder })).attempts, 0);
});

test("shares are parsed, kept and shown", async (t) => {
  const folder = folderWith(t, FLOW);
  await ok(["run", "flow.yaml", "-q"], { folder });
  assert.match(await ok(["share", "run:flow", "acme=2", "a=b=0.5"], { folder }), /^The queue "run:flow" is shared by weight in the next run: acme 2, a=b 0\.5, others 1\.$/m);
  assert.deepEqual((await json<Queues>(["policy"], { folder })).queues[0]?.fair_share, { acme: 2, "a=b": 0.5 });
  assert.match(await ok(["policy"], { folder }), /^QUEUE +POLICY +SHARES +QUEUED +RUNNING +WAITING\nrun:flow +priority +acme 2, a=b 0\.5, others 1 +0 +0 +0$/m);
  assert.deepEqual(await json(["share", "run:flow", "equal"], { folder }), { queue: "run:flow", fair_share: {}, running: false });
  assert.match(await ok(["share", "run:flow", "off"], { folder }), /is one line for all in the next run/);
  assert.equal((await json<Queues>(["policy"], { folder })).queues[0]?.fair_share, null);
  for (const share of ["acme", "acme=", "acme=0", "acme=-1", "=2", "acme=x", "acme=Infinity"]) {
    const { code, stderr } = await cli(["share", "run:flow", share], { folder });
    assert.equal(code, 2, share);
    assert.match(stderr, /^makespan: A share is TENANT=WEIGHT/);
  }
  assert.match((await cli(["share", "run:flow", "a=1", "a=2"], { folder })).stderr, /"a" has two weights/);
  assert.equal((await cli(["share", "run:flow"], { folder })).code, 2);
});

test("a slip in the name of a queue is told", async (t) => {
  const folder = folderWith(t, FLOW);
  await ok(["run", "flow.yaml", "-q"], { folder });
  assert.match((await cli(["policy", "run:flwo", "fcfs"], { folder })).stderr, /No task is in the queue "run:flwo" yet; did you mean "run:flow"\?/);
});

test("a run that was paused beforehand waits, says so, and takes a policy while it does", { timeout: 60_000 }, async (t) => {
  const folder = folderWith(t, FLOW);
  writeFileSync(join(folder, "once.yaml"), "name: flow\ntasks:\n  first: { run: 'true' }\n");
  await ok(["run", "once.yaml", "-q", "--db", "flow.makespan.db"], { folder });
  for (const queue of [[], ["run:flow"]]) {
    writeFileSync(join(folder, "ran"), "");
    assert.match(await ok(["pause", ...queue], { folder }), /is paused in the next run: makespan resume ends that\.$/m);
    const { done } = await startPausedRun(folder);
    assert.match(await ok(["policy", "run:flow", queue.length === 0 ? "fcfs" : "priority"], { folder }), /from now on/);
    assert.ok((await json<Queues>(["policy"], { folder })).queues[0]?.paused);
    assert.match(await ok(["resume", ...queue], { folder }), /goes on from now on/);
    const { code, stderr } = await done;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /the queue of this run is paused: nothing starts before `makespan resume`/);
    assert.deepEqual(ran(folder), queue.length === 0 ? ["late", "soon"] : ["soon", "late"]);
    writeFileSync(join(folder, "flow.yaml"), FLOW.replaceAll(">> ran", ">>ran"));
    await ok(["resume"], { folder });
  }
  const reader = openSqliteReader(join(folder, "flow.makespan.db"));
  assert.deepEqual(reader.settingList().filter(({ name }) => name.startsWith("paused")).map(({ value }) => value), ["false", "false"]);
  reader.close();
});

test("the balancer is told, chosen and kept", async (t) => {
  const folder = folderWith(t, FLOW);
  await ok(["run", "flow.yaml", "-q"], { folder });
  assert.equal(await ok(["balancer"], { folder }), "round-robin\n");
  assert.match(await ok(["balancer", "least-connections"], { folder }), /^Agents are picked by least-connections in the next run\.$/m);
  assert.deepEqual(await json(["balancer"], { folder }), { balancer: "least-connections", running: false });
});
