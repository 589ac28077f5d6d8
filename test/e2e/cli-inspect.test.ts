// The built command line on a store file, while an engine in another process works on it and after.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { before, test } from "node:test";
import { bin, built, makespan, startMakespan, type ProgramRun } from "../support/built.ts";
import { makeSampleFile, openSampleEngine } from "../support/sample-file.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

before(built);

const HANG = {
  spec: {
    type: "hang", queue: "default", priority: 3, onDependencyFailure: "skip",
    retry: { limit: 0, backoff: "fixed", delayMs: 1, maxDelayMs: 1, jitter: 0, lossLimit: 3 },
  },
  input: "{}",
} as const;

function succeeded(run: ProgramRun): string {
  assert.equal(run.code, 0, run.stderr);
  return run.stdout;
}

test("a file at rest: list, show, measure, export, check, cancel, retry", async (t) => {
  const folder = temporaryFolder(t);
  await makeSampleFile(join(folder, "build.makespan.db"));
  const run = async (...args: string[]): Promise<string> => succeeded(await makespan(args, { cwd: folder }));
  assert.match(await run("ls", "--state", "failed"), /t3 +failed +broken/);
  assert.match(await run("show", "t3"), /It failed for good after 2 attempts/);
  assert.match(await run("why", "t3"), /^t3 broken {2}failed\nIt failed for good after 2 attempts/);
  assert.equal((JSON.parse(await run("stats", "--json")) as { tasks: { total: number } }).tasks.total, 8);
  assert.equal((await run("export")).trimEnd().split("\n").length, 11);
  assert.match(await run("doctor"), /ok +integrity/);
  assert.match(await run("cancel", "t9"), /1 task cancelled/);
  assert.match(await run("retry", "--failed"), /1 task queued again: start the run again/);
  const broken = await makespan(["ls", "--db", "nowhere.db"], { cwd: folder });
  assert.deepEqual([broken.code, broken.stdout], [5, ""]);
  assert.match(broken.stderr, /^makespan: There is no file [^\n]+\n$/);
});

test("a file in use: looked at without disturbing, cancelled and retried by the engine that owns it", async (t) => {
  const folder = temporaryFolder(t);
  const engine = await openSampleEngine(join(folder, "makespan.db"));
  try {
    const running = Promise.withResolvers<number>();
    const stop = engine.observe({ facts: (facts) => facts.forEach(({ task, state }) => state === "running" && running.resolve(task.id)) });
    const { ids } = await engine.submit({ tasks: [HANG, { ...HANG, spec: { ...HANG.spec, type: "nobody" } }] });
    await running.promise;
    stop();
    const run = async (...args: string[]): Promise<string> => succeeded(await makespan(args, { cwd: folder }));
    assert.match(await run("show", `t${ids[0]}`), /It has been running for .* on node[;,]/);
    assert.match(await run("why", `t${ids[0]}`), /It has been running for .* on node[;,]/);
    const behind = await engine.submit({ tasks: Array.from({ length: 3 }, () => ({ ...HANG, estimateMs: 60_000 })) });
    const why = JSON.parse(await run("why", `t${behind.ids[2]}`, "--json")) as { kind: string; obstacle: { kind: string; slots: number }; is_owned: boolean; forecast: { start_at: string } | null };
    assert.deepEqual([why.kind, why.obstacle.kind, why.obstacle.slots, why.is_owned], ["queued", "agents-full", 3, true]);
    assert.ok(why.forecast !== null && Date.parse(why.forecast.start_at) > 0);
    assert.equal(await engine.cancel({ ids: behind.ids }, "enough"), 3);
    assert.match(await run("doctor"), new RegExp(`owner +process ${process.pid} has the file open`));
    assert.deepEqual(JSON.parse(await run("cancel", `t${ids[0]}`, `t${ids[1]}`, "--reason", "changed my mind", "--json")), { cancelled: 2, finished_before: [] });
    assert.equal((await engine.settled(ids[0]!)).state, "cancelled");
    assert.match(await run("show", `t${ids[1]}`), /It was cancelled before it started \(changed my mind\)/);
    assert.match(await run("retry", `t${ids[1]}`), /1 task queued again\.\n/);
    assert.equal(engine.liveTask(ids[1]!)?.state, "queued");
  } finally {
    await engine.close("leave");
  }
});

test("logs -f prints what a task writes as it runs, and ends with it", async (t) => {
  const folder = temporaryFolder(t);
  const engine = await openSampleEngine(join(folder, "makespan.db"));
  try {
    const { ids } = await engine.submit({ tasks: [HANG] });
    const child = startMakespan(["logs", "-f", `t${ids[0]}`], { cwd: folder });
    const [first] = (await once(child.stdout!, "data")) as readonly Buffer[];
    assert.match(first?.toString() ?? "", /^hanging\n/);
    await engine.cancel({ ids }, "enough");
    assert.equal((await once(child, "close"))[0], 0);
  } finally {
    await engine.close("leave");
  }
});

test("a pipe whose reader goes away ends it without a word", async (t) => {
  const folder = temporaryFolder(t);
  await makeSampleFile(join(folder, "makespan.db"));
  const child = spawn("/bin/sh", ["-c", `"$0" "$1" export --format trace | head -c 10`, process.execPath, bin], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  assert.equal((await once(child, "close"))[0], 0);
  assert.equal(said, "");
});

test("help needs no store and no command's modules", async (t) => {
  const folder = temporaryFolder(t);
  assert.match(succeeded(await makespan(["--help"], { cwd: folder })), /Commands:\n +/);
  const mistyped = await makespan(["lss"], { cwd: folder });
  assert.deepEqual([mistyped.code, mistyped.stdout], [2, ""]);
  assert.match(mistyped.stderr, /Did you mean ls\?/);
});
