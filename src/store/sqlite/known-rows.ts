/**
 * What the writer remembers of rows that it wrote, so that a patch writes only what may differ: binding a value costs 50 ns
 * and a patch carries all that may change, though mostly little has. Two things are kept, both bounded. For each live task,
 * two bytes: the sections of its row that may hold something other than their defaults (of a task not written by this owner,
 * all of them). And for tasks written lately, the values of the sections RUN and READY, which mostly come back unchanged.
 */
import type { TaskId } from "../../core/task.ts";
import { READY, RESTORED_MASK, RUN } from "./sections.ts";

const PAGE_BITS = 14;
const PAGE_SIZE = 1 << PAGE_BITS;

/** Tasks whose values are remembered; a power of two. */
const RECENT_TASKS = 1 << 15;
/** Id; attempt, agent, assigned at; first ready at, ready at. */
const RECENT_WIDTH = 6;
const RUN_WIDTH = 3;
const READY_WIDTH = 2;

export class KnownRows {
  readonly #pages = new Map<number, Uint16Array>();
  #page: Uint16Array = new Uint16Array(PAGE_SIZE);
  #pageNumber = -1;
  readonly #recent = new Float64Array(RECENT_TASKS * RECENT_WIDTH);

  /** A row was written whose sections are those of `mask`; their values begin at `at`. */
  note(id: TaskId, mask: number, numbers: Float64Array, at: number): void {
    this.#turnTo(Math.floor(id / PAGE_SIZE));
    this.#page[id % PAGE_SIZE] = mask & RESTORED_MASK;
    const slot = (id % RECENT_TASKS) * RECENT_WIDTH;
    if ((mask & (RUN | READY)) !== (RUN | READY)) {
      this.#recent[slot] = 0;
      return;
    }
    this.#recent[slot] = id;
    for (let index = 0; index < RUN_WIDTH + READY_WIDTH; index++) this.#recent[slot + 1 + index] = numbers[at + index]!;
  }

  /** The sections that a patch must write, when it carries those of `mask` and their values begin at `at`. */
  toWrite(id: TaskId, mask: number, numbers: Float64Array, at: number): number {
    this.#turnTo(Math.floor(id / PAGE_SIZE));
    let write = mask | this.#page[id % PAGE_SIZE]!;
    const slot = (id % RECENT_TASKS) * RECENT_WIDTH;
    if (this.#recent[slot] !== id || (mask & (RUN | READY)) !== (RUN | READY)) return write;
    if (this.#same(slot + 1, numbers, at, RUN_WIDTH)) write &= ~RUN;
    if (this.#same(slot + 1 + RUN_WIDTH, numbers, at + RUN_WIDTH, READY_WIDTH)) write &= ~READY;
    return write;
  }

  /** Nothing need be known any more of tasks with smaller ids. */
  forgetBelow(id: TaskId): void {
    const first = Math.floor(id / PAGE_SIZE);
    for (const number of this.#pages.keys()) {
      if (number < first) this.#pages.delete(number);
    }
    if (this.#pageNumber < first) this.#pageNumber = -1;
  }

  #same(slot: number, numbers: Float64Array, at: number, width: number): boolean {
    for (let index = 0; index < width; index++) {
      if (this.#recent[slot + index] !== numbers[at + index]) return false;
    }
    return true;
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
