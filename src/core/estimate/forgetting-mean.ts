/**
 * A mean that forgets: each value weighs a little less with every one that follows, so that it is the plain mean at first and
 * later that of about the last `windowTasks` values. It adapts to change at the price of some noise.
 */
export class ForgettingMean {
  mean: number;
  /** Values it stands for; it grows towards the window. */
  weight: number;
  readonly #keep: number;

  constructor(windowTasks: number, mean = 0, weight = 0) {
    this.#keep = 1 - 1 / windowTasks;
    this.mean = mean;
    this.weight = weight;
  }

  /** `weight` says how much the value counts, compared with others. */
  add(value: number, weight = 1): void {
    this.weight = this.weight * this.#keep + weight;
    if (this.weight > 0) this.mean += ((value - this.mean) * weight) / this.weight;
  }
}
