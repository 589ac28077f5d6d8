/**
 * Opens a store file as its one owner, or refuses with a clear error and leaves the file as it was: looks at it before
 * anything is written, takes the lock, checks it, and only then brings its tables up to date and raises the epoch.
 */
import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { MakespanError } from "../../protocol/errors.ts";
import { numberOf, prepareRows, type Database } from "./database.ts";
import { checkHealth, checkIdentity, checkPath, checkSqlite } from "./file-checks.ts";
import { acquireLock, type FileLock } from "./lock.ts";
import { APPLICATION_ID, MIGRATIONS, type Migration } from "./schema.ts";

export interface OpenOptions {
  readonly synchronous: "full" | "normal";
  /** Stands between the store and SQLite. */
  readonly wrap?: (db: Database) => Database;
  /** For tests; default the version of this Node. */
  readonly sqliteVersion?: string;
  /** For tests; default those of schema.ts. */
  readonly migrations?: readonly Migration[];
}

export interface OpenFile {
  readonly db: Database;
  readonly epoch: number;
  close(): void;
}

/** Waits this long for a process that appends a request, or for a checkpoint of another connection. */
const BUSY_TIMEOUT_MS = 30_000;

export function openFile(givenPath: string, options: OpenOptions): OpenFile {
  const path = resolve(givenPath);
  const migrations = options.migrations ?? MIGRATIONS;
  checkSqlite(options.sqliteVersion ?? process.versions["sqlite"] ?? "0");
  checkPath(path);
  const plain: Database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: false });
  const db = options.wrap?.(plain) ?? plain;
  let lock: FileLock | undefined;
  try {
    checkIdentity(db, path, migrations.length);
    lock = acquireLock(path);
    if (lock === undefined) throw inUse(db, path);
    configure(db, path, options.synchronous);
    // Again, now that nobody else can change it.
    checkIdentity(db, path, migrations.length);
    checkHealth(db, path);
    migrate(db, migrations);
    const epoch = takeOver(db);
    return { db, epoch, close: () => closeBoth(db, lock) };
  } catch (error) {
    closeBoth(db, lock);
    throw error;
  }
}

/** Runs the migrations that the file has not seen, all or none. */
export function migrate(db: Database, migrations: readonly Migration[]): void {
  const version = numberOf(db, "PRAGMA user_version");
  if (version === migrations.length) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    for (const { sql } of migrations.slice(version)) db.exec(sql);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    db.exec(`PRAGMA user_version = ${migrations.length}`);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

function configure(db: Database, path: string, synchronous: "full" | "normal"): void {
  // Pages of 4 to 16 KiB, caches of 2 to 64 MiB and logs of 1 to 8 MiB before a checkpoint were within a tenth of each other;
  // a small log and cache stay in the processor's. Only a file without tables takes the page size.
  db.exec("PRAGMA page_size = 8192");
  const mode = prepareRows(db, "PRAGMA journal_mode = WAL").get() as readonly [string];
  if (mode[0] !== "wal") {
    throw new MakespanError("store_io", `The store file ${path} needs write-ahead logging, but its file system does not offer it (got ${mode[0]}). Put it on a local disk.`, { path });
  }
  db.exec(`PRAGMA synchronous = ${synchronous}`);
  db.exec("PRAGMA wal_autocheckpoint = 512");
  db.exec("PRAGMA journal_size_limit = 67108864");
  db.exec("PRAGMA cache_size = -8192");
  db.exec("PRAGMA temp_store = MEMORY");
}

/** Raises the epoch and leaves the process's number for whoever finds the file in use. */
function takeOver(db: Database): number {
  db.exec("BEGIN IMMEDIATE");
  try {
    db.exec("UPDATE meta SET value = value + 1 WHERE name = 'epoch'");
    db.exec(`UPDATE meta SET value = ${process.pid} WHERE name = 'owner_pid'`);
    const epoch = numberOf(db, "SELECT value FROM meta WHERE name = 'epoch'");
    db.exec("COMMIT");
    return epoch;
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

function inUse(db: Database, path: string): MakespanError {
  const known = numberOf(db, "PRAGMA user_version") > 0;
  const pid = known ? numberOf(db, "SELECT value FROM meta WHERE name = 'owner_pid'") : 0;
  const owner = pid === 0 ? "another engine" : `another engine (process ${pid})`;
  return new MakespanError("store_in_use", `The store file ${path} is in use by ${owner}; one engine can have it open. Close that one first, or use another file.`, { path, pid });
}

function closeBoth(db: Database, lock: FileLock | undefined): void {
  try {
    db.close();
  } finally {
    lock?.release();
  }
}
