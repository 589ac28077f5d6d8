/**
 * What a file must be before an engine uses it: SQLite without a known fault, a file that we made, whole, and not newer than
 * this program. Each check refuses with one clear error and changes nothing.
 */
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { MakespanError } from "../../protocol/errors.ts";
import { numberOf, prepareRows, type Database } from "./database.ts";
import { APPLICATION_ID, TABLES } from "./schema.ts";

/** Earlier ones can damage a file in write-ahead mode when its log is reset. */
const SQLITE_OLDEST = "3.51.3";

const HEADER_BYTES = 100;

const NOT_A_DATABASE = 26;

/** Up to this size every page is checked at open (some 30 ms); of a larger file the tables' edges. */
const CHECK_ALL_BYTES = 16 * 1024 * 1024;

export function checkSqlite(version: string): void {
  if (compareVersions(version, SQLITE_OLDEST) >= 0) return;
  throw new MakespanError(
    "store_sqlite_old",
    `Makespan needs SQLite ${SQLITE_OLDEST} or newer, but this Node has ${version}, which can damage files. Use Node 24.15 or newer.`,
    { version, expected: SQLITE_OLDEST },
  );
}

/**
 * Looks at the path without SQLite: a folder that exists, and in it no such name or that of a file. It must not open the file:
 * to close any descriptor of a file drops all locks that the process has on it, those of an engine in this process too.
 */
export function checkPath(path: string): void {
  const folder = dirname(path);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new MakespanError("store_read_only", `The store file ${path} cannot be made: ${folder} is not a folder. Make the folder or choose another path.`, { path });
  }
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isFile()) throw notOurs(path, "it is not a file");
  // SQLite itself takes a file of one byte for an empty one.
  if (stat.size > 0 && stat.size < HEADER_BYTES) throw notOurs(path, "it is not an SQLite file");
}

/** Refuses what is no SQLite file, another program's tables and newer ones; a file without tables is new. */
export function checkIdentity(db: Database, path: string, newestVersion: number): void {
  const applicationId = markOf(db, path);
  const tables = tableNames(db);
  if (applicationId !== APPLICATION_ID) {
    if (applicationId === 0 && tables.size === 0) return;
    throw notOurs(path, "its tables were made by another program");
  }
  const version = numberOf(db, "PRAGMA user_version");
  if (version > newestVersion) {
    throw new MakespanError(
      "store_newer",
      `The store file ${path} has schema version ${version}, but this Makespan knows versions up to ${newestVersion}. Use the newer Makespan that wrote it.`,
      { path, version, newestVersion },
    );
  }
  const missing = TABLES.filter((table) => !tables.has(table));
  if (missing.length > 0) throw damaged(path, `tables are missing: ${missing.join(", ")}`);
}

/** A check whose time does not grow with the file, beyond a size. */
export function checkHealth(db: Database, path: string): void {
  if (numberOf(db, "PRAGMA user_version") === 0) return;
  const bytes = numberOf(db, "PRAGMA page_count") * numberOf(db, "PRAGMA page_size");
  const finding = prepareRows(db, bytes <= CHECK_ALL_BYTES ? "PRAGMA quick_check(1)" : "PRAGMA quick_check(meta)").get() as readonly [string];
  if (finding[0] !== "ok") throw damaged(path, finding[0]);
  if (numberOf(db, "SELECT count(*) FROM meta WHERE name IN ('epoch', 'live_from', 'last_task_id', 'last_flow_id')") !== 4) {
    throw damaged(path, "values are missing from the table meta");
  }
  // Walks from the root of each table to its first and last row.
  for (const table of ["task", "flow", "log", "request", "spec", "agent"]) {
    prepareRows(db, `SELECT * FROM ${table} WHERE id IN ((SELECT min(id) FROM ${table}), (SELECT max(id) FROM ${table}))`).all();
  }
}

/** Below 0 when `a` is older than `b`. */
function compareVersions(a: string, b: string): number {
  const left = a.split(".").map(Number);
  const right = b.split(".").map(Number);
  for (let part = 0; part < 3; part++) {
    const difference = (left[part] ?? 0) - (right[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function tableNames(db: Database): ReadonlySet<string> {
  const rows = prepareRows(db, "SELECT name FROM sqlite_schema WHERE type = 'table'").all() as readonly (readonly [string])[];
  return new Set(rows.map((row) => row[0]));
}

/** The first look into the file. */
function markOf(db: Database, path: string): number {
  try {
    return numberOf(db, "PRAGMA application_id");
  } catch (error) {
    if ((error as { errcode?: number }).errcode === NOT_A_DATABASE) throw notOurs(path, "it is not an SQLite file");
    throw error;
  }
}

function notOurs(path: string, came: string): MakespanError {
  return new MakespanError("store_not_ours", `${path} was expected to be a store file of Makespan or not to exist, but ${came}. Nothing was changed; choose another path.`, { path });
}

function damaged(path: string, finding: string): MakespanError {
  return new MakespanError("store_damaged", `The store file ${path} is damaged (${finding}). Restore it from a backup, or save what can be read with \`sqlite3 FILE .recover\`.`, { path });
}
