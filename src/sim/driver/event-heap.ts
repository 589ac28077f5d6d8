/**
 * The calendar of a simulation: numbers (slots of tasks, agents) by the instant at which something happens to them, then by the
 * order in which they were entered. A 4-ary heap in typed arrays that allocates nothing while it runs; each number is in it at
 * most once and can be taken out from the middle.
 */
import { assert } from "../../core/assert.ts";

const SMALLEST = 64;

export class EventHeap {
  #times = new Float64Array(SMALLEST);
  #order = new Float64Array(SMALLEST);
  #items = new Int32Array(SMALLEST);
  /** Place of each number, or -1. */
  #places = new Int32Array(SMALLEST).fill(-1);
  #size = 0;
  #entered = 0;
  /** When something happens next; Infinity when it is empty. A field, since it is read several times an event. */
  firstAt = Infinity;

  get size(): number {
    return this.#size;
  }

  /** The number whose turn is next. */
  get first(): number {
    assert(this.#size > 0, "the first of a heap that is not empty");
    return this.#items[0]!;
  }

  has(item: number): boolean {
    return item < this.#places.length && this.#places[item]! >= 0;
  }

  /** Enters a number that is not in the heap. */
  push(at: number, item: number): void {
    if (item >= this.#places.length) this.#growPlaces(item);
    assert(this.#places[item] === -1, "a number is in the calendar once");
    if (this.#size === this.#times.length) this.#grow();
    this.#up(this.#size++, at, this.#entered++, item);
    this.firstAt = this.#times[0]!;
  }

  /** Takes the first out. */
  pop(): number {
    const first = this.first;
    this.#removeAt(0);
    return first;
  }

  /** Takes a number out, wherever it stands; one that is not in the heap stays out. */
  remove(item: number): void {
    if (this.has(item)) this.#removeAt(this.#places[item]!);
  }

  /** Everything that is in the heap, in no particular order. */
  items(): Int32Array {
    return this.#items.subarray(0, this.#size);
  }

  #removeAt(index: number): void {
    this.#takeOut(index);
    this.firstAt = this.#size === 0 ? Infinity : this.#times[0]!;
  }

  #takeOut(index: number): void {
    this.#places[this.#items[index]!] = -1;
    const last = --this.#size;
    if (index === last) return;
    const at = this.#times[last]!;
    const order = this.#order[last]!;
    const item = this.#items[last]!;
    const parent = (index - 1) >> 2;
    if (index > 0 && (at < this.#times[parent]! || (at === this.#times[parent]! && order < this.#order[parent]!))) this.#up(index, at, order, item);
    else this.#down(index, at, order, item);
  }

  #up(from: number, at: number, order: number, item: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 2;
      const parentAt = this.#times[parent]!;
      if (parentAt < at || (parentAt === at && this.#order[parent]! < order)) break;
      this.#put(index, parentAt, this.#order[parent]!, this.#items[parent]!);
      index = parent;
    }
    this.#put(index, at, order, item);
  }

  #down(from: number, at: number, order: number, item: number): void {
    const size = this.#size;
    let index = from;
    for (;;) {
      let child = index * 4 + 1;
      if (child >= size) break;
      const end = Math.min(child + 4, size);
      let best = child;
      for (child += 1; child < end; child++) {
        const childAt = this.#times[child]!;
        const bestAt = this.#times[best]!;
        if (childAt < bestAt || (childAt === bestAt && this.#order[child]! < this.#order[best]!)) best = child;
      }
      const bestAt = this.#times[best]!;
      if (at < bestAt || (at === bestAt && order < this.#order[best]!)) break;
      this.#put(index, bestAt, this.#order[best]!, this.#items[best]!);
      index = best;
    }
    this.#put(index, at, order, item);
  }

  #put(index: number, at: number, order: number, item: number): void {
    this.#times[index] = at;
    this.#order[index] = order;
    this.#items[index] = item;
    this.#places[item] = index;
  }

  #grow(): void {
    const capacity = this.#times.length * 2;
    this.#times = grown(new Float64Array(capacity), this.#times);
    this.#order = grown(new Float64Array(capacity), this.#order);
    this.#items = grown(new Int32Array(capacity), this.#items);
  }

  #growPlaces(item: number): void {
    const places = new Int32Array(Math.max(item + 1, this.#places.length * 2)).fill(-1);
    places.set(this.#places);
    this.#places = places;
  }
}

/** The larger array with what the smaller one held. */
export function grown<A extends Float64Array | Int32Array | Uint8Array>(larger: A, smaller: ArrayLike<number>): A {
  larger.set(smaller);
  return larger;
}
