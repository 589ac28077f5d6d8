/**
 * Remembers which sections of each stored row may hold something other than their defaults, so that a patch need not write
 * columns that hold the default and keep it. Two bytes a task, in pages, for the tasks that this owner has written; of any
 * other nothing is known, and everything is written. Tasks that nobody will touch again are forgotten.
 */
import type { TaskId } from "../../core/task.ts";
import { RESTORED_MASK } from "./sections.ts";

const PAGE_BITS = 14;
const PAGE_SIZE = 1 << PAGE_BITS;

export class Footprint {
  readonly #pages = new Map<number, Uint16Array>();
  #page: Uint16Array = new Uint16Array(PAGE_SIZE);
  #pageNumber = -1;

  get(id: TaskId): number {
    this.#turnTo(Math.floor(id / PAGE_SIZE));
    return this.#page[id % PAGE_SIZE]!;
  }

  set(id: TaskId, mask: number): void {
    this.#turnTo(Math.floor(id / PAGE_SIZE));
    this.#page[id % PAGE_SIZE] = mask & RESTORED_MASK;
  }

  /** Nothing is known any more of tasks with smaller ids, apart from some of the last page. */
  forgetBelow(id: TaskId): void {
    const first = Math.floor(id / PAGE_SIZE);
    for (const number of this.#pages.keys()) {
      if (number < first) this.#pages.delete(number);
    }
    if (this.#pageNumber < first) this.#pageNumber = -1;
  }

  #turnTo(number: number): void {
    if (number === this.#pageNumber) return;
    let page = this.#pages.get(number);
    if (page === undefined) {
      page = new Uint16Array(PAGE_SIZE).fill(RESTORED_MASK);
      this.#pages.set(number, page);
    }
    this.#page = page;
    this.#pageNumber = number;
  }
}
