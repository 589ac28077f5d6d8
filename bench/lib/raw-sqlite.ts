/**
 * The yardsticks: a plain `node:sqlite` loop that writes what a task engine must write at the least, with the durability of the
 * store (WAL, FULL): insert, assign and complete each task, a thousand tasks in a transaction. One thread, nothing else to do.
 * On a table with just the columns that these three writes need, or on the table that the store really keeps.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const ROWS_IN_TRANSACTION = 1_000;
/** As many as make a log of several MiB. */
const LOG_FILLING_ROWS = 100_000;

export type RawTable = "narrow" | "store";

interface Statements {
  readonly tables: string;
  /** Parameters: id, now, input; id, now; id, now, result. */
  readonly insert: string;
  readonly assign: string;
  readonly complete: string;
}

const STATEMENTS: Readonly<Record<RawTable, Statements>> = {
  narrow: {
    tables:
      "CREATE TABLE task (id INTEGER PRIMARY KEY, state INTEGER, type INTEGER, attempt INTEGER, agent INTEGER, created_at INTEGER, assigned_at INTEGER, finished_at INTEGER, input TEXT, result TEXT)",
    insert: "INSERT INTO task (id, state, type, created_at, input) VALUES (?1, 2, 1, ?2, ?3)",
    assign: "UPDATE task SET state = 3, attempt = 1, agent = 1, assigned_at = ?2 WHERE id = ?1",
    complete: "UPDATE task SET state = 5, finished_at = ?2, result = ?3 WHERE id = ?1",
  },
  store: {
    tables: `CREATE TABLE task (
        id INTEGER PRIMARY KEY,
        state INTEGER NOT NULL, spec_id INTEGER NOT NULL, attempt INTEGER DEFAULT 0, agent_id INTEGER, flow_id INTEGER,
        created_at INTEGER NOT NULL, first_ready_at INTEGER DEFAULT 0, ready_at INTEGER DEFAULT 0,
        assigned_at INTEGER DEFAULT 0, started_at INTEGER DEFAULT 0, finished_at INTEGER DEFAULT 0,
        name TEXT, key TEXT, reason TEXT, input BLOB, result BLOB, error BLOB
      );
      CREATE UNIQUE INDEX task_key ON task (key) WHERE key IS NOT NULL;
      CREATE INDEX task_flow ON task (flow_id) WHERE flow_id IS NOT NULL`,
    insert: "INSERT INTO task (id, state, spec_id, created_at, first_ready_at, ready_at, input) VALUES (?1, 2, 1, ?2, ?2, ?2, ?3)",
    assign: "UPDATE task SET state = 3, attempt = 1, agent_id = 1, assigned_at = ?2 WHERE id = ?1",
    complete: "UPDATE task SET state = 5, started_at = ?2, finished_at = ?2, result = ?3 WHERE id = ?1",
  },
};

/**
 * The least that a durable answer takes: one insert in a transaction of its own, with the durability of the store, into a file whose
 * log has been written once, as that of an engine at work. `insert()` gives the ms that it took; one thread, nothing else to do.
 */
export function rawDurableInsert(folder: string): { insert(): number; close(): void } {
  const place = mkdtempSync(join(folder, "raw-insert-"));
  const db = new DatabaseSync(join(place, "raw.db"));
  db.exec("PRAGMA journal_mode = WAL");
  db.exec("PRAGMA synchronous = FULL");
  const { tables, insert } = STATEMENTS.store;
  db.exec(tables);
  const [begin, statement, commit] = [db.prepare("BEGIN IMMEDIATE"), db.prepare(insert), db.prepare("COMMIT")];
  let id = 0;
  const one = (): void => {
    begin.run();
    statement.run(++id, Date.now(), "null");
    commit.run();
  };
  db.exec("BEGIN");
  while (id < LOG_FILLING_ROWS) statement.run(++id, Date.now(), "null");
  db.exec("COMMIT");
  db.exec("PRAGMA wal_checkpoint(RESTART)");
  return {
    insert() {
      const startedAt = performance.now();
      one();
      return performance.now() - startedAt;
    },
    close() {
      db.close();
      rmSync(place, { recursive: true, force: true });
    },
  };
}

/** Cycles (insert, update, update) a second, over `taskCount` tasks, in a fresh file in `folder`. */
export function rawSqliteCycles(folder: string, taskCount: number, table: RawTable = "narrow"): number {
  const { tables, ...sql } = STATEMENTS[table];
  const place = mkdtempSync(join(folder, "raw-sqlite-"));
  const db = new DatabaseSync(join(place, "raw.db"));
  try {
    db.exec("PRAGMA journal_mode = WAL");
    db.exec("PRAGMA synchronous = FULL");
    db.exec(tables);
    const insert = db.prepare(sql.insert);
    const assign = db.prepare(sql.assign);
    const complete = db.prepare(sql.complete);
    const startedAt = performance.now();
    for (let first = 1; first <= taskCount; first += ROWS_IN_TRANSACTION) {
      const last = Math.min(taskCount, first + ROWS_IN_TRANSACTION - 1);
      const now = Date.now();
      db.exec("BEGIN");
      for (let id = first; id <= last; id++) insert.run(id, now, `{"n":${id}}`);
      db.exec("COMMIT");
      db.exec("BEGIN");
      for (let id = first; id <= last; id++) assign.run(id, now);
      db.exec("COMMIT");
      db.exec("BEGIN");
      for (let id = first; id <= last; id++) complete.run(id, now, `{"n":${id}}`);
      db.exec("COMMIT");
    }
    return taskCount / ((performance.now() - startedAt) / 1000);
  } finally {
    db.close();
    rmSync(place, { recursive: true, force: true });
  }
}
