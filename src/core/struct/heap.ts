/**
 * A priority queue ordered by `key`, then by `tie`: an 8-ary heap (Johnson 1975: fewer levels, so fewer items touched and fewer
 * cache misses; at a million items a pop took a sixth less than with 4). All that moves are numbers in typed arrays: an item is put
 * into a slot when it comes and stays there, and its heap says where in the order each slot is. So no item is touched but the one that comes or
 * goes, and none of the moves is a pointer that the garbage collector must hear of. Removing one from the middle
 * costs O(log n) and leaves nothing. The size is counted apart: arrays that are pushed and popped give their memory back at every turn of a short
 * queue, and take it again.
 */
import { assert } from "../assert.ts";

export interface HeapItem {
  /** Slot in the heap that holds it, or -1. Only a heap writes it. */
  heapSlot: number;
}

const SMALLEST = 16;
/** Many heaps never hold anything, such as that of what may be preempted in each lane: they have no arrays. */
const NO_DOUBLES = new Float64Array(0);
const NO_INTEGERS = new Int32Array(0);

export class Heap<T extends HeapItem> {
  /** By slot. */
  #items: (T | undefined)[] = [];
  #size = 0;
  /** Key of the first item; Infinity when empty. A field, since it is read several times a turn. */
  firstKey = Infinity;
  /** By place, the first at 0. */
  #keys = NO_DOUBLES;
  #ties = NO_DOUBLES;
  /** Slot by place; from the size on the free slots. */
  #slots = NO_INTEGERS;
  /** Place by slot. */
  #places = NO_INTEGERS;

  get size(): number {
    return this.#size;
  }

