/**
 * Quantiles of a stream in constant memory: counts in buckets whose width grows with the value, so that every quantile is
 * within `SKETCH_RELATIVE_ERROR` of the exact one and two sketches add up to the sketch of both streams (DDSketch: Masson,
 * Rim and Lee 2019). The bucket is read from the bits of the double, exponent and top of the mantissa, as HdrHistogram does
 * (Tene 2012): a logarithm is slower and may differ between JavaScript engines.
 */
import { assert } from "../assert.ts";

/** Buckets for each doubling of the value: 2 to this power. */
const MANTISSA_BITS = 6;
const BUCKETS_PER_DOUBLING = 1 << MANTISSA_BITS;
/** What is left of the upper half of a double below the bucket's number. */
const SHIFT = 20 - MANTISSA_BITS;
/** Smaller values count as zero; in milliseconds this is under a picosecond. */
const SMALLEST = 1 / (1 << 30);

/** A quantile is at most this share away from the exact one: half a bucket, seen from its middle. About 0.78 %. */
export const SKETCH_RELATIVE_ERROR = 1 / (2 * BUCKETS_PER_DOUBLING);

/** A sketch as plain data. `buckets` alternates between the distance to the bucket before (the first: from 0) and its count. */
export interface SketchJson {
  readonly bits: number;
  readonly count: number;
  readonly zeros: number;
  readonly sum: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly buckets: readonly number[];
}

/** The bits of a double as the machine has them: a DataView, whose order is fixed, swaps them on nearly every machine. */
const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
double[0] = 1;
/** Which of the two words has the exponent. */
const UPPER = words[0] === 0 ? 1 : 0;

function bucketOf(value: number): number {
  double[0] = value;
  return words[UPPER]! >>> SHIFT;
}

/** Smallest value of a bucket. */
function floorOf(bucket: number): number {
  words[UPPER] = bucket << SHIFT;
  words[1 - UPPER] = 0;
  return double[0]!;
}

/** The value whose relative distance to both ends of the bucket is the same. */
function middleOf(bucket: number): number {
  const low = floorOf(bucket);
  const width = floorOf(bucket + 1) - low;
  return Number.isFinite(width) ? low + (width * low) / (low + low + width) : low;
}

export class Sketch {
  #count = 0;
  #zeros = 0;
  #sum = 0;
  #min = Infinity;
  #max = -Infinity;
  /** Counts of the buckets from `#first` on. */
  #counts = new Float64Array(0);
  #first = 0;

  /** Values recorded. */
  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** Exact; undefined when empty, as are `max`, `mean` and every quantile. */
  get min(): number | undefined {
    return this.#count === 0 ? undefined : this.#min;
  }

  get max(): number | undefined {
    return this.#count === 0 ? undefined : this.#max;
  }

  get mean(): number | undefined {
    return this.#count === 0 ? undefined : this.#sum / this.#count;
  }

  /** Counts a value, 0 or more and finite. */
  record(value: number): void {
    assert(value >= 0 && value < Infinity, "a sketch takes finite values from 0 on");
    this.#count += 1;
    this.#sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    if (value < SMALLEST) this.#zeros += 1;
    else this.#add(bucketOf(value), 1);
  }

  /**
   * The value that a share `q` (0 to 1) of the stream does not exceed, by nearest rank; undefined when empty. Off by at most
   * `SKETCH_RELATIVE_ERROR` of itself; the ends are exact.
   */
  quantile(q: number): number | undefined {
    assert(q >= 0 && q <= 1, "a quantile is asked for by a share from 0 to 1");
    if (this.#count === 0) return undefined;
    const rank = Math.max(1, Math.ceil(q * this.#count));
    if (rank >= this.#count) return this.#max;
    if (rank === 1) return this.#min;
    let seen = this.#zeros;
    if (rank <= seen) return this.#min;
    for (let i = 0; i < this.#counts.length; i++) {
      seen += this.#counts[i] ?? 0;
      if (seen >= rank) return Math.min(this.#max, Math.max(this.#min, middleOf(this.#first + i)));
    }
    return this.#max;
  }

  /** Adds everything that the other one has seen; it stays as it is. */
  merge(other: Sketch): void {
    if (other.#count === 0) return;
    this.#count += other.#count;
    this.#zeros += other.#zeros;
    this.#sum += other.#sum;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
    // A copy, since a sketch may be merged into itself and adding can move the counts.
    const counts = other.#counts.slice();
    const first = other.#first;
    counts.forEach((count, i) => {
      if (count > 0) this.#add(first + i, count);
    });
  }

  toJSON(): SketchJson {
    const buckets: number[] = [];
    let before = 0;
    this.#counts.forEach((count, i) => {
      if (count === 0) return;
      buckets.push(this.#first + i - before, count);
      before = this.#first + i;
    });
    const { min = null, max = null } = this;
    return { bits: MANTISSA_BITS, count: this.#count, zeros: this.#zeros, sum: this.#sum, min, max, buckets };
  }

  static fromJSON(json: SketchJson): Sketch {
    assert(json.bits === MANTISSA_BITS, "a stored sketch has buckets of the same width");
    const sketch = new Sketch();
    let bucket = 0;
    for (let i = 0; i + 1 < json.buckets.length; i += 2) {
      bucket += json.buckets[i] ?? 0;
      sketch.#add(bucket, json.buckets[i + 1] ?? 0);
    }
    sketch.#count = json.count;
    sketch.#zeros = json.zeros;
    sketch.#sum = json.sum;
    sketch.#min = json.min ?? Infinity;
    sketch.#max = json.max ?? -Infinity;
    return sketch;
  }

  #add(bucket: number, count: number): void {
    const place = bucket - this.#first;
    if (place < 0 || place >= this.#counts.length) this.#grow(bucket);
    const index = bucket - this.#first;
    this.#counts[index]! += count;
  }

  /** Makes room for a bucket, a doubling at a time: real streams span 10 to 30 doublings, 5 to 15 KiB. */
  #grow(bucket: number): void {
    const start = bucket - (bucket % BUCKETS_PER_DOUBLING);
    const isFirst = this.#counts.length === 0;
    const first = isFirst ? start : Math.min(this.#first, start);
    const end = isFirst ? start : this.#first + this.#counts.length;
    const grown = new Float64Array(Math.max(end, start + BUCKETS_PER_DOUBLING) - first);
    if (!isFirst) grown.set(this.#counts, this.#first - first);
    this.#counts = grown;
    this.#first = first;
  }
}
