/**
 * What was learned of durations and costs, on its way to the store and back: a setting row for each task type, committed with a turn
 * that is written anyway, every few seconds at most, and the rest when the engine closes. A crash loses the last seconds of
 * learning, never half a row; an engine in which nothing happens writes nothing.
 */
import { Estimates, type LearnedType, type TypeEstimate } from "../core/estimate/estimates.ts";
import type { Instant } from "../core/task.ts";
import type { SettingRow } from "../store/rows.ts";

const PREFIX = "estimates:";
const EVERY_MS = 5_000;
/** Rows of one commit: making one takes about a tenth of a ms, and thousands of types may have changed. */
const ROWS_AT_ONCE = 20;

/** What is known of each type, and the types whose stored row could not be read: they are learned anew. */
export interface Learned {
  readonly types: readonly TypeEstimate[];
  readonly ignored: readonly string[];
}

/** Whether a setting row holds what was learned of a type. */
export function isLearnedRow(row: SettingRow): boolean {
  return row.name.startsWith(PREFIX);
}

/** Hands stored rows to `restore`, which says whether it could read one; returns the types of those that it could not. */
export function restoreLearned(rows: readonly SettingRow[], restore: (learned: LearnedType) => boolean): readonly string[] {
  return rows.filter(isLearnedRow).flatMap(({ name, value }) => {
    const type = name.slice(PREFIX.length);
    return restore({ type, text: value }) ? [] : [type];
  });
}

/** What stored rows say, without an engine. */
export function learnedOf(rows: readonly SettingRow[]): Learned {
  const estimates = new Estimates();
  const ignored = restoreLearned(rows, (learned) => estimates.restore(learned));
  return { types: estimates.describe(), ignored };
}

/** Says which rows to commit, and when. */
export class LearnedRows {
  readonly #estimates: Estimates;
  #writtenAt: Instant = -Infinity;

  constructor(estimates: Estimates) {
    this.#estimates = estimates;
  }

  /** Rows for a commit at `now`; mostly none. */
  due(now: Instant): readonly SettingRow[] {
    if (now - this.#writtenAt < EVERY_MS || !this.#estimates.hasChanged) return [];
    const rows = this.#rows(ROWS_AT_ONCE);
    // While there are more, the next commit takes the next ones.
    if (!this.#estimates.hasChanged) this.#writtenAt = now;
    return rows;
  }

  /** All that is not written. */
  rest(): readonly SettingRow[] {
    return this.#rows(Infinity);
  }

  #rows(limit: number): readonly SettingRow[] {
    return this.#estimates.takeChanged(limit).map(({ type, text }) => ({ name: `${PREFIX}${type}`, value: text }));
  }
}
