/**
 * Ownership of a store file. Its engine holds an exclusive lock on a second, empty database beside it (`<path>-lock`) for as
 * long as it lives: the operating system drops the lock when the process ends in whatever way, so no stale lock is ever left,
 * and the store file itself stays open to readers.
 */
import { existsSync, realpathSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** A prober (see isOwned) holds the lock for microseconds: a new owner waits that out. */
const PROBE_WAIT_MS = 200;

const BUSY = 5;

export interface FileLock {
  release(): void;
}

/** Beside the file itself, as SQLite's own are: through a symbolic link it is the same file and the same lock. */
function lockPath(path: string): string {
  return `${existsSync(path) ? realpathSync(path) : path}-lock`;
}

/** Takes the lock; undefined when another owner has it. */
export function acquireLock(path: string): FileLock | undefined {
  return tryLock(lockPath(path), PROBE_WAIT_MS);
}

/** Whether an engine, in this process or another, owns the store file at `path` at this moment. */
export function isOwned(path: string): boolean {
  const file = lockPath(path);
  if (!existsSync(file)) return false;
  const lock = tryLock(file, 0);
  lock?.release();
  return lock === undefined;
}

function tryLock(file: string, timeout: number): FileLock | undefined {
  const db = new DatabaseSync(file, { timeout });
  try {
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === BUSY) return undefined;
    throw error;
  }
  return { release: () => db.close() };
}
