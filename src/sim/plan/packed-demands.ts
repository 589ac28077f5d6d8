/**
 * Demands on several resources in one machine word. Each resource gets a field of bits for its capacity and a guard bit above it;
 * "is there enough of everything?" is then one subtraction: a guard bit that is lost in `free - demand` says that its
 * resource is short (Lamport 1975, "Multiple byte processing with full-word instructions"). Resources that do not fit into one
 * word of 32 bits go on in the next.
 */
import { assert } from "../../core/assert.ts";

export interface PackedDemands {
  /** Words for a task or a moment. */
  readonly words: number;
  /** Guard bits of each word. */
  readonly guards: Int32Array;
  /** What is free when nothing runs, with all guard bits set. */
  readonly full: Int32Array;
  /** Demands of task i, from `i * words`. */
  readonly demands: Int32Array;
  /** Where each resource is found. */
  readonly places: readonly Place[];
}

export interface Place {
  readonly word: number;
  /** The bits of the resource in its word, without the guard. */
  readonly mask: number;
  readonly shift: number;
}

/** The most that a capacity can be: its field and the guard fill a word. */
export const CAPACITY_LIMIT = 2 ** 31 - 1;

/** `demands[task][resource]`, whole numbers from 0 to the capacity of the resource. */
export function packDemands(demands: readonly (readonly number[])[], capacities: readonly number[]): PackedDemands {
  const places = placesOf(capacities);
  const words = Math.max(1, ...places.map(({ word }) => word + 1));
  const guards = new Int32Array(words);
  const full = new Int32Array(words);
  places.forEach(({ word, mask, shift }, resource) => {
    // The bit above the field; of an empty field, its place itself.
    guards[word]! |= mask === 0 ? 1 << shift : (mask << 1) & ~mask;
    full[word]! |= capacities[resource]! << shift;
  });
  for (let word = 0; word < words; word++) full[word]! |= guards[word]!;
  const packed = new Int32Array(demands.length * words);
  demands.forEach((amounts, task) => {
    amounts.forEach((amount, resource) => {
      assert(amount >= 0 && amount <= capacities[resource]!, "a task uses no more of a resource than there is");
      const { word, shift } = places[resource]!;
      packed[task * words + word]! |= amount << shift;
    });
  });
  return { words, guards, full, demands: packed, places };
}

function placesOf(capacities: readonly number[]): readonly Place[] {
  const places: Place[] = [];
  let word = 0;
  let used = 0;
  for (const capacity of capacities) {
    assert(Number.isInteger(capacity) && capacity >= 0 && capacity <= CAPACITY_LIMIT, "a capacity is a whole number");
    const bits = 32 - Math.clz32(capacity);
    if (used + bits + 1 > 32) {
      word += 1;
      used = 0;
    }
    places.push({ word, mask: bits === 0 ? 0 : (2 ** bits - 1) << used, shift: used });
    used += bits + 1;
  }
  return places;
}
