/**
 * A database whose nth operation fails as a bad or full disk makes it fail. It stands between the store and SQLite, in the
 * test's own thread or, as a module named to the store, in the thread of the file.
 */
import type { Database, SqlValue, Statement } from "../../src/store/sqlite/database.ts";

export interface FaultPlan {
  /** Which operation fails, from 1 on; Infinity for none. */
  readonly failAt: number;
  /** SQLite's result code. */
  readonly errcode: number;
  /** All later operations fail as well. */
  readonly isLasting?: boolean;
  /** The operation is carried out, and only then reported as failed. */
  readonly isDone?: boolean;
  /** A pragma to run first, such as a bound on the size of the file. */
  readonly pragma?: string;
}

export class FaultyDatabase implements Database {
  /** Operations so far. */
  count = 0;
  readonly #db: Database;
  readonly #plan: FaultPlan;

  constructor(db: Database, plan: FaultPlan) {
    this.#db = db;
    this.#plan = plan;
    if (plan.pragma !== undefined) db.exec(plan.pragma);
  }

  get isTransaction(): boolean {
    return this.#db.isTransaction;
  }

  exec(sql: string): void {
    this.#step(() => this.#db.exec(sql));
  }

  prepare(sql: string): Statement & { setReturnArrays(enabled: boolean): void } {
    const statement = this.#db.prepare(sql);
    return {
      run: (...values: readonly SqlValue[]) => this.#step(() => statement.run(...values)),
      get: (...values: readonly SqlValue[]) => this.#step(() => statement.get(...values)),
      all: (...values: readonly SqlValue[]) => this.#step(() => statement.all(...values)),
      setReturnArrays: (enabled) => statement.setReturnArrays(enabled),
    };
  }

  close(): void {
    this.#db.close();
  }

  #step<Result>(operation: () => Result): Result {
    const { failAt, errcode, isLasting = false, isDone = false } = this.#plan;
    this.count++;
    if (this.count !== failAt && !(isLasting && this.count > failAt)) return operation();
    if (isDone) operation();
    throw Object.assign(new Error(`planned failure ${errcode}`), { code: "ERR_SQLITE_ERROR", errcode });
  }
}

/** What the thread of the file looks for in this module. */
export function wrapDatabase(db: Database, plan: unknown): Database {
  return new FaultyDatabase(db, plan as FaultPlan);
}
