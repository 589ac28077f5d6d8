/**
 * A set of objects that know their place in it: adding and taking out cost a write each, a third of what a Set takes, and
 * leave nothing behind to be cleaned up. The order is that of the operations, so it is the same in every replay, but not that of arrival.
 */
import { assert } from "../assert.ts";

export interface BagItem {
  /** Place in the bag that holds it, or -1. Only a bag writes it. */
  bagIndex: number;
}

export class Bag<T extends BagItem> {
  readonly #items: (T | undefined)[] = [];
  /** Counted apart: a small array that is emptied gives its memory back, and the next item takes new memory. */
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    assert(item.bagIndex === -1, "an item is in one bag at a time");
    item.bagIndex = this.#size;
    this.#items[this.#size++] = item;
  }

  /** The last item takes its place. */
  delete(item: T): void {
    const index = item.bagIndex;
    assert(this.#items[index] === item, "the item is in this bag");
    const last = this.#items[--this.#size]!;
    this.#items[index] = last;
    last.bagIndex = index;
    this.#items[this.#size] = undefined;
    item.bagIndex = -1;
  }

  /** All items as they are now: they may be taken out while they are walked. */
  [Symbol.iterator](): ArrayIterator<T> {
    return (this.#items.slice(0, this.#size) as T[])[Symbol.iterator]();
  }
}
