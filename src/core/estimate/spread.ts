/**
 * How actual values spread around what was predicted: counts of the ratio actual ÷ predicted in 8 buckets for each doubling,
 * from 1/128 to 128, forgetting as it goes. One shape serves all sizes of a type, so quantiles cost 450 bytes and not 450 bytes
 * for each; a size class has its own, blended with that of its type while it has seen little.
 *
 * Before anything is known the shape is a Lomax distribution of mean 1 and index 3, (1 + x/2)^−3: its p90 is 2.3 times the mean
 * as in an exponential one, but the longer something has run, the longer it is likely to go on.
 */
import { log2Of, octaveOf, fromOctave } from "../struct/log2.ts";
import { numbersOf } from "./stored-numbers.ts";

const PER_DOUBLING = 8;
const LOWEST_OCTAVE = -7;
const BUCKETS = 14 * PER_DOUBLING;
/** About so many of the last values count. */
const WINDOW = 1_000;
const GROWTH = 1 / (1 - 1 / WINDOW);
const LARGEST_UNIT = 1_000_000;
/** So many values must be seen before they weigh as much as the shape that was assumed. */
const ASSUMED_WEIGHT = 2;
/** The shape of a type weighs so many values beside that of a size class. */
const TYPE_WEIGHT = 16;

/** Lower edge of each bucket, and the upper one of the last. */
const EDGES = Float64Array.from({ length: BUCKETS + 1 }, (_, index) => fromOctave(LOWEST_OCTAVE + index / PER_DOUBLING));
/** Share of the assumed shape that lies below each edge. */
const ASSUMED_BELOW = EDGES.map((edge) => 1 - assumedBeyond(edge));

export class Spread {
  readonly #counts = new Float32Array(BUCKETS);
  #total = 0;
  /** What a value counts now: instead of shrinking all counts with each value, the next one counts more. */
  #unit = 1;

  /** How many values it stands for. */
  get weight(): number {
    return this.#total / this.#unit;
  }

  record(ratio: number): void {
    const bucket = bucketOf(ratio);
    this.#counts[bucket] = this.#counts[bucket]! + this.#unit;
    this.#total += this.#unit;
    this.#unit *= GROWTH;
    if (this.#unit > LARGEST_UNIT) this.#rescale();
  }

  /** Ratio that a share `q` of values does not exceed. `finer` is the spread of the size class. */
  quantile(q: number, finer?: Spread): number {
    const mix = this.#mix(finer);
    const wanted = q * mix.total;
    let below = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const count = mix.count(bucket) + ASSUMED_WEIGHT * (ASSUMED_BELOW[bucket + 1]! - (bucket === 0 ? 0 : ASSUMED_BELOW[bucket]!));
      if (below + count >= wanted) {
        const low = bucket === 0 ? 0 : EDGES[bucket]!;
        return low + ((EDGES[bucket + 1]! - low) * (wanted - below)) / count;
      }
      below += count;
    }
    return EDGES[BUCKETS]!;
  }

  /** Mean of what is left of those that exceed `reached`, as ratios. */
  meanBeyond(reached: number, finer?: Spread): number {
    const mix = this.#mix(finer);
    let weight = ASSUMED_WEIGHT * assumedBeyond(reached);
    let sum = (ASSUMED_WEIGHT * 4) / ((2 + reached) * (2 + reached));
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const high = EDGES[bucket + 1]!;
      if (high <= reached) continue;
      const low = bucket === 0 ? 0 : EDGES[bucket]!;
      // Of the bucket that it has reached, only the part that is still ahead.
      const share = reached > low ? (high - reached) / (high - low) : 1;
      const count = mix.count(bucket) * share;
      weight += count;
      sum += count * ((high + Math.max(low, reached)) / 2 - reached);
    }
    return sum / weight;
  }

  /** Share of values within ±25 % of what was predicted. */
  get shareWithinQuarter(): number {
    let within = 0;
    for (let bucket = bucketOf(0.75); bucket < bucketOf(1.25); bucket++) within += this.#counts[bucket]!;
    return this.#total === 0 ? 0 : within / this.#total;
  }

  /** By what factor, up or down, half of the predictions were off at least: 1 is perfect. */
  get medianFactor(): number {
    const parts = [...this.#counts].map((count, bucket) => ({ count, off: Math.abs(log2Of(middleOf(bucket))) })).sort((a, b) => a.off - b.off);
    let below = 0;
    for (const { count, off } of parts) {
      below += count;
      if (count > 0 && below * 2 >= this.#total) return fromLog2(off);
    }
    return 1;
  }

  toJSON(): readonly number[] {
    const parts: number[] = [];
    let before = 0;
    this.#counts.forEach((count, bucket) => {
      const share = count / this.#unit;
      // What no quantile would feel is left out.
      if (share < 0.005) return;
      parts.push(bucket - before, Number(share.toPrecision(3)));
      before = bucket;
    });
    return parts;
  }

  /** Undefined when the value is not one that `toJSON` gave. */
  static fromJSON(value: unknown): Spread | undefined {
    const parts = numbersOf(value);
    if (parts === undefined || parts.length % 2 !== 0) return undefined;
    const spread = new Spread();
    let bucket = 0;
    for (let index = 0; index < parts.length; index += 2) {
      bucket += parts[index]!;
      const count = parts[index + 1]!;
      if (!(Number.isInteger(bucket) && bucket >= 0 && bucket < BUCKETS && count >= 0)) return undefined;
      spread.#counts[bucket] = count;
      spread.#total += count;
    }
    return spread;
  }

  /** Counts of type and class together, as so many values. */
  #mix(finer: Spread | undefined): { readonly total: number; readonly count: (bucket: number) => number } {
    const own = this.#total === 0 ? 0 : (finer === undefined ? this.weight : Math.min(this.weight, TYPE_WEIGHT)) / this.#total;
    const counts = this.#counts;
    if (finer === undefined) return { total: this.weight + ASSUMED_WEIGHT, count: (bucket) => counts[bucket]! * own };
    const total = this.#total * own + finer.weight + ASSUMED_WEIGHT;
    return { total, count: (bucket) => counts[bucket]! * own + finer.#counts[bucket]! / finer.#unit };
  }

  #rescale(): void {
    this.#counts.forEach((count, bucket) => (this.#counts[bucket] = count / this.#unit));
    this.#total /= this.#unit;
    this.#unit = 1;
  }
}

function bucketOf(ratio: number): number {
  if (!(ratio > EDGES[0]!)) return 0;
  return Math.min(BUCKETS - 1, Math.floor((octaveOf(ratio) - LOWEST_OCTAVE) * PER_DOUBLING));
}

function middleOf(bucket: number): number {
  return (EDGES[bucket]! + EDGES[bucket + 1]!) / 2;
}

function assumedBeyond(ratio: number): number {
  const base = 2 / (2 + ratio);
  return base * base * base;
}

/** 2 to the power of a number from 0 to 7, by bisection of `log2Of`: for people, not for decisions. */
function fromLog2(power: number): number {
  let low = 1;
  let high = 128;
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (log2Of(middle) < power) low = middle;
    else high = middle;
  }
  return high;
}
