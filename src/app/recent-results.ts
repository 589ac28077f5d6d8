/**
 * Results of tasks that settled a moment ago, so that `result()` asked a little late need not read the store: many tasks of
 * one large submission are done before the submission is answered. Only results of tasks that succeeded are kept, since the
 * others may be run again. Two generations, each bounded in tasks and characters; while large submissions are under way, by
 * their size, so that their handles find what is theirs when they are made.
 */
import type { Payload } from "../core/event.ts";
import { PagedTable } from "../core/struct/paged-table.ts";
import type { TaskId } from "../core/task.ts";

const GENERATION_TASKS = 4_096;
const GENERATION_CHARS = 1024 * 1024;
/** Characters allowed for each task of a submission that is under way. */
const CHARS_PER_TASK = 256;

export class RecentResults {
  #young = new PagedTable<Payload>();
  #old = new PagedTable<Payload>();
  #chars = 0;
  /** Tasks of submissions that are not answered yet. */
  #expected = 0;

  note(id: TaskId, result: Payload): void {
    this.#young.set(id, result);
    this.#chars += result.length;
    if (this.#isFull()) this.#age();
  }

  get(id: TaskId): Payload | undefined {
    return this.#young.get(id) ?? this.#old.get(id);
  }

  submissionBegins(tasks: number): void {
    this.#expected += tasks;
  }

  /** To be called after the handles have been made. */
  submissionEnds(tasks: number): void {
    this.#expected -= tasks;
    if (!this.#isFull()) return;
    this.#age();
    this.#old = new PagedTable();
  }

  #isFull(): boolean {
    const tasks = Math.max(GENERATION_TASKS, this.#expected);
    return this.#young.size >= tasks || this.#chars >= Math.max(GENERATION_CHARS, this.#expected * CHARS_PER_TASK);
  }

  #age(): void {
    this.#old = this.#young;
    this.#young = new PagedTable();
    this.#chars = 0;
  }
}
