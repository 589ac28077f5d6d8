/** A documented bound beside the worst that random runs came to: how near they got, in which run, and in how many cases they could have gone past it. */
export interface BoundResult {
  readonly name: string;
  /** Of `worst` and `bound`. */
  readonly unit: string;
  /** The case that came nearest to its bound, or went furthest past it, and what it was allowed. */
  readonly worst: number;
  readonly bound: number;
  /** Worst ÷ bound; 0 where nothing was allowed and nothing happened, null where something did. */
  readonly share: number | null;
  readonly runs: number;
  /** Cases that were held against the bound. Without any the bound was not tried. */
  readonly cases: number;
  /** `--runs 1 --seed` of this shows the worst case again. */
  readonly worst_seed: number;
}

export class BoundGauge {
  readonly #name: string;
  readonly #unit: string;
  #worst = 0;
  #bound = 0;
  #share = -1;
  #cases = 0;
  #seed = 0;

  constructor(name: string, unit: string) {
    this.#name = name;
    this.#unit = unit;
  }

  /** A case of the run with that seed; of a value of 0 or less nothing was used of the bound. */
  see(seed: number, value: number, bound: number): void {
    this.#cases += 1;
    const share = value <= 0 ? 0 : bound > 0 ? value / bound : Infinity;
    // Of cases that are as near the larger one says more.
    if (share < this.#share || (share === this.#share && bound <= this.#bound)) return;
    [this.#share, this.#worst, this.#bound, this.#seed] = [share, Math.max(0, value), bound, seed];
  }

  result(runs: number): BoundResult {
    const share = this.#share === Infinity ? null : Math.max(0, this.#share);
    return { name: this.#name, unit: this.#unit, worst: this.#worst, bound: this.#bound, share, runs, cases: this.#cases, worst_seed: this.#seed };
  }
}

/** A bound that was never tried does not hold either. */
export function isHeld({ share, cases }: BoundResult): boolean {
  return cases > 0 && share !== null && share <= 1;
}
