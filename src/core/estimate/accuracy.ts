/**
 * How good predictions of a type were, each one made before its task ran: how far off in ms, in which direction, and whether
 * of two tasks the longer one was known to be the longer one. About the last thousand tasks count.
 */
import { ForgettingMean } from "./forgetting-mean.ts";
import { numbersOf, short } from "./stored-numbers.ts";

const WINDOW = 1_000;
/** Tasks compared with the same one. */
const COMPARED_WITH_ONE = 16;

export class Accuracy {
  readonly #off = new ForgettingMean(WINDOW);
  readonly #bias = new ForgettingMean(WINDOW);
  readonly #ordered = new ForgettingMean(WINDOW);
  /** The task that others are compared with: one for many, since tasks that end one after the other were often chosen to be alike. */
  #actual = -1;
  #expected = -1;
  #compared = 0;

  /** Mean of |actual − expected|. */
  get meanOff(): number {
    return this.#off.mean;
  }

  /** Mean of actual − expected: above 0 where tasks take longer than expected. */
  get bias(): number {
    return this.#bias.mean;
  }

  /** Share of pairs (of two tasks that ended some time apart) whose longer one was expected to be so; a tie counts half. 0.5 is chance. */
  get shareOrdered(): number | undefined {
    return this.#ordered.weight > 0 ? this.#ordered.mean : undefined;
  }

  note(actual: number, expected: number): void {
    const off = actual - expected;
    this.#off.add(Math.abs(off));
    this.#bias.add(off);
    if (this.#actual >= 0 && actual !== this.#actual) {
      const agreement = (actual - this.#actual) * (expected - this.#expected);
      this.#ordered.add(agreement > 0 ? 1 : agreement < 0 ? 0 : 0.5);
    }
    if (this.#compared++ % COMPARED_WITH_ONE !== 0) return;
    this.#actual = actual;
    this.#expected = expected;
  }

  toJSON(): readonly number[] {
    return [this.#off, this.#bias, this.#ordered].flatMap(({ mean, weight }) => [short(mean), short(weight)]);
  }

  static fromJSON(value: unknown): Accuracy | undefined {
    const parts = numbersOf(value, 6);
    if (parts === undefined) return undefined;
    const accuracy = new Accuracy();
    [accuracy.#off.mean, accuracy.#off.weight, accuracy.#bias.mean, accuracy.#bias.weight, accuracy.#ordered.mean, accuracy.#ordered.weight] = parts as unknown as [number, number, number, number, number, number];
    return accuracy;
  }
}
