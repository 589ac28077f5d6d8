/**
 * The ways of predicting a task that compete, and the contest that picks one. Each predictor is scored on every task that ends,
 * by what it would have said just before; the best so far is used. The score is the quasi-likelihood loss value ÷ prediction +
 * ln prediction: on average it is least for the conditional mean, which is what shortest-job-first needs, and it weighs relative
 * error, so that small tasks count as much as large ones (Patton 2011).
 */
import { log2Of } from "../struct/log2.ts";
import { numbersOf, short } from "./stored-numbers.ts";

/** In the order of their indices; append only, stored contests name them by index. */
export const PREDICTORS = [
  "given", // the estimate that came with the task
  "given_scaled", // the same, times what actual ÷ given was so far
  "type", // mean of the last thousand or so tasks of the type
  "recent", // mean of the last thirty or so
  "size", // by the task's size, see size-model.ts
] as const;

export type Predictor = (typeof PREDICTORS)[number];

export const GIVEN = 0;
export const GIVEN_SCALED = 1;
export const TYPE = 2;
export const RECENT = 3;
export const SIZE = 4;

/** Tasks that a score remembers. */
const WINDOW = 500;
const KEEP = 1 - 1 / WINDOW;
/** A challenger must be better by this much, and by this much more while few tasks were scored: no hopping between equals. */
const MARGIN = 0.02;
const MARGIN_OF_FIRST = 2;
/** One wild value tells no more than this. */
const LARGEST_RATIO = 16;
const SMALLEST_PREDICTION = 1e-6;

export class Contest {
  readonly #losses: Float64Array;
  #weight = 0;
  /** Index of the predictor in use. */
  chosen: number;
  /** Scored tasks in all. */
  tasks = 0;

  /** `candidates` are indices of predictors; the first one is used until another has shown to be better. */
  constructor(first: number) {
    this.chosen = first;
    this.#losses = new Float64Array(PREDICTORS.length);
  }

  /** Scores a prediction, made by the predictor of that index before the value was known. Follow a round by `decide`. */
  score(predictor: number, prediction: number, value: number): void {
    // A prediction far too small counts as one that is too small by the largest ratio: the loss would fall with it for ever.
    const least = Math.max(SMALLEST_PREDICTION, prediction, value / LARGEST_RATIO);
    const loss = Math.min(LARGEST_RATIO, value / least) + Math.LN2 * log2Of(least);
    this.#losses[predictor] = this.#losses[predictor]! + (loss - this.#losses[predictor]!) / (this.#weight * KEEP + 1);
  }

  /** Ends a round of scores: the best of the candidates is in use if it is better by the margin. */
  decide(candidates: readonly number[]): void {
    this.#weight = this.#weight * KEEP + 1;
    this.tasks += 1;
    let best = this.chosen;
    for (const candidate of candidates) if (this.#losses[candidate]! < this.#losses[best]!) best = candidate;
    if (this.#losses[best]! + MARGIN + MARGIN_OF_FIRST / this.#weight < this.#losses[this.chosen]!) this.chosen = best;
  }

  toJSON(): readonly number[] {
    return [this.tasks, this.chosen, short(this.#weight), ...[...this.#losses].map(short)];
  }

  static fromJSON(value: unknown): Contest | undefined {
    const parts = numbersOf(value, 3 + PREDICTORS.length);
    if (parts === undefined || PREDICTORS[parts[1]!] === undefined) return undefined;
    const contest = new Contest(parts[1]!);
    contest.tasks = parts[0]!;
    contest.#weight = parts[2]!;
    contest.#losses.set(parts.slice(3));
    return contest;
  }
}
