// A flow of 10,000 commands, interrupted by Ctrl-C, killed with SIGKILL, and brought to its end: what the file had recorded as
// done is never done again. Each command writes its number to a file, which is the only witness of what really ran.
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { built, startMakespan } from "../support/built.ts";
import { isAlive } from "../support/is-alive.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { readStoreFile } from "./fixtures/file-rows.ts";

const COMMANDS = Number(process.env["MAKESPAN_RESUME_COMMANDS"] ?? 10_000);
/** Every so many commands one waits for what the others of its hundred did. */
const GROUP = 100;
const JOBS = 4;

before(built);

interface Summary {
  readonly ending: string;
  readonly left: number;
  readonly resumed: number;
  readonly attempts: number;
  readonly tasks: { readonly total: number; readonly succeeded: number; readonly failed: number };
}

/** JSON is YAML; commands of a group lead to one that needs them all. */
function writeFlow(folder: string): string {
  const tasks: Record<string, { readonly run: string; readonly needs?: readonly string[] }> = {};
  for (let number = 0; number < COMMANDS; number++) {
    const isLast = number % GROUP === GROUP - 1;
    const needs = isLast ? Array.from({ length: GROUP - 1 }, (_, index) => `c${number - 1 - index}`) : undefined;
    tasks[`c${number}`] = { run: `echo ${number} >> ran.txt`, ...(needs !== undefined && { needs }) };
  }
  const path = join(folder, "many.yaml");
  writeFileSync(path, JSON.stringify({ tasks }));
  return path;
}

class Witness {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = join(folder, "ran.txt");
  }

  /** How often each command ran. */
  counts(): ReadonlyMap<number, number> {
    const counts = new Map<number, number>();
    for (const line of this.#lines()) counts.set(Number(line), (counts.get(Number(line)) ?? 0) + 1);
    return counts;
  }

  async until(lines: number, child: ChildProcess): Promise<void> {
    while (this.#lines().length < lines) {
      assert.equal(child.exitCode, null, "it runs until it is stopped");
      await delay(20);
    }
  }

  #lines(): readonly string[] {
    return existsSync(this.#path) ? readFileSync(this.#path, "latin1").split("\n").slice(0, -1) : [];
  }
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(folder: string): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = startMakespan(["run", "many.yaml", "-j", String(JOBS), "--json", "--quiet"], { cwd: folder });
  const said = { stdout: "", stderr: "" };
  child.stdout!.on("data", (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr!.on("data", (chunk: Buffer) => (said.stderr += chunk.toString()));
  child.stdin!.end();
  const ended = once(child, "close").then(([code, signal]): Ended => ({ code: code as number | null, signal: signal as NodeJS.Signals | null, ...said }));
  return { child, ended };
}

function inState(folder: string, state: string): ReadonlySet<number> {
  const { health, rows } = readStoreFile(join(folder, "many.makespan.db"));
  assert.equal(health, "ok");
  return new Set([...rows.values()].flatMap((row) => (row.state === state ? [Number(row.name?.slice(1))] : [])));
}

test(`${COMMANDS} commands: Ctrl-C, kill -9, and on to the end without doing anything twice`, { timeout: 600_000 }, async (t) => {
  const folder = temporaryFolder(t);
  writeFlow(folder);
  const witness = new Witness(folder);
  const begun = performance.now();

  const first = run(folder);
  await witness.until(COMMANDS * 0.3, first.child);
  first.child.kill("SIGINT");
  const interrupted = await first.ended;
  assert.equal(interrupted.code, 130, interrupted.stderr);
  const afterInterrupt = JSON.parse(interrupted.stdout) as Summary;
  const doneFirst = inState(folder, "succeeded");
  const ranFirst = witness.counts();
  // Ctrl-C waits for what runs: all that ran is recorded, and nothing runs any more.
  assert.deepEqual(new Set(ranFirst.keys()), doneFirst);
  assert.equal(inState(folder, "running").size, 0);
  assert.deepEqual([afterInterrupt.ending, afterInterrupt.left, afterInterrupt.tasks.succeeded, afterInterrupt.resumed], ["interrupted", COMMANDS - doneFirst.size, doneFirst.size, 0]);

  const second = run(folder);
  await witness.until(COMMANDS * 0.6, second.child);
  second.child.kill("SIGKILL");
  assert.equal((await second.ended).signal, "SIGKILL");
  const doneSecond = inState(folder, "succeeded");
  const underWay = inState(folder, "running");
  assert.ok(doneSecond.size > doneFirst.size && doneSecond.size < COMMANDS, "killed in the middle");
  assert.ok(underWay.size > 0, "something was under way at the kill");

  const third = run(folder);
  const ended = await third.ended;
  assert.equal(ended.code, 0, ended.stderr);
  const summary = JSON.parse(ended.stdout) as Summary;
  assert.deepEqual([summary.ending, summary.left, summary.resumed], ["done", 0, doneSecond.size]);
  assert.deepEqual([summary.tasks.total, summary.tasks.succeeded], [COMMANDS, COMMANDS]);
  assert.equal(inState(folder, "succeeded").size, COMMANDS);

  const ran = witness.counts();
  const again = [...ran].filter(([, count]) => count > 1).map(([number]) => number);
  assert.equal(ran.size, COMMANDS, "every command ran");
  assert.deepEqual(again.filter((number) => doneFirst.has(number) || doneSecond.has(number)), [], "what was recorded as done did not run again");
  assert.deepEqual(again.filter((number) => !underWay.has(number)), [], "only what was under way at the kill ran twice");

  const fourth = run(folder);
  const nothing = JSON.parse((await fourth.ended).stdout) as Summary;
  assert.deepEqual([nothing.resumed, nothing.attempts], [COMMANDS, 0]);
  assert.deepEqual(witness.counts(), ran);
  t.diagnostic(
    `${COMMANDS} commands in ${((performance.now() - begun) / 1000).toFixed(1)} s: ${doneFirst.size} before Ctrl-C, ${doneSecond.size - doneFirst.size} more ` +
      `before kill -9, which found ${underWay.size} under way; ${again.length} of those ran twice`,
  );
});

test("kill -9 of the engine ends the commands that it had started", { timeout: 60_000 }, async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "many.yaml"), JSON.stringify({ tasks: { long: { run: "sleep 1000 & echo $! > pid.txt; echo $$ >> pid.txt; wait" } } }));
  const { child, ended } = run(folder);
  const path = join(folder, "pid.txt");
  while (!existsSync(path) || readFileSync(path, "latin1").split("\n").length < 3) await delay(20);
  const pids = readFileSync(path, "latin1").trim().split("\n").map(Number);
  assert.deepEqual(pids.filter(isAlive), pids);
  child.kill("SIGKILL");
  assert.equal((await ended).signal, "SIGKILL");
  while (pids.some(isAlive)) await delay(20);
});
