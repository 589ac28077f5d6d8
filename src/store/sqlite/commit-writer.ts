/**
 * Writes packed commits, each in one transaction: all of it or nothing. The epoch is read in the same transaction, so that
 * a former owner can write nothing. Order: keys freed, inserts, patches, lines of the log, then the rest.
 */
import { MakespanError } from "../../protocol/errors.ts";
import type { TaskId } from "../../core/task.ts";
import type { Database, SqlValue, Statement } from "./database.ts";
import { prepareRows } from "./database.ts";
import { FewWriter } from "./few-writer.ts";
import { KnownRows } from "./known-rows.ts";
import type { PackedCommit } from "./messages.ts";
import { packPayload } from "./payload.ts";
import { LOG_LEVELS } from "./schema.ts";
import { EPOCH, HEAD_NUMBERS, INSERTS, INSERT_COLUMNS, LIVE_FROM, LOGS, PATCHES } from "./sections.ts";
import { DEFAULT, NUMBER, PAYLOAD, ROWS_AT_ONCE, SKIP, TEXT, TaskStatements, type InsertPlan, type Part, type Source, type UpdatePlan } from "./task-statements.ts";

const INTO_LOG = "INSERT INTO log (task_id, attempt, at, level, text) VALUES ";
const LOG_ROW = "(?, ?, ?, ?, ?)";
const LOG_WIDTH = 5;

export class CommitWriter {
  readonly #db: Database;
  readonly #compressFromBytes: number;
  readonly #tasks: TaskStatements;
  readonly #few: FewWriter;
  readonly #known = new KnownRows();
  readonly #log: Statement;
  readonly #logMany: Statement;
  readonly #begin: Statement;
  readonly #end: Statement;
  readonly #epoch: Statement;
  readonly #liveFrom: Statement;
  #storedLiveFrom = 0;
  // The commit under way and how far it has been read.
  #numbers: Float64Array = new Float64Array(0);
  #at = 0;
  #text = "";
  #textAt = 0;
  #longTexts: readonly string[] = [];

  constructor(db: Database, compressFromBytes: number) {
    this.#db = db;
    this.#compressFromBytes = compressFromBytes;
    this.#tasks = new TaskStatements(db);
    this.#few = new FewWriter(db, compressFromBytes);
    this.#log = db.prepare(INTO_LOG + LOG_ROW);
    this.#logMany = db.prepare(INTO_LOG + Array.from({ length: ROWS_AT_ONCE }, () => LOG_ROW).join(", "));
    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#end = db.prepare("COMMIT");
    this.#epoch = prepareRows(db, "SELECT value FROM meta WHERE name = 'epoch'");
    this.#liveFrom = db.prepare("UPDATE meta SET value = ? WHERE name = 'live_from'");
  }

  commit(commit: PackedCommit): void {
    const [numbers] = commit;
    this.transact(numbers[EPOCH]!, () => this.#write(commit));
    const liveFrom = numbers[LIVE_FROM]!;
    if (liveFrom !== this.#storedLiveFrom) {
      this.#storedLiveFrom = liveFrom;
      this.#known.forgetBelow(liveFrom);
    }
  }

  /** Runs `write` in a transaction of the owner with that epoch; undoes everything if it throws. */
  transact(epoch: number, write: () => void): void {
    try {
      this.#begin.run();
      this.#checkEpoch(epoch);
      write();
      this.#end.run();
    } catch (error) {
      this.#undo();
      throw error;
    }
  }

  #write([numbers, text, longTexts, few]: PackedCommit): void {
    this.#numbers = numbers;
    this.#at = HEAD_NUMBERS;
    this.#text = text;
    this.#textAt = 0;
    this.#longTexts = longTexts;
    if (few !== undefined) this.#few.before(few);
    this.#insertAll(numbers[INSERTS]!);
    this.#updateAll(numbers[PATCHES]!);
    this.#logAll(numbers[LOGS]!);
    if (few !== undefined) this.#few.after(few);
    if (numbers[LIVE_FROM] !== this.#storedLiveFrom) this.#liveFrom.run(numbers[LIVE_FROM]!);
  }

  #checkEpoch(epoch: number): void {
    const row = this.#epoch.get() as readonly [number];
    if (row[0] === epoch) return;
    throw new MakespanError("store_fenced", `A commit came with epoch ${epoch}, but the store is at epoch ${row[0]}: another engine has taken over. Stop this one.`, {
      epoch: row[0],
    });
  }

