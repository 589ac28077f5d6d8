/**
 * Results of tasks that settled a moment ago, so that `result()` asked a little late need not read the store: many tasks of
 * one large submission are done before the submission is answered. Only results of tasks that succeeded are kept, since the
 * others may be run again. Bounded by two generations; while submissions are under way, by them: their handles claim what is
 * theirs when they are answered.
 */
import type { Payload } from "../core/event.ts";
import type { TaskId } from "../core/task.ts";

const GENERATION_TASKS = 4_096;
const GENERATION_CHARS = 1024 * 1024;

export class RecentResults {
  #young = new Map<TaskId, Payload>();
  #old = new Map<TaskId, Payload>();
  #chars = 0;
  #submissions = 0;

  note(id: TaskId, result: Payload): void {
    this.#young.set(id, result);
    this.#chars += result.length;
    if (this.#submissions === 0) this.#age();
  }

  get(id: TaskId): Payload | undefined {
    return this.#young.get(id) ?? this.#old.get(id);
  }

  submissionBegins(): void {
    this.#submissions += 1;
  }

  /** Call after the handles have claimed theirs. */
  submissionEnds(): void {
    this.#submissions -= 1;
    if (this.#submissions > 0) return;
    const isLarge = this.#young.size > GENERATION_TASKS || this.#chars > GENERATION_CHARS;
    if (isLarge) this.#young = new Map();
    if (isLarge) this.#chars = 0;
  }

  #age(): void {
    if (this.#young.size < GENERATION_TASKS && this.#chars < GENERATION_CHARS) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#chars = 0;
  }
}
