/**
 * Seeded chance for the fault tests (mulberry32, Ettinger 2017): the same seed gives the same run on every machine. Streams are
 * forked by name, so that one part drawing once more does not shift what all the others draw.
 */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A stream of its own for one part of the world. */
  fork(name: string, number = 0): Random {
    let hash = this.#state ^ Math.imul(number + 1, 0x9e3779b1);
    for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
    const forked = new Random(hash);
    forked.next();
    return forked;
  }

  /** From 0 to 1, 1 excluded. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** From 0 to `below`, `below` excluded. */
  int(below: number): number {
    return Math.floor(this.next() * below);
  }

  /** Both ends included. */
  between(low: number, high: number): number {
    return low + this.int(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.int(items.length)]!;
  }

  /** Mostly far below `mean`, now and then far above: halves and doubles by coin flips. */
  delayMs(mean: number): number {
    let delay = 2 * mean * this.next();
    while (this.chance(0.2) && delay < 16 * mean) delay *= 2;
    return Math.round(delay);
  }
}
