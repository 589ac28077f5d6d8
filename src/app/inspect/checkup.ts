/**
 * Checks of this machine and of a store file, each with a verdict and what to do. Every check runs whatever the others found,
 * except those of a file that cannot be read at all, or has nothing in it yet.
 */
import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { formatBytes, formatMany } from "../../monitor/format.ts";
import { fileDamage, fileFacts } from "../../store/sqlite/file-facts.ts";
import { checkSqlite } from "../../store/sqlite/file-checks.ts";
import { isOwned, openSqliteReader } from "../../store/sqlite/reader.ts";

export interface Check {
  /** A word or two that does not change, for scripts. */
  readonly name: string;
  readonly verdict: "ok" | "warn" | "fail";
  /** What was found. */
  readonly found: string;
  /** What to do; absent when nothing is. */
  readonly todo?: string;
}

const NODE_NEEDED = [24, 15] as const;
const MIB = 1024 * 1024;
/** A log of this size says that something keeps SQLite from writing it back. */
const WAL_WARN_BYTES = 256 * MIB;
const FREE_FAIL_BYTES = 16 * MIB;
const FREE_WARN_BYTES = 512 * MIB;

/** What does not depend on a file. Versions are given by tests; default those of this process. */
export function checkMachine(versions: { readonly node?: string; readonly sqlite?: string } = {}): readonly Check[] {
  const { node = process.versions.node, sqlite = process.versions["sqlite"] ?? "0" } = versions;
  return [nodeCheck(node), sqliteCheck(sqlite)];
}

/** Of the file at `path`, which exists. */
export function checkStoreFile(path: string): readonly Check[] {
  const checks: Check[] = [accessCheck(path)];
  if (checks[0]?.verdict === "fail") return checks;
  try {
    const facts = fileFacts(path);
    checks.push(schemaCheck(facts));
    if (facts.schemaVersion === 0) return [...checks, spaceCheck(path)];
    checks.push(ownerCheck(path, facts.ownerPid));
    checks.push(integrityCheck(path), journalCheck(path, facts.journalMode), spaceCheck(path), contentCheck(path));
  } catch (error) {
    checks.push({ name: "store file", verdict: "fail", found: messageOf(error) });
  }
  return checks;
}

function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isEnough = major > NODE_NEEDED[0] || (major === NODE_NEEDED[0] && minor >= NODE_NEEDED[1]);
  if (isEnough) return { name: "node", verdict: "ok", found: `Node ${version}` };
  return { name: "node", verdict: "fail", found: `Node ${version}; ${NODE_NEEDED.join(".")} or newer is needed`, todo: "Install a newer Node from https://nodejs.org" };
}

function sqliteCheck(version: string): Check {
  try {
    checkSqlite(version);
    return { name: "sqlite", verdict: "ok", found: `SQLite ${version}, with the fix of the WAL-reset fault (3.51.3)` };
  } catch (error) {
    return { name: "sqlite", verdict: "fail", found: messageOf(error) };
  }
}

function accessCheck(path: string): Check {
  const name = "access";
  if (!canAccess(path, constants.R_OK)) return { name, verdict: "fail", found: `${path} cannot be read`, todo: "Check the rights of the file and of its folder" };
  if (!canAccess(path, constants.W_OK)) return { name, verdict: "fail", found: `${path} can be read but not written`, todo: "Give yourself the right to write it (chmod u+w), or work on a copy" };
  const folder = dirname(path);
  if (canAccess(folder, constants.W_OK)) return { name, verdict: "ok", found: `${path} can be read and written` };
  return { name, verdict: "fail", found: `the folder ${folder} cannot be written`, todo: "SQLite keeps its log beside the file: give yourself the right to write there" };
}

function schemaCheck({ schemaVersion, newestSchemaVersion }: { readonly schemaVersion: number; readonly newestSchemaVersion: number }): Check {
  const name = "schema";
  if (schemaVersion === 0) return { name, verdict: "warn", found: "the file has no tables yet", todo: "The first run makes them" };
  if (schemaVersion === newestSchemaVersion) return { name, verdict: "ok", found: `version ${schemaVersion}, the newest` };
  return { name, verdict: "ok", found: `version ${schemaVersion}; the next run brings it to ${newestSchemaVersion}` };
}

function ownerCheck(path: string, ownerPid: number): Check {
  const name = "owner";
  const process = ownerPid === 0 ? "an engine" : `process ${ownerPid}`;
  return { name, verdict: "ok", found: isOwned(path) ? `${process} has the file open` : "no engine has the file open" };
}

function integrityCheck(path: string): Check {
  const name = "integrity";
  const found = fileDamage(path);
  if (found.length === 0) return { name, verdict: "ok", found: "quick_check found nothing wrong" };
  return {
    name,
    verdict: "fail",
    found: found.join("; "),
    todo: `Keep a copy, restore a backup, or save what can be read: sqlite3 ${path} .recover | sqlite3 saved.db`,
  };
}

function journalCheck(path: string, mode: string): Check {
  const name = "log";
  if (mode !== "wal") return { name, verdict: "warn", found: `journal mode is ${mode}, not wal`, todo: "The next run sets it; on a network file system it cannot: use a local disk" };
  const bytes = sizeOf(`${path}-wal`);
  if (bytes < WAL_WARN_BYTES) return { name, verdict: "ok", found: `write-ahead log of ${formatBytes(bytes)}` };
  return { name, verdict: "warn", found: `write-ahead log of ${formatBytes(bytes)}`, todo: "A reader keeps it from being written back: end what has had the file open for long" };
}

function spaceCheck(path: string): Check {
  const name = "disk";
  const { bavail, bsize } = statfsSync(dirname(path));
  const bytes = bavail * bsize;
  const found = `${formatBytes(bytes)} free`;
  if (bytes >= FREE_WARN_BYTES) return { name, verdict: "ok", found };
  return { name, verdict: bytes < FREE_FAIL_BYTES ? "fail" : "warn", found, todo: "Free some space: an engine stops when a write fails" };
}

function contentCheck(path: string): Check {
  const reader = openSqliteReader(path);
  try {
    const { tasks } = reader.info();
    const total = Object.values(tasks).reduce((sum, count) => sum + count, 0);
    const requests = reader.requestList(1_000).length;
    const waiting = requests === 0 ? "" : `, ${formatMany(requests, "request")} from outside not carried out yet`;
    return { name: "content", verdict: "ok", found: `${formatMany(total, "task")} in ${formatBytes(sizeOf(path))}${waiting}` };
  } finally {
    reader.close();
  }
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

function canAccess(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
