/**
 * Seeded random numbers for generators and models: sfc32 (Doty-Humphrey, PractRand 2010), a small fast generator that passes
 * PractRand, with 53 random bits in each number. Every purpose (arrivals, sizes, failures) has a stream of its own, so that a
 * change in one leaves the others as they were: policies are compared on the same workload.
 */
import { randomOf } from "../core/struct/random.ts";

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  /** Second half of a pair of normal draws. */
  #spare: number | undefined;

  /** @param stream names the purpose; equal seeds and streams give equal numbers. */
  constructor(seed: number, stream = 0) {
    this.#a = word(seed, stream, 1);
    this.#b = word(seed, stream, 2);
    this.#c = word(seed, stream, 3);
    for (let round = 0; round < 12; round++) this.#bits();
  }

  /** At least 0, less than 1. */
  next(): number {
    return ((this.#bits() >>> 5) * 67108864 + (this.#bits() >>> 6)) / 9007199254740992;
  }

  /** Greater than 0, at most 1: safe to take the logarithm of. */
  nextPositive(): number {
    return 1 - this.next();
  }

  /** From an exponential distribution of mean 1. */
  exponential(): number {
    return -Math.log(this.nextPositive());
  }

  /** From a normal distribution of mean 0 and variance 1 (polar method: Marsaglia and Bray 1964). */
  normal(): number {
    const spare = this.#spare;
    if (spare !== undefined) {
      this.#spare = undefined;
      return spare;
    }
    for (;;) {
      const u = 2 * this.next() - 1;
      const v = 2 * this.next() - 1;
      const square = u * u + v * v;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spare = v * scale;
      return u * scale;
    }
  }

  /** A whole number from 0 to `count` - 1. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  #bits(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum | 0;
    return sum;
  }
}

function word(seed: number, stream: number, index: number): number {
  return (randomOf(seed, stream, index) * 4294967296) | 0;
}