  #undo(): void {
    // SQLite has rolled back on its own after some errors; if it cannot now, closing the file does.
    try {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
    } catch {
      return;
    }
  }

  #insertAll(count: number): void {
    let plan: InsertPlan | undefined;
    let planMask = -1;
    for (; count > 0; count--) {
      const mask = this.#numbers[this.#at++]!;
      if (plan === undefined || mask !== planMask) {
        if (plan !== undefined) flushInserts(plan);
        plan = this.#tasks.insert(mask);
        planMask = mask;
        plan.values.length = 0;
      }
      const id: TaskId = this.#numbers[this.#at]!;
      const { sources, values } = plan;
      this.#known.note(id, mask, this.#numbers, this.#at + INSERT_COLUMNS.length);
      for (let index = 0; index < sources.length; index++) values.push(this.#read(sources[index]!));
      if (plan.extra !== undefined) {
        this.#gather(plan.extra, 0, id);
        plan.extra.statement.run(...plan.extra.values);
      }
      if (values.length === sources.length * ROWS_AT_ONCE) {
        plan.many.run(...values);
        values.length = 0;
      }
    }
    if (plan !== undefined) flushInserts(plan);
  }

  /** Rows that follow each other and have the same shape are written together; a task that comes twice is written twice, in order. */
  #updateAll(count: number): void {
    let last: UpdatePlan | undefined;
    const ids: TaskId[] = [];
    const flush = (): void => {
      if (last !== undefined) runEach(last.task.statement, last.task.values, last.width, ids.length);
      ids.length = 0;
    };
    for (; count > 0; count--) {
      const mask = this.#numbers[this.#at++]!;
      const id: TaskId = this.#numbers[this.#at++]!;
      const state = this.#numbers[this.#at++]!;
      const write = this.#known.toWrite(id, mask, this.#numbers, this.#at);
      this.#known.note(id, mask, this.#numbers, this.#at);
      const plan = this.#tasks.update(mask, write);
      if (plan !== last || ids.includes(id)) flush();
      last = plan;
      const { task, width, extra } = plan;
      const from = ids.length * width;
      task.values[from] = state;
      this.#gather(task, from + 1, id);
      if (extra !== undefined) {
        this.#updateWithExtra(task, extra, id);
      } else if (ids.push(id) === ROWS_AT_ONCE) {
        this.#tasks.updateMany(plan, write).run(...task.values);
        ids.length = 0;
      }
    }
    flush();
  }

  #logAll(count: number): void {
    if (count === 0) return;
    const values: SqlValue[] = [];
    for (; count > 0; count--) {
      for (let number = 0; number < 3; number++) values.push(this.#read(NUMBER));
      values.push(LOG_LEVELS[this.#numbers[this.#at++]!]!, this.#read(TEXT));
      if (values.length < LOG_WIDTH * ROWS_AT_ONCE) continue;
      this.#logMany.run(...values);
      values.length = 0;
    }
    runEach(this.#log, values, LOG_WIDTH, values.length / LOG_WIDTH);
  }

  #updateWithExtra(task: Part, extra: Part, id: TaskId): void {
    const { changes } = task.statement.run(...task.values);
    this.#gather(extra, 0, id);
    // A task that is gone gets no extra row either.
    if (changes !== 0) extra.statement.run(...extra.values);
  }

  /** Puts the values of one row together, from `next` on, with the id at the end. */
  #gather({ sources, defaults, values }: Part, next: number, id: TaskId): void {
    for (let index = 0; index < sources.length; index++) {
      const source = sources[index]!;
      if (source === SKIP) this.#at++;
      else values[next++] = source === DEFAULT ? defaults[index]! : this.#read(source);
    }
    values[next] = id;
  }

  #read(source: Source): SqlValue {
    const value = this.#numbers[this.#at++]!;
    if (source === NUMBER) return value; // NaN is bound as NULL
    if (value !== value) return null;
    const text = value < 0 ? this.#longTexts[-value - 1]! : this.#text.slice(this.#textAt, (this.#textAt += value));
    return source === PAYLOAD ? packPayload(text, this.#compressFromBytes) : text;
  }
}

/** Writes rows, whose values lie one after the other, a row at a time. */
function runEach(statement: Statement, values: readonly SqlValue[], width: number, rows: number): void {
  for (let row = 0; row < rows; row++) statement.run(...values.slice(row * width, (row + 1) * width));
}

function flushInserts(plan: InsertPlan): void {
  const { values, sources, one } = plan;
  runEach(one, values, sources.length, values.length / sources.length);
  values.length = 0;
}
