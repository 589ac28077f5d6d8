/** Lists the text files of a source tree: what git tracks, or everything but dependencies where there is no git. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { TaskContext } from "makespan";

const run = promisify(execFile);
const MOST_FILES = 2_000;
const MOST_BYTES = 1024 * 1024;
const SKIPPED = /(^|\/)(node_modules|dist|\.git)\/|\.(png|jpe?g|gif|ico|woff2?|zip|gz|pdf|db|lock)$|package-lock\.json$/;

export interface SourceFile {
  readonly root: string;
  readonly path: string;
  readonly bytes: number;
  /** Of its content: a file that has not changed need not be measured again. */
  readonly digest: string;
}

/** @returns files by path, at most 2,000, each at most 1 MiB */
export async function files(input: { folder: string }, { log }: TaskContext): Promise<SourceFile[]> {
  const folder = resolve(import.meta.dirname, input.folder);
  const paths = (await tracked(folder)) ?? (await walked(folder));
  const kept = paths.filter((path) => !SKIPPED.test(path)).sort();
  if (kept.length > MOST_FILES) log.warn(`${kept.length} files; the report covers the first ${MOST_FILES}`);
  const found = await Promise.all(kept.slice(0, MOST_FILES).map(async (path) => {
    const info = await stat(join(folder, path)).catch(() => undefined);
    if (info?.isFile() !== true || info.size > MOST_BYTES) return [];
    const digest = createHash("sha1").update(await readFile(join(folder, path))).digest("hex");
    return [{ root: folder, path, bytes: info.size, digest }];
  }));
  log(`${found.flat().length} files in ${folder}`);
  return found.flat();
}

/** @returns names of those who made commits, the busiest first, at most 30; none where there is no git */
export async function authors({ folder }: { folder: string }): Promise<string[]> {
  const names = await run("git", ["-C", resolve(import.meta.dirname, folder), "log", "--format=%aN"], { maxBuffer: 64 * MOST_BYTES }).catch(() => ({ stdout: "" }));
  const commits = new Map<string, number>();
  for (const name of names.stdout.split("\n")) if (name !== "") commits.set(name, (commits.get(name) ?? 0) + 1);
  return [...commits].sort((a, b) => b[1] - a[1]).slice(0, 30).map(([name]) => name);
}

async function tracked(folder: string): Promise<string[] | undefined> {
  const list = await run("git", ["-C", folder, "ls-files", "-z"], { maxBuffer: 64 * MOST_BYTES }).catch(() => undefined);
  return list?.stdout.split("\0").filter((path) => path !== "");
}

async function walked(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length).replace(/^[/\\]/, ""));
}
