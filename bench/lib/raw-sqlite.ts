/**
 * The yardstick: a plain `node:sqlite` loop that writes what a task engine must write at the least, with the durability of the
 * store (WAL, FULL): insert, assign and complete each task, a thousand tasks in a transaction. One thread, nothing else to do.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const ROWS_IN_TRANSACTION = 1_000;

/** Cycles (insert, update, update) a second, over `taskCount` tasks, in a fresh file in `folder`. */
export function rawSqliteCycles(folder: string, taskCount: number): number {
  const place = mkdtempSync(join(folder, "raw-sqlite-"));
  const db = new DatabaseSync(join(place, "raw.db"));
  try {
    db.exec("PRAGMA journal_mode = WAL");
    db.exec("PRAGMA synchronous = FULL");
    db.exec(
      "CREATE TABLE task (id INTEGER PRIMARY KEY, state INTEGER, type INTEGER, attempt INTEGER, agent INTEGER, created_at INTEGER, assigned_at INTEGER, finished_at INTEGER, input TEXT, result TEXT)",
    );
    const insert = db.prepare("INSERT INTO task (id, state, type, created_at, input) VALUES (?, ?, ?, ?, ?)");
    const assign = db.prepare("UPDATE task SET state = ?, attempt = ?, agent = ?, assigned_at = ? WHERE id = ?");
    const complete = db.prepare("UPDATE task SET state = ?, finished_at = ?, result = ? WHERE id = ?");
    const startedAt = performance.now();
    for (let first = 1; first <= taskCount; first += ROWS_IN_TRANSACTION) {
      const last = Math.min(taskCount, first + ROWS_IN_TRANSACTION - 1);
      const now = Date.now();
      db.exec("BEGIN");
      for (let id = first; id <= last; id++) insert.run(id, 2, 1, now, `{"n":${id}}`);
      db.exec("COMMIT");
      db.exec("BEGIN");
      for (let id = first; id <= last; id++) assign.run(3, 1, 1, now, id);
      db.exec("COMMIT");
      db.exec("BEGIN");
      for (let id = first; id <= last; id++) complete.run(5, now, '{"ok":true}', id);
      db.exec("COMMIT");
    }
    return taskCount / ((performance.now() - startedAt) / 1000);
  } finally {
    db.close();
    rmSync(place, { recursive: true, force: true });
  }
}
