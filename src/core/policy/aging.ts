/**
 * Aging for policies that prefer short tasks. Instead of its size a task is ranked by its arrival plus `factor` times its size, so
 * that nothing starves: a task of size s is overtaken only by tasks released within `factor · s` after it, and never by one
 * that came more than `patienceMs` later. So its wait is at most that of first come, first served, for the work that was
 * there or came within min(factor · s, patience) after it. The rank stands still while the task waits, as linear aging does (Kleinrock 1964).
 */
import type { OptionSpec } from "../struct/option-spec.ts";
import { firstReadyAt, type Task } from "../task.ts";

const FACTOR = 100;
const PATIENCE_MS = 3_600_000;

export interface Aging {
  /** How many times its own size later another may come and still go first; Infinity: no aging, size alone counts. */
  readonly factor: number;
  readonly patienceMs: number;
}

/** `aging=FACTOR|off` and `patience=DURATION|off`; by default 100 and 1 hour. */
export function agingOf(options: OptionSpec, otherwise: Aging = { factor: FACTOR, patienceMs: PATIENCE_MS }): Aging {
  return { factor: options.number("aging", otherwise.factor), patienceMs: options.durationMs("patience", otherwise.patienceMs) };
}

export function agedRank(aging: Aging, task: Task, sizeMs: number): number {
  return aging.factor === Infinity ? sizeMs : firstReadyAt(task) + Math.min(aging.factor * sizeMs, aging.patienceMs);
}
