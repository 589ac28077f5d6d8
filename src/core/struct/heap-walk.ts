/**
 * The items of a heap in their order, one by one, without changing it: the first k cost O(k log k), however many there are. The heap
 * must stay as it is while it is walked. What comes next is among the children of what was passed, so those are all that is kept.
 */
import { Heap, type HeapItem } from "./heap.ts";

interface Place extends HeapItem {
  readonly index: number;
}

export class HeapWalk<T extends HeapItem> {
  readonly #heap: Heap<T>;
  readonly #next = new Heap<Place>();
  #left: number;

  constructor(heap: Heap<T>) {
    this.#heap = heap;
    this.#left = heap.size;
    this.#add(0);
  }

  /** Items that were not passed yet. */
  get left(): number {
    return this.#left;
  }

  /** The item it stands at; undefined at the end. */
  get item(): T | undefined {
    const place = this.#next.peek();
    return place === undefined ? undefined : this.#heap.itemAt(place.index);
  }

  /** Infinity at the end. */
  get key(): number {
    return this.#next.firstKey;
  }

  get tie(): number {
    return this.#next.firstTie;
  }

  /** Passes the item it stands at. */
  pass(): void {
    const place = this.#next.pop();
    if (place === undefined) return;
    this.#left -= 1;
    const first = place.index * 8 + 1;
    for (let child = first; child < first + 8; child++) this.#add(child);
  }

  #add(index: number): void {
    if (index < this.#heap.size) this.#next.push({ index, heapSlot: -1 }, this.#heap.keyAt(index), this.#heap.tieAt(index));
  }
}
