/**
 * A source that is filled while it is simulated, batch by batch, so that a file of any length takes the memory of a batch. Its tasks
 * come in order of arrival and need no others.
 */
import { assert } from "../../core/assert.ts";
import type { TaskEntry } from "./list.ts";
import type { TaskSource, WorkloadTask } from "./task.ts";

export class FeedSource implements TaskSource {
  readonly types: readonly string[];
  readonly taskCount: number | undefined;
  #batch: readonly TaskEntry[] = [];
  #next = 0;
  #isEnded = false;

  constructor(types: readonly string[], taskCount?: number) {
    this.types = types;
    this.taskCount = taskCount;
  }

  /** More tasks, once those before are taken. */
  push(batch: readonly TaskEntry[]): void {
    assert(this.#next >= this.#batch.length, "a batch follows when the one before it is used up");
    this.#batch = batch;
    this.#next = 0;
  }

  /** No more come. */
  end(): void {
    this.#isEnded = true;
  }

  get isStarved(): boolean {
    return !this.#isEnded && this.#next >= this.#batch.length;
  }

  get nextAtMs(): number {
    return this.#batch[this.#next]?.arrivalMs ?? Infinity;
  }

  take(): WorkloadTask {
    const entry = this.#batch[this.#next];
    assert(entry !== undefined, "a task is taken when there is one");
    assert(entry.needs === undefined && entry.thinkMs === undefined, "a task of a feed needs no others");
    this.#next += 1;
    return entry as WorkloadTask;
  }
}
