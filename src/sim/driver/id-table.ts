/**
 * From the ids of live tasks to their slots: a hash table in typed arrays with linear probing. Ids ascend, so the id itself,
 * cut to the table's size, is a hash without collisions as long as the live ids lie close together.
 */
import { assert } from "../../core/assert.ts";

const SMALLEST = 256;

export class IdTable {
  /** 0 where free: ids begin at 1. */
  #ids = new Float64Array(SMALLEST);
  #slots = new Int32Array(SMALLEST);
  #mask = SMALLEST - 1;
  #size = 0;

  set(id: number, slot: number): void {
    if (this.#size * 2 >= this.#ids.length) this.#grow();
    this.#insert(id, slot);
    this.#size += 1;
  }

  /** The slot of a live task, or -1. */
  get(id: number): number {
    const place = this.#find(id);
    return this.#ids[place] === id ? this.#slots[place]! : -1;
  }

  /** Later entries of the same run move up, so that no marks of deleted ones pile up (Knuth 1973, 6.4 algorithm R). */
  delete(id: number): void {
    let hole = this.#find(id);
    assert(this.#ids[hole] === id, "the task is in the table");
    this.#size -= 1;
    for (let place = (hole + 1) & this.#mask; this.#ids[place] !== 0; place = (place + 1) & this.#mask) {
      const home = homeOf(this.#ids[place]!, this.#mask);
      if (((place - home) & this.#mask) < ((place - hole) & this.#mask)) continue;
      this.#ids[hole] = this.#ids[place]!;
      this.#slots[hole] = this.#slots[place]!;
      hole = place;
    }
    this.#ids[hole] = 0;
  }

  #find(id: number): number {
    let place = homeOf(id, this.#mask);
    while (this.#ids[place] !== 0 && this.#ids[place] !== id) place = (place + 1) & this.#mask;
    return place;
  }

  #insert(id: number, slot: number): void {
    const place = this.#find(id);
    this.#ids[place] = id;
    this.#slots[place] = slot;
  }

  #grow(): void {
    const ids = this.#ids;
    const slots = this.#slots;
    this.#ids = new Float64Array(ids.length * 2);
    this.#slots = new Int32Array(ids.length * 2);
    this.#mask = this.#ids.length - 1;
    for (let place = 0; place < ids.length; place++) if (ids[place] !== 0) this.#insert(ids[place]!, slots[place]!);
  }
}

function homeOf(id: number, mask: number): number {
  return id & mask;
}