  /** The first item, without taking it. */
  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#items[this.#slots[0]!];
  }

  /** Tie of the first item; Infinity when empty. */
  get firstTie(): number {
    return this.#size === 0 ? Infinity : this.#ties[0]!;
  }

  /** O(log n), O(1) when items come in order. Keys must not be NaN. */
  push(item: T, key: number, tie: number): void {
    assert(item.heapSlot === -1, "an item is in one heap at a time");
    const place = this.#size;
    if (place === this.#keys.length) this.#grow();
    this.#size = place + 1;
    const slot = this.#slots[place]!;
    this.#items[slot] = item;
    item.heapSlot = slot;
    this.#siftUp(place, slot, key, tie);
    this.firstKey = this.#keys[0]!;
  }

  /** An item in the heap gets another key and tie: half of taking it out and putting it back. */
  move(item: T, key: number, tie: number): void {
    const slot = item.heapSlot;
    assert(this.#items[slot] === item, "the item is in this heap");
    this.#settle(this.#places[slot]!, slot, key, tie);
    this.firstKey = this.#keys[0]!;
  }

  pop(): T | undefined {
    const first = this.peek();
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Takes an item out, wherever it stands. */
  remove(item: T): void {
    const slot = item.heapSlot;
    assert(this.#items[slot] === item, "the item is in this heap");
    item.heapSlot = -1;
    this.#items[slot] = undefined;
    const place = this.#places[slot]!;
    const lastPlace = --this.#size;
    if (place < lastPlace) this.#settle(place, this.#slots[lastPlace]!, this.#keys[lastPlace]!, this.#ties[lastPlace]!);
    this.#slots[lastPlace] = slot;
    this.firstKey = lastPlace === 0 ? Infinity : this.#keys[0]!;
    if (lastPlace > SMALLEST && lastPlace < this.#keys.length >> 2) this.#shrink();
  }

  /** All items, in no particular order. */
  values(): readonly T[] {
    return Array.from(this.#slots.subarray(0, this.#size), (slot) => this.#items[slot]!);
  }

  /** The item at a place in the heap: 0 is the first, the children of `p` are at 8p + 1 to 8p + 8. */
  itemAt(place: number): T {
    assert(place < this.#size, "a place is in the heap");
    return this.#items[this.#slots[place]!]!;
  }

  /** Key and tie of the item at a place. */
  keyAt(place: number): number {
    return this.#keys[place]!;
  }

  tieAt(place: number): number {
    return this.#ties[place]!;
  }

  /** Key of an item that is in this heap. */
  keyOf(item: T): number {
    assert(this.#items[item.heapSlot] === item, "the item is in this heap");
    return this.#keys[this.#places[item.heapSlot]!]!;
  }

  /** How many items go before a key and tie. O(n) over the typed arrays: a million take about a millisecond. */
  countBefore(key: number, tie: number): number {
    let count = 0;
    for (let place = 0; place < this.#size; place++) {
      const own = this.#keys[place]!;
      if (own < key || (own === key && this.#ties[place]! < tie)) count += 1;
    }
    return count;
  }

  #isBefore(key: number, tie: number, other: number): boolean {
    const otherKey = this.#keys[other]!;
    return key < otherKey || (key === otherKey && tie < this.#ties[other]!);
  }

  #put(place: number, slot: number, key: number, tie: number): void {
    this.#slots[place] = slot;
    this.#keys[place] = key;
    this.#ties[place] = tie;
    this.#places[slot] = place;
  }

  /** Puts what has come to a place where it belongs. */
  #settle(place: number, slot: number, key: number, tie: number): void {
    if (place > 0 && this.#isBefore(key, tie, (place - 1) >> 3)) this.#siftUp(place, slot, key, tie);
    else this.#siftDown(place, slot, key, tie);
  }

  #siftUp(from: number, slot: number, key: number, tie: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 3;
      if (!this.#isBefore(key, tie, parent)) break;
      this.#put(place, this.#slots[parent]!, this.#keys[parent]!, this.#ties[parent]!);
      place = parent;
    }
    this.#put(place, slot, key, tie);
  }

  #siftDown(from: number, slot: number, key: number, tie: number): void {
    const keys = this.#keys;
    const ties = this.#ties;
    const size = this.#size;
    let place = from;
    for (;;) {
      const firstChild = place * 8 + 1;
      if (firstChild >= size) break;
      let best = firstChild;
      let bestKey = keys[best]!;
      const end = Math.min(firstChild + 8, size);
      for (let child = firstChild + 1; child < end; child++) {
        const childKey = keys[child]!;
        if (childKey > bestKey || (childKey === bestKey && ties[child]! > ties[best]!)) continue;
        best = child;
        bestKey = childKey;
      }
      if (key < bestKey || (key === bestKey && tie < ties[best]!)) break;
      this.#put(place, this.#slots[best]!, bestKey, ties[best]!);
      place = best;
    }
    this.#put(place, slot, key, tie);
  }

  #grow(): void {
    const capacity = Math.max(SMALLEST, this.#keys.length * 2);
    const slots = identity(capacity);
    slots.set(this.#slots);
    const places = new Int32Array(capacity);
    places.set(this.#places);
    this.#slots = slots;
    this.#places = places;
    this.#resizeOrder(capacity);
  }

  /** Items move into the slots that are left, by place: one touch of each, once for as many that went. */
  #shrink(): void {
    const capacity = this.#keys.length >> 1;
    const items = this.values() as T[];
    for (let slot = 0; slot < items.length; slot++) items[slot]!.heapSlot = slot;
    this.#items = items;
    this.#slots = identity(capacity);
    this.#places = identity(capacity);
    this.#resizeOrder(capacity);
  }

  #resizeOrder(capacity: number): void {
    const keys = new Float64Array(capacity);
    const ties = new Float64Array(capacity);
    keys.set(this.#keys.subarray(0, capacity));
    ties.set(this.#ties.subarray(0, capacity));
    this.#keys = keys;
    this.#ties = ties;
  }
}

function identity(length: number): Int32Array<ArrayBuffer> {
  const numbers = new Int32Array(length);
  for (let index = 0; index < length; index++) numbers[index] = index;
  return numbers;
}
