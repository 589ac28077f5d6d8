/**
 * The INSERT and UPDATE statements of the table `task`, one for each combination of sections that comes up, prepared once.
 * Writing fewer columns is cheaper: binding a value costs about 50 ns, and SQLite copies what it does not change faster.
 */
import { assert } from "../../core/assert.ts";
import type { Database, SqlValue, Statement } from "./database.ts";
import { INSERT_COLUMNS, SECTIONS, type Column } from "./sections.ts";

/**
 * Rows written by one INSERT. Against a row at a time it saves a quarter of the insert (0.95 to 0.71 µs); 50 and 100 rows
 * gained nothing more. UPDATE … FROM (VALUES …) gained nothing, and INSERT … ON CONFLICT DO UPDATE 0.15 µs, at the price
 * of inventing a row when there is none to update.
 */
export const ROWS_AT_ONCE = 25;

/** Where a value comes from: read a number, a text or a payload from the row, or put the default; or pass over a number. */
export type Source = 0 | 1 | 2 | 3 | 4;
export const NUMBER = 0;
export const TEXT = 1;
export const PAYLOAD = 2;
export const DEFAULT = 3;
export const SKIP = 4;

export interface InsertPlan {
  readonly sources: readonly Source[];
  readonly one: Statement;
  readonly many: Statement;
  /** Values of the rows that wait to be written together. */
  readonly values: SqlValue[];
}

export interface UpdatePlan {
  readonly sources: readonly Source[];
  readonly defaults: readonly SqlValue[];
  readonly statement: Statement;
  /** State, the sections that are written, id. */
  readonly values: SqlValue[];
}

/** Far more shapes than a program uses; beyond it the statements are made anew, so that no program can fill the memory. */
const PLANS_MAX = 500;

const SOURCES = { number: NUMBER, text: TEXT, payload: PAYLOAD } as const;

export class TaskStatements {
  readonly #db: Database;
  readonly #inserts = new Map<number, InsertPlan>();
  readonly #updates = new Map<number, UpdatePlan>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** For rows that carry the sections of `mask`. */
  insert(mask: number): InsertPlan {
    const known = this.#inserts.get(mask);
    if (known !== undefined) return known;
    const columns = [...INSERT_COLUMNS, ...SECTIONS.filter((section) => (mask & section.bit) !== 0).flatMap((section) => section.columns)];
    const row = `(${columns.map(() => "?").join(",")})`;
    const sql = `INSERT INTO task (${names(columns)}) VALUES `;
    const plan: InsertPlan = {
      sources: columns.map((column) => SOURCES[column.kind]),
      one: this.#db.prepare(sql + row),
      many: this.#db.prepare(sql + Array.from({ length: ROWS_AT_ONCE }, () => row).join(",")),
      values: [],
    };
    return keep(this.#inserts, mask, plan);
  }

  /** For rows that carry the sections of `mask`, when those of `write` are to be written. */
  update(mask: number, write: number): UpdatePlan {
    const shape = mask * 65536 + write;
    const known = this.#updates.get(shape);
    if (known !== undefined) return known;
    const sources: Source[] = [];
    const defaults: SqlValue[] = [];
    const columns: Column[] = [];
    for (const { bit, columns: own } of SECTIONS) {
      if (((mask | write) & bit) === 0) continue;
      for (const column of own) {
        if ((write & bit) !== 0) columns.push(column);
        assert((write & bit) !== 0 || column.kind === "number", "only numbers are passed over");
        sources.push((write & bit) === 0 ? SKIP : (mask & bit) === 0 ? DEFAULT : SOURCES[column.kind]);
        defaults.push(column.initial);
      }
    }
    const sets = ["state", ...columns.map((column) => column.name)].map((name) => `${name} = ?`);
    const statement = this.#db.prepare(`UPDATE task SET ${sets.join(", ")} WHERE id = ?`);
    return keep(this.#updates, shape, { sources, defaults, statement, values: new Array<SqlValue>(columns.length + 2).fill(null) });
  }
}

function names(columns: readonly Column[]): string {
  return columns.map((column) => column.name).join(", ");
}

function keep<Plan>(plans: Map<number, Plan>, shape: number, plan: Plan): Plan {
  if (plans.size >= PLANS_MAX) plans.clear();
  plans.set(shape, plan);
  return plan;
}
