// Ctrl-C, once, twice and three times, and other signals: what is running ends well or is gone with all that it started, the exit
// code is 130, and the last words say how to go on.
import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { bin, built, makespan, startMakespan, type ProgramRun } from "../support/built.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { readStoreFile } from "./fixtures/file-rows.ts";

/** Runs a command on a terminal of its own. */
const SCRIPT = "/usr/bin/script";

before(built);

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<ProgramRun>;
  /** Resolves when stderr has said it. */
  says(words: RegExp): Promise<void>;
}

function start(folder: string, args: readonly string[]): Started {
  const child = startMakespan(args, { cwd: folder });
  let stdout = "";
  let stderr = "";
  child.stdout!.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr!.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin!.end();
  return {
    child,
    ended: once(child, "close").then(([code]) => ({ code: code as number | null, stdout, stderr })),
    says: (words) => until(() => words.test(stderr), child),
  };
}

async function until(condition: () => boolean, child?: ChildProcess): Promise<void> {
  while (!condition()) {
    assert.ok(child === undefined || child.exitCode === null, "it runs until what was waited for");
    await delay(10);
  }
}

function writeFlow(folder: string, tasks: Readonly<Record<string, unknown>>): void {
  writeFileSync(join(folder, "flow.json"), JSON.stringify({ tasks }));
}

function states(folder: string): Readonly<Record<string, string>> {
  const { rows } = readStoreFile(join(folder, "flow.makespan.db"));
  return Object.fromEntries([...rows.values()].map(({ name, state }) => [name, state]));
}

/** Live processes with this word among their arguments. */
function processesWith(word: string): readonly string[] {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, "latin1").includes(word);
    } catch {
      return false;
    }
  });
}

/** A command that says in a file that it runs, and then, with a helper in the background, waits for a file called `go`. */
function waiting(word: string, name: string): string {
  return `(while :; do sleep 0.05; done; : ${word}) & echo up > ${name}.up; until [ -e go ]; do sleep 0.02; done; kill $!; echo ${name} >> ran.txt`;
}

const onLinux = { skip: process.platform === "linux" ? false : "looks at /proc" };

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`${signal} once starts nothing more, waits for what runs, and says how to go on`, async (t) => {
    const folder = temporaryFolder(t);
    writeFlow(folder, { first: { run: waiting("once", "first") }, second: { run: "echo second >> ran.txt", needs: ["first"] } });
    const run = start(folder, ["run", "flow.json", "-j1"]);
    await until(() => existsSync(join(folder, "first.up")), run.child);
    run.child.kill(signal);
    await run.says(/Stopping: waiting for 1 running task\. Ctrl-C again hands them back unfinished\./);
    writeFileSync(join(folder, "go"), "");
    const { code, stdout } = await run.ended;
    assert.equal(code, 130);
    assert.match(stdout, /1 task is left in .*flow\.makespan\.db: run the same command again to go on\.\n$/);
    assert.deepEqual(states(folder), { first: "succeeded", second: "queued" });
    const again = await makespan(["run", "flow.json", "--json", "-q"], { cwd: folder });
    assert.equal(again.code, 0);
    assert.equal((JSON.parse(again.stdout) as { resumed: number }).resumed, 1);
    assert.equal(readFileSync(join(folder, "ran.txt"), "utf8"), "first\nsecond\n");
  });
}

test("SIGINT twice hands back what runs, and its process group is gone", onLinux, async (t) => {
  const folder = temporaryFolder(t);
  const word = `makespan-twice-${process.pid}`;
  writeFlow(folder, { first: { run: waiting(word, "first") } });
  const run = start(folder, ["run", "flow.json", "-j1"]);
  await until(() => existsSync(join(folder, "first.up")), run.child);
  assert.ok(processesWith(word).length >= 2, "the command and its helper run");
  run.child.kill("SIGINT");
  await run.says(/Stopping/);
  run.child.kill("SIGINT");
  await run.says(/Asking what runs to save its place and stop\./);
  const { code } = await run.ended;
  assert.equal(code, 130);
  assert.deepEqual(processesWith(word), []);
  assert.deepEqual(states(folder), { first: "queued" });
  writeFileSync(join(folder, "go"), "");
  assert.equal((await makespan(["run", "flow.json", "-q"], { cwd: folder })).code, 0);
});

test("SIGINT three times kills what will not stop", onLinux, async (t) => {
  const folder = temporaryFolder(t);
  const word = `makespan-thrice-${process.pid}`;
  writeFlow(folder, { deaf: { run: `trap '' TERM; ${waiting(word, "deaf")}` } });
  const run = start(folder, ["run", "flow.json", "-j1"]);
  await until(() => existsSync(join(folder, "deaf.up")), run.child);
  run.child.kill("SIGINT");
  await run.says(/Stopping/);
  run.child.kill("SIGINT");
  await run.says(/Asking/);
  run.child.kill("SIGINT");
  const { code } = await run.ended;
  assert.equal(code, 130);
  assert.deepEqual(processesWith(word), []);
  assert.deepEqual(states(folder), { deaf: "queued" });
});

test("Ctrl-C in a terminal reaches makespan once, and none of its commands", { skip: hasScript() ? false : "there is no script(1) of util-linux" }, async (t) => {
  const folder = temporaryFolder(t);
  writeFlow(folder, { first: { run: waiting(`makespan-terminal-${process.pid}`, "first") }, second: { run: "true", needs: ["first"] } });
  const child = spawn(SCRIPT, ["-qec", `"${process.execPath}" "${bin}" run flow.json -j1`, "/dev/null"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  let screen = "";
  child.stdout.on("data", (chunk: Buffer) => (screen += chunk.toString()));
  const ended = once(child, "close");
  await until(() => existsSync(join(folder, "first.up")), child);
  child.stdin.write("\x03");
  await until(() => screen.includes("Stopping: waiting for 1 running task."), child);
  writeFileSync(join(folder, "go"), "");
  assert.equal((await ended)[0], 130);
  assert.match(screen, /1 task is left in /);
  assert.doesNotMatch(screen, /Asking what runs/);
  assert.deepEqual(states(folder), { first: "succeeded", second: "queued" });
});

for (const [how, options, code] of [["SIGINT", [], 130], ["--halt", ["--halt", "now,success=1"], 3]] as const) {
  test(`${how} ends a list whose input stays open`, { timeout: 60_000 }, async (t) => {
    const folder = temporaryFolder(t);
    const child = startMakespan(["run", "-q", ...options, "--", "echo {} && echo {} >> ran.txt"], { cwd: folder });
    t.after(() => child.kill("SIGKILL"));
    const ended = once(child, "close");
    child.stdin!.write("a\n");
    await once(child.stdout!, "data");
    if (how === "SIGINT") child.kill("SIGINT");
    assert.deepEqual(await ended, [code, null]);
    assert.equal(readFileSync(join(folder, "ran.txt"), "utf8"), "a\n");
  });
}

/** The one whose `-e` returns the exit code of the command. */
function hasScript(): boolean {
  return existsSync(SCRIPT) && spawnSync(SCRIPT, ["--version"], { encoding: "utf8" }).stdout.includes("util-linux");
}
