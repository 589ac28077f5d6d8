/**
 * The built command line, for tests that run it as a program: builds `dist/` when it is older than `src/`, once, however many
 * test files ask at the same time.
 */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { isAlive } from "./is-alive.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const lock = join(root, "node_modules", ".makespan-build-lock");
const POLL_MS = 100;

/** The launcher that `npx makespan` runs. */
export const bin = join(root, "bin", "makespan.js");

/** Resolves when `dist/` is at least as new as `src/`. */
export async function built(): Promise<void> {
  while (!isBuilt()) {
    if (!takeLock()) {
      await delay(POLL_MS);
      continue;
    }
    try {
      if (!isBuilt()) await build();
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
}

/** What the compiler says is on stdout. */
async function build(): Promise<void> {
  try {
    await promisify(execFile)("npm", ["run", "build"], { cwd: root });
  } catch (error) {
    throw new Error(`The build failed:\n${(error as { stdout?: string }).stdout ?? String(error)}`, { cause: error });
  }
}

export interface ProgramRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** Runs the built `makespan` to its end. */
export async function makespan(args: readonly string[], options: ProgramOptions): Promise<ProgramRun> {
  const child = startMakespan(args, options);
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin?.end(options.stdin ?? "");
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stdout, stderr };
}

/** Starts it, for tests that watch or interrupt it. */
export function startMakespan(args: readonly string[], { cwd, env = {} }: ProgramOptions): ChildProcess {
  return spawn(process.execPath, [bin, ...args], { cwd, env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
}

/** A build writes every file anew, so one of them tells when it was. */
function isBuilt(): boolean {
  const madeAt = statSync(join(root, "dist", "cli", "main.js"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return madeAt >= newestIn(join(root, "src")) && madeAt >= statSync(join(root, "tsconfig.build.json")).mtimeMs;
}

function newestIn(folder: string): number {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) newest = Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return newest;
}

/** False when a process that lives has it. */
function takeLock(): boolean {
  try {
    mkdirSync(lock);
    writeFileSync(join(lock, "pid"), String(process.pid));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const pid = holder();
    // Just made, its number not written yet, or still at work.
    if (pid === undefined || isAlive(pid)) return false;
    rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function holder(): number | undefined {
  try {
    return Number(readFileSync(join(lock, "pid"), "utf8"));
  } catch {
    return undefined;
  }
}
