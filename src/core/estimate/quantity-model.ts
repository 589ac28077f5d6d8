/**
 * One quantity (service or cost) of one task type: the predictors, each learning from every task, and for tasks with and without
 * a given estimate or a size a contest of its own, since each kind of task can be predicted in other ways.
 */
import { ForgettingMean } from "./forgetting-mean.ts";
import { Contest, GIVEN, GIVEN_SCALED, PREDICTORS, RECENT, SIZE, TYPE, type Predictor } from "./predictors.ts";
import { SizeModel } from "./size-model.ts";
import { membersOf, numbersOf, short } from "./stored-numbers.ts";

const TYPE_WINDOW = 1_000;
const RECENT_WINDOW = 30;
const GIVEN_WINDOW = 250;
/** An estimate is taken at its word until about so many tasks say otherwise. */
const GIVEN_TRUST = 2;
/** A value further above its prediction than this is learned as this: one hung task must not make a whole type look slow. */
const LARGEST_SURPRISE = 64;
/** So many values must be there before one can be a surprise. */
const SURPRISE_AFTER = 8;
/** Estimates below this, in the unit of the quantity, are not divided by. */
const SMALLEST_GIVEN = 1e-3;

/** What can predict a task, by kind of task: without both, with an estimate, with a size, with both. The first one leads at first. */
const CANDIDATES: readonly (readonly [number, ...number[]])[] = [
  [TYPE, RECENT],
  [GIVEN, GIVEN_SCALED, TYPE, RECENT],
  [SIZE, TYPE, RECENT],
  [GIVEN, GIVEN_SCALED, SIZE, TYPE, RECENT],
];

export class QuantityModel {
  readonly #type: ForgettingMean;
  readonly #recent: ForgettingMean;
  /** Mean of actual ÷ given. */
  readonly #given = new ForgettingMean(GIVEN_WINDOW, 1, GIVEN_TRUST);
  #size: SizeModel | undefined;
  readonly #contests: (Contest | undefined)[] = [undefined, undefined, undefined, undefined];

  /** `zeros`: so many values were 0 before the first one that is learned. */
  constructor(zeros = 0) {
    this.#type = new ForgettingMean(TYPE_WINDOW, 0, Math.min(zeros, TYPE_WINDOW));
    this.#recent = new ForgettingMean(RECENT_WINDOW, 0, Math.min(zeros, RECENT_WINDOW));
  }

  /** Mean of the type. */
  get mean(): number {
    return this.#type.mean;
  }

  /** What actual ÷ given was so far, on average; 1 while nothing is known. */
  get givenFactor(): number {
    return this.#given.mean;
  }

  get sizes(): SizeModel | undefined {
    return this.#size;
  }

  /** Expected value of a task with this estimate and this size, where it has them. */
  predict(given: number | undefined, size: number | undefined): number {
    const kind = kindOf(given, size);
    const contest = this.#contests[kind];
    return this.#by(contest === undefined ? CANDIDATES[kind]![0] : contest.chosen, given, size);
  }

  /** `isScored`: predictors are scored on it as well. */
  learn(actual: number, given: number | undefined, size: number | undefined, isScored: boolean): void {
    if (isScored && this.#type.weight > 0) this.#score(actual, given, size);
    let value = actual;
    if (this.#type.weight > SURPRISE_AFTER && this.#type.mean > 0 && actual > LARGEST_SURPRISE * this.#type.mean) {
      value = Math.min(actual, LARGEST_SURPRISE * Math.max(this.#type.mean, this.predict(given, size)));
    }
    this.#type.add(value);
    this.#recent.add(value);
    if (given !== undefined) this.#given.add(Math.min(LARGEST_SURPRISE, value / Math.max(SMALLEST_GIVEN, given)));
    if (size !== undefined) (this.#size ??= new SizeModel()).learn(value, size, isScored);
  }

  /** The predictor in use for the kind of task that came most often. */
  get inUse(): Predictor {
    const [contest] = this.#contests.filter((one) => one !== undefined).sort((a, b) => b.tasks - a.tasks);
    return PREDICTORS[contest?.chosen ?? TYPE]!;
  }

  toJSON(): object {
    return {
      type: [short(this.#type.mean), short(this.#type.weight)],
      recent: [short(this.#recent.mean), short(this.#recent.weight)],
      given: [short(this.#given.mean), short(this.#given.weight)],
      contests: this.#contests.map((contest) => contest?.toJSON() ?? null),
      ...(this.#size !== undefined && { size: this.#size.toJSON() }),
    };
  }

  static fromJSON(json: unknown): QuantityModel | undefined {
    const { type, recent, given, contests, size } = membersOf(json);
    const model = new QuantityModel();
    const parts = [[model.#type, type], [model.#recent, recent], [model.#given, given]] as const;
    for (const [mean, value] of parts) {
      const numbers = numbersOf(value, 2);
      if (numbers === undefined || numbers.some((one) => one < 0)) return undefined;
      [mean.mean, mean.weight] = numbers as unknown as [number, number];
    }
    if (!Array.isArray(contests) || contests.length !== CANDIDATES.length) return undefined;
    for (const [kind, value] of (contests as readonly unknown[]).entries()) {
      if (value === null) continue;
      const contest = Contest.fromJSON(value);
      if (contest === undefined || !CANDIDATES[kind]!.includes(contest.chosen)) return undefined;
      model.#contests[kind] = contest;
    }
    model.#size = size === undefined ? undefined : SizeModel.fromJSON(size);
    return size !== undefined && model.#size === undefined ? undefined : model;
  }

  #score(actual: number, given: number | undefined, size: number | undefined): void {
    const kind = kindOf(given, size);
    const candidates = CANDIDATES[kind]!;
    const contest = (this.#contests[kind] ??= new Contest(candidates[0]));
    for (const candidate of candidates) contest.score(candidate, this.#by(candidate, given, size), actual);
    contest.decide(candidates);
  }

  #by(predictor: number, given: number | undefined, size: number | undefined): number {
    switch (predictor) {
      case GIVEN:
        return given!;
      case GIVEN_SCALED:
        return given! * this.#given.mean;
      case RECENT:
        return this.#recent.mean;
      case SIZE:
        return this.#size === undefined ? this.#type.mean : this.#size.predict(size!);
      default:
        return this.#type.mean;
    }
  }
}

function kindOf(given: number | undefined, size: number | undefined): number {
  return (given === undefined ? 0 : 1) + (size === undefined ? 0 : 2);
}
