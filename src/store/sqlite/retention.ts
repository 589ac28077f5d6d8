/**
 * Deletes finished tasks that a rule lets go. There is no index on `finished_at`: it would make writing every task a seventh
 * slower. Instead the oldest finish that may be in the file is remembered, and the span of ids bounds how many rows there can
 * be, so that a call with nothing to do reads nothing. "Newest" is by id, that is by submission.
 */
import type { RetainRule } from "../store.ts";
import { numberOf, prepareRows, type Database, type SqlValue, type Statement } from "./database.ts";
import { FIRST_FINAL_STATE } from "./schema.ts";

const GONE = `state >= ${FIRST_FINAL_STATE} AND (flow_id IS NULL OR flow_id NOT IN (SELECT id FROM flow WHERE finished_at IS NULL))`;

export class Retention {
  readonly #db: Database;
  readonly #aged: Statement;
  readonly #surplus: Statement;
  /** Nothing in the file finished before this instant; undefined when that is not known. */
  #oldestFinishedAt: number | undefined;

  constructor(db: Database) {
    this.#db = db;
    this.#aged = prepareRows(db, `SELECT id FROM task WHERE ${GONE} AND finished_at < ? ORDER BY id LIMIT ?`);
    this.#surplus = prepareRows(db, `SELECT id FROM task WHERE ${GONE} ORDER BY id LIMIT ?`);
  }

  /** A commit brought tasks that finished at this instant. */
  noteFinished(at: number): void {
    if (this.#oldestFinishedAt !== undefined && at < this.#oldestFinishedAt) this.#oldestFinishedAt = at;
  }

  /** The ids that go now, oldest first; runs inside the transaction that deletes them. */
  choose(rule: RetainRule): readonly number[] {
    const aged = this.#chooseAged(rule);
    if (aged.length >= rule.limit) return aged;
    return [...aged, ...this.#chooseSurplus(rule, aged)];
  }

  delete(ids: readonly number[]): void {
    if (ids.length === 0) return;
    const list = JSON.stringify(ids);
    const run = (sql: string, ...values: readonly SqlValue[]) => this.#db.prepare(sql).run(...values);
    run("UPDATE meta SET value = max(value, (SELECT coalesce(max(id), 0) FROM task)) WHERE name = 'last_task_id'");
    run("UPDATE meta SET value = max(value, (SELECT coalesce(max(id), 0) FROM flow)) WHERE name = 'last_flow_id'");
    const flows = prepareRows(this.#db, "SELECT DISTINCT flow_id FROM task WHERE id IN (SELECT value FROM json_each(?)) AND flow_id IS NOT NULL").all(list);
    for (const table of ["attempt", "log"]) run(`DELETE FROM ${table} WHERE task_id IN (SELECT value FROM json_each(?))`, list);
    run("DELETE FROM task_extra WHERE id IN (SELECT value FROM json_each(?))", list);
    run("DELETE FROM task WHERE id IN (SELECT value FROM json_each(?))", list);
    // A finished flow goes with the last of its tasks.
    run(
      "DELETE FROM flow WHERE id IN (SELECT value FROM json_each(?)) AND NOT EXISTS (SELECT 1 FROM task WHERE flow_id = flow.id)",
      JSON.stringify((flows as readonly (readonly number[])[]).map((row) => row[0])),
    );
  }

  #chooseAged({ finishedBefore, limit }: RetainRule): readonly number[] {
    this.#oldestFinishedAt ??= numberOf(this.#db, `SELECT coalesce(min(finished_at), 1e300) FROM task WHERE state >= ${FIRST_FINAL_STATE}`);
    if (finishedBefore <= this.#oldestFinishedAt) return [];
    const aged = ids(this.#aged.all(finishedBefore, limit));
    // Those of open flows may stay behind: ask the table again next time.
    this.#oldestFinishedAt = undefined;
    return aged;
  }

  #chooseSurplus({ keep, limit }: RetainRule, aged: readonly number[]): readonly number[] {
    const span = numberOf(this.#db, "SELECT max(id) FROM task") - numberOf(this.#db, "SELECT min(id) FROM task") + 1;
    if (span - aged.length <= keep) return [];
    const surplus = numberOf(this.#db, `SELECT count(*) FROM task WHERE ${GONE}`) - aged.length - keep;
    const wanted = Math.min(surplus, limit - aged.length);
    if (wanted <= 0) return [];
    const taken = new Set(aged);
    return ids(this.#surplus.all(wanted + aged.length)).filter((id) => !taken.has(id)).slice(0, wanted);
  }
}

function ids(rows: unknown): readonly number[] {
  return (rows as readonly (readonly number[])[]).map((row) => row[0]!);
}
