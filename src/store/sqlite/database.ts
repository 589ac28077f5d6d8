/**
 * The part of `node:sqlite` that the store uses, so that the fault tests can put themselves in between, statement by statement.
 */
export type SqlValue = null | number | string | Uint8Array;

export interface Statement {
  run(...values: readonly SqlValue[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  /** The first row as an array of its columns. */
  get(...values: readonly SqlValue[]): unknown;
  /** Rows as arrays of their columns. */
  all(...values: readonly SqlValue[]): unknown;
}

export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement & { setReturnArrays(enabled: boolean): void };
  close(): void;
  readonly isTransaction: boolean;
}

/** Prepares a statement whose rows come as arrays: no object with forty names for each. */
export function prepareRows(db: Database, sql: string): Statement {
  const statement = db.prepare(sql);
  statement.setReturnArrays(true);
  return statement;
}

/** One number of the first row; 0 when there is none or it is null. */
export function numberOf(db: Database, sql: string): number {
  const row = prepareRows(db, sql).get() as readonly unknown[] | undefined;
  return Number(row?.[0] ?? 0);
}
