/**
 * What a store file says of itself to somebody who looks at it from outside its engine: version, last owner, settings, and on
 * request whether every page of it is whole. It takes no lock and changes nothing.
 */
import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { SettingRow } from "../rows.ts";
import { numberOf, prepareRows, type Database } from "./database.ts";
import { checkIdentity, checkPath } from "./file-checks.ts";
import { MIGRATIONS } from "./schema.ts";
import { toStoreError } from "./sqlite-error.ts";

export interface FileFacts {
  readonly schemaVersion: number;
  readonly newestSchemaVersion: number;
  /** Process of the engine that owned it last; 0 if none did. It may have ended: see `isOwned`. */
  readonly ownerPid: number;
  readonly settings: readonly SettingRow[];
  /** As SQLite names it; `wal` in every file that an engine has opened. */
  readonly journalMode: string;
}

const BUSY_TIMEOUT_MS = 10_000;

/** Throws `store_not_ours`, `store_newer`, `store_damaged` and so on when the file is not one that can be read. */
export function fileFacts(path: string): FileFacts {
  return withFile(path, (db) => {
    const schemaVersion = numberOf(db, "PRAGMA user_version");
    const journalMode = String((prepareRows(db, "PRAGMA journal_mode").get() as readonly unknown[])[0]);
    const newestSchemaVersion = MIGRATIONS.length;
    // A new file has no tables to ask.
    if (schemaVersion === 0) return { schemaVersion, newestSchemaVersion, ownerPid: 0, settings: [], journalMode };
    const settings = prepareRows(db, "SELECT name, value FROM setting ORDER BY name").all() as readonly (readonly [string, string])[];
    return {
      schemaVersion,
      newestSchemaVersion,
      ownerPid: numberOf(db, "SELECT value FROM meta WHERE name = 'owner_pid'"),
      settings: settings.map(([name, value]) => ({ name, value })),
      journalMode,
    };
  });
}

/** What SQLite's quick check finds wrong, at most ten findings; empty when the file is whole. It reads all of the file. */
export function fileDamage(path: string): readonly string[] {
  return withFile(path, (db) => {
    const findings = prepareRows(db, "PRAGMA quick_check(10)").all() as readonly (readonly [string])[];
    return findings.map(([finding]) => finding).filter((finding) => finding !== "ok");
  });
}

function withFile<Result>(givenPath: string, use: (db: Database) => Result): Result {
  const path = resolve(givenPath);
  try {
    checkPath(path);
    const db: Database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    try {
      checkIdentity(db, path, MIGRATIONS.length);
      return use(db);
    } finally {
      db.close();
    }
  } catch (error) {
    throw toStoreError(error, path);
  }
}
