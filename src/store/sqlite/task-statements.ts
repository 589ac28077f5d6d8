/**
 * The statements that write tasks, one for each combination of sections that comes up, prepared once. Writing fewer columns is
 * cheaper: binding a value costs about 50 ns, and SQLite copies faster what it does not change.
 */
import type { Database, SqlValue, Statement } from "./database.ts";
import { INSERT_COLUMNS, MASKS, SECTIONS, type Column, type Section } from "./sections.ts";

/**
 * Rows written by one statement. Against a row at a time it saves a quarter of an INSERT (0.95 to 0.71 µs) and a sixth of an
 * UPDATE … FROM (VALUES …) (2.4 to 2.0 µs); 50 and 100 rows gained nothing more. INSERT … ON CONFLICT DO UPDATE would
 * invent a row when there is none to update.
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
  /** The row of `task_extra`, for those that have one: the sections, then the id. */
  readonly extra: Part | undefined;
}

export interface UpdatePlan {
  /** State, the sections, id; of several rows one after the other, when they wait to be written together. */
  readonly task: Part;
  /** Values of one row. */
  readonly width: number;
  /** For ROWS_AT_ONCE rows; made when they have come together once. */
  many: Statement | undefined;
  /** The sections, id. */
  readonly extra: Part | undefined;
}

export interface Part {
  readonly statement: Statement;
  readonly sources: readonly Source[];
  readonly defaults: readonly SqlValue[];
  /** Where the values of one row are put together. */
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
    return this.#inserts.get(mask) ?? keep(this.#inserts, mask, this.#planInsert(mask));
  }

  /** For rows that carry the sections of `mask`, when those of `write` are to be written. */
  update(mask: number, write: number): UpdatePlan {
    const shape = mask * MASKS + write;
    return this.#updates.get(shape) ?? keep(this.#updates, shape, this.#planUpdate(mask, write));
  }

  #planInsert(mask: number): InsertPlan {
    const columns = [...INSERT_COLUMNS, ...columnsOf("task", mask)];
    const row = `(${columns.map(() => "?").join(", ")})`;
    const sql = `INSERT INTO task (${columns.map((column) => column.name).join(", ")}) VALUES `;
    return {
      sources: columns.map((column) => SOURCES[column.kind]),
      one: this.#db.prepare(sql + row),
      many: this.#db.prepare(sql + Array.from({ length: ROWS_AT_ONCE }, () => row).join(", ")),
      values: [],
      extra: this.#planExtra(mask, mask),
    };
  }

  /** The statement of a plan that writes ROWS_AT_ONCE rows. */
  updateMany(plan: UpdatePlan, write: number): Statement {
    return (plan.many ??= this.#prepareMany(updated(write)));
  }

  #planUpdate(mask: number, write: number): UpdatePlan {
    const names = updated(write);
    const statement = this.#db.prepare(`UPDATE task SET ${names.map((name) => `${name} = ?`).join(", ")} WHERE id = ?`);
    return { task: part("task", mask, write, statement), width: names.length + 1, many: undefined, extra: this.#planExtra(mask, write) };
  }

  #prepareMany(names: readonly string[]): Statement {
    const row = `(${[...names, "id"].map(() => "?").join(", ")})`;
    const rows = Array.from({ length: ROWS_AT_ONCE }, () => row).join(", ");
    const sets = names.map((name, index) => `${name} = given.column${index + 1}`);
    return this.#db.prepare(`UPDATE task SET ${sets.join(", ")} FROM (VALUES ${rows}) AS given WHERE task.id = given.column${names.length + 1}`);
  }

  #planExtra(mask: number, write: number): Part | undefined {
    const names = columnsOf("task_extra", write).map((column) => column.name);
    if (names.length === 0) return undefined;
    const marks = names.map(() => "?").join(", ");
    // A row of nothing but defaults is not worth making: they are only put where there is one.
    const sql =
      columnsOf("task_extra", mask).length === 0
        ? `UPDATE task_extra SET ${names.map((name) => `${name} = ?`).join(", ")} WHERE id = ?`
        : `INSERT INTO task_extra (${names.join(", ")}, id) VALUES (${marks}, ?)
           ON CONFLICT (id) DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(", ")}`;
    return part("task_extra", mask, write, this.#db.prepare(sql));
  }
}

function columnsOf(table: Section["table"], mask: number): readonly Column[] {
  return SECTIONS.filter((section) => section.table === table && (section.bit & mask) !== 0).flatMap((section) => section.columns);
}

/** The columns of `task` that an update writes. */
function updated(write: number): readonly string[] {
  return ["state", ...columnsOf("task", write).map((column) => column.name)];
}

function part(table: Section["table"], mask: number, write: number, statement: Statement): Part {
  const sources: Source[] = [];
  const defaults: SqlValue[] = [];
  for (const section of SECTIONS) {
    if (section.table !== table || ((mask | write) & section.bit) === 0) continue;
    for (const column of section.columns) {
      sources.push((write & section.bit) === 0 ? SKIP : (mask & section.bit) === 0 ? DEFAULT : SOURCES[column.kind]);
      defaults.push(column.initial);
    }
  }
  return { statement, sources, defaults, values: [] };
}

function keep<Plan>(plans: Map<number, Plan>, shape: number, plan: Plan): Plan {
  if (plans.size >= PLANS_MAX) plans.clear();
  plans.set(shape, plan);
  return plan;
}
