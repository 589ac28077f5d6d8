/**
 * Tasks in the system and slots at work over virtual time, as averages over up to 512 equal stretches: when the run outgrows
 * them, neighbours become one and the stretch doubles, so that the memory is the same for any length.
 */

const STRETCHES = 512;

export interface SeriesResult {
  /** Length of a stretch. */
  readonly stretchMs: number;
  readonly inSystem: readonly number[];
  readonly busy: readonly number[];
}

export class Series {
  #stretchMs = 1;
  readonly #inSystem = new Float64Array(STRETCHES);
  readonly #busy = new Float64Array(STRETCHES);
  #endMs = 0;

  /** From `fromMs` to `toMs` (0 is the start of the run) so many tasks were in the system, and so many of them worked on. */
  add(fromMs: number, toMs: number, inSystem: number, busy: number): void {
    while (toMs > this.#stretchMs * STRETCHES) this.#double();
    this.#endMs = Math.max(this.#endMs, toMs);
    for (let at = fromMs; at < toMs; ) {
      const stretch = Math.min(STRETCHES - 1, Math.floor(at / this.#stretchMs));
      const end = Math.min(toMs, (stretch + 1) * this.#stretchMs);
      // Rounding can leave `at` at the end of its stretch; a step is never nothing.
      const next = end > at ? end : toMs;
      this.#inSystem[stretch]! += inSystem * (next - at);
      this.#busy[stretch]! += busy * (next - at);
      at = next;
    }
  }

  result(): SeriesResult {
    const count = Math.max(1, Math.ceil(this.#endMs / this.#stretchMs));
    const lastMs = this.#endMs - (count - 1) * this.#stretchMs || 1;
    const averages = (sums: Float64Array): readonly number[] =>
      Array.from(sums.subarray(0, count), (sum, index) => sum / (index === count - 1 ? lastMs : this.#stretchMs));
    return { stretchMs: this.#stretchMs, inSystem: averages(this.#inSystem), busy: averages(this.#busy) };
  }

  #double(): void {
    this.#stretchMs *= 2;
    for (const sums of [this.#inSystem, this.#busy]) {
      for (let index = 0; index < STRETCHES; index++) {
        sums[index] = index * 2 < STRETCHES ? sums[index * 2]! + sums[index * 2 + 1]! : 0;
      }
    }
  }
}
