/**
 * A stream of random numbers from a seed: xorshift with 32 bits of state (Marsaglia 2003), seeded through the finalizer of
 * MurmurHash3 so that seeds 1, 2, 3 give unlike streams. The same seed gives the same numbers on every machine.
 */
import { randomOf } from "../../core/struct/random.ts";

export class RandomStream {
  #state: number;

  constructor(seed: number) {
    // The state may be anything but 0, which xorshift never leaves.
    this.#state = Math.floor(randomOf(seed, 0, 0) * 4_294_967_295) + 1;
  }

  /** A number in [0, 1). */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) / 4_294_967_296;
  }

  /** A whole number from 0 to `count` - 1. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }
}
