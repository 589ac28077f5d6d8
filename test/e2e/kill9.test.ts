// A program that uses the package on one file is killed with SIGKILL at random moments, again and again. After each life the file
// alone, and what the program had written of what it was told, are judged by a checker that knows nothing of the engine.
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { built } from "../support/built.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { Checker } from "./fixtures/check.ts";
import { endsInMidCommit } from "./fixtures/file-rows.ts";
import type { WorkerOptions } from "./fixtures/kill9-worker.ts";

const PROGRAM = fileURLToPath(new URL("./fixtures/kill9-worker.ts", import.meta.url));
const CYCLES = Number(process.env["MAKESPAN_KILL_CYCLES"] ?? 200);
const SEED = Number(process.env["MAKESPAN_SEED"] ?? 20_260_101);

before(built);

/** Moments of the kill: in one life of eight while it opens the file, else 5 to 150 ms after it has. */
interface Moment {
  readonly after: "spawn" | "open";
  readonly ms: number;
}

/** Runs the program until the moment, or to its end; resolves with its whole lines. */
async function live(options: WorkerOptions, moment: Moment | undefined): Promise<readonly string[]> {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(options)], { stdio: ["ignore", "pipe", "pipe"] });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
  const text: string[] = [];
  child.stdout.on("data", (chunk: Buffer) => text.push(chunk.toString("latin1")));
  if (moment !== undefined) void killAt(child, moment);
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  assert.deepEqual([code, signal, complaint], moment === undefined ? [0, null, ""] : [null, "SIGKILL", ""], `cycle ${options.cycle}`);
  return text.join("").split("\n").slice(0, -1);
}

async function killAt(child: ChildProcess, { after, ms }: Moment): Promise<void> {
  if (after === "open") await new Promise<void>((resolve) => createInterface(child.stdout!).once("line", () => resolve()));
  setTimeout(() => child.kill("SIGKILL"), ms);
}

/** The middle bits of a linear congruential generator (Lehmer, 1951) are random enough for moments. */
function moments(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

test(`killed ${CYCLES} times at random moments, it keeps every promise`, { timeout: 600_000 }, async (t) => {
  const path = join(temporaryFolder(t), "killed.db");
  const checker = new Checker();
  const random = moments(SEED);
  const begun = performance.now();
  let midCommit = 0;
  let withSubmission = 0;
  let withHandler = 0;
  let beforeOpen = 0;
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    const moment: Moment = random() < 1 / 8 ? { after: "spawn", ms: 40 + random() * 120 } : { after: "open", ms: 5 + random() * 145 };
    const acknowledged = [...checker.acked.keys()];
    const some = acknowledged.length === 0 ? [] : [acknowledged[Math.floor(random() * acknowledged.length)]!];
    const seed = Math.floor(random() * 2 ** 31);
    const [waiting, running] = [checker.unacknowledged.length, checker.interrupted];
    const lines = await live({ path, seed, cycle, again: [...checker.unacknowledged, ...some], finish: false }, moment);
    checker.read(lines);
    midCommit += endsInMidCommit(path) ? 1 : 0;
    withSubmission += checker.unacknowledged.length > waiting || lines.at(-1)?.startsWith("send") === true ? 1 : 0;
    withHandler += checker.interrupted > running ? 1 : 0;
    beforeOpen += lines.length === 0 ? 1 : 0;
    if (existsSync(path) || checker.acked.size > 0) checkCycle(checker, path, cycle);
  }
  const killedMs = performance.now() - begun;
  checker.read(await live({ path, seed: 0, cycle: CYCLES, again: checker.unacknowledged, finish: true }, undefined));
  checker.check(path);
  checker.checkEnd(path);
  t.diagnostic(
    `seed ${SEED}: ${CYCLES} kills in ${(killedMs / 1000).toFixed(1)} s, ${beforeOpen} before the file was open, ${withSubmission} with a submission under way, ` +
      `${withHandler} with a handler running, ${midCommit} in the middle of writing a commit; ${checker.storedUnheard.size} submissions were stored but never ` +
      `acknowledged and found again by key; ${checker.sent.size} submissions, ${checker.tasks} tasks, ${checker.starts} attempts, ${checker.interrupted} cut off`,
  );
  assert.ok(withSubmission > 0 && withHandler > 0 && checker.storedUnheard.size > 0, "kills met all kinds of moments");
});

function checkCycle(checker: Checker, path: string, cycle: number): void {
  try {
    checker.check(path);
  } catch (error) {
    throw new Error(`after kill ${cycle} (seed ${SEED}): ${(error as Error).message}`, { cause: error });
  }
}
