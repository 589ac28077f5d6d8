/** All that is learned of one task type: service and cost by estimate and size, how actual values spread, and how good it all is. */
import { Accuracy } from "./accuracy.ts";
import type { Predictor } from "./predictors.ts";
import { QuantityModel } from "./quantity-model.ts";
import { boundsOfClass, classOf } from "./size-model.ts";
import { Spread } from "./spread.ts";
import { membersOf } from "./stored-numbers.ts";

const FORMAT = 1;
/** A longer row leaves out the spreads of its size classes; they are learned anew. */
const LONGEST_JSON = 16_384;
/** Shorter expectations are not compared with what was served. */
const SMALLEST_MS = 1e-6;
/** After so many tasks of a type only every fourth is scored: means learn from all, but errors are well known by then, and scoring is two thirds of the time. */
const SCORED_ALL = 1_000;
/** 2^32 ÷ the golden ratio: its multiples are spread evenly, whatever pattern tasks come in (Knuth, volume 3). */
const GOLDEN = 0x9e37_79b1;

/** What is known of one size class. */
export interface SizeClassEstimate {
  /** Sizes from this one on, below the next. `belowSize` is Infinity in the last class. */
  readonly fromSize: number;
  readonly belowSize: number;
  readonly tasks: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly medianFactor: number;
  readonly withinQuarter: number;
}

/** What is known of a type, for people. Shares are from 0 to 1, durations ms at speed 1. */
export interface TypeEstimate {
  readonly type: string;
  /** Tasks learned from, in all; newer ones count more. */
  readonly tasks: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  /** What a task costs by its own account, the time of its agent left out. */
  readonly meanCost: number;
  /** What predicts its tasks now. */
  readonly predictor: Predictor;
  readonly errors: {
    /** Half of the predictions were off by at most this factor, up or down; 1 is perfect. */
    readonly medianFactor: number;
    readonly meanOffMs: number;
    /** Mean of actual − expected. */
    readonly biasMs: number;
    /** Share of tasks within ±25 % of what was expected. */
    readonly withinQuarter: number;
    /** Share of pairs of tasks whose longer one was expected to be so; 0.5 is chance, undefined before there are two. */
    readonly ordered: number | undefined;
  };
  /** How good the estimates are that came with tasks; undefined when none did. */
  readonly given: { readonly tasks: number; /** Mean of actual ÷ given. */ readonly factor: number; readonly medianFactor: number; readonly withinQuarter: number } | undefined;
  readonly sizes: readonly SizeClassEstimate[];
}

export class TypeModel {
  tasks = 0;
  /** Counts up over all types: the type with the lowest was observed longest ago. */
  lastUse = 0;
  /** Something was learned that is not stored. */
  isChanged = false;
  #givenTasks = 0;
  #service = new QuantityModel();
  /** Absent while no task reported a cost. */
  #cost: QuantityModel | undefined;
  #spread = new Spread();
  #accuracy = new Accuracy();
  /** How actual ÷ given spreads. */
  #givenSpread: Spread | undefined;
  readonly #classes = new Map<number, Spread>();

  serviceMs(given: number | undefined, size: number | undefined): number {
    return this.#service.predict(given, size);
  }

  quantileMs(q: number, given: number | undefined, size: number | undefined): number {
    return this.serviceMs(given, size) * this.#spread.quantile(q, this.#classOf(size));
  }

  remainingMs(attainedMs: number, given: number | undefined, size: number | undefined): number {
    const expectedMs = this.serviceMs(given, size);
    if (!(attainedMs > 0)) return expectedMs;
    return expectedMs > SMALLEST_MS ? expectedMs * this.#spread.meanBeyond(attainedMs / expectedMs, this.#classOf(size)) : attainedMs;
  }

  cost(size: number | undefined): number {
    return this.#cost?.predict(undefined, size) ?? 0;
  }

  /**
   * A task succeeded that was submitted with this estimate and this size. `expectedMs` was expected when it started; undefined when
   * nothing was known then. Service and cost are from 0 to 1e15. (Not an object: this is called for every task.)
   */
  observe(serviceMs: number, expectedMs: number | undefined, given: number | undefined, size: number | undefined, cost: number): void {
    const isScored = this.tasks < SCORED_ALL || Math.imul(this.tasks, GOLDEN) >>> 30 === 0;
    if (isScored) this.#score(serviceMs, expectedMs, given, size);
    if (given !== undefined) this.#givenTasks += 1;
    this.#service.learn(serviceMs, given, size, isScored);
    if (cost !== 0 || this.#cost !== undefined) (this.#cost ??= new QuantityModel(this.tasks)).learn(cost, undefined, size, isScored);
    this.tasks += 1;
  }

  describe(type: string): TypeEstimate {
    return {
      type,
      tasks: this.tasks,
      meanMs: this.#service.mean,
      p50Ms: this.#service.mean * this.#spread.quantile(0.5),
      p90Ms: this.#service.mean * this.#spread.quantile(0.9),
      meanCost: this.#cost?.mean ?? 0,
      predictor: this.#service.inUse,
      errors: {
        medianFactor: this.#spread.medianFactor,
        meanOffMs: this.#accuracy.meanOff,
        biasMs: this.#accuracy.bias,
        withinQuarter: this.#spread.shareWithinQuarter,
        ordered: this.#accuracy.shareOrdered,
      },
      given: this.#givenSpread && {
        tasks: this.#givenTasks,
        factor: this.#service.givenFactor,
        medianFactor: this.#givenSpread.medianFactor,
        withinQuarter: this.#givenSpread.shareWithinQuarter,
      },
      sizes: (this.#service.sizes?.classes() ?? []).map(({ index, tasks, mean }) => {
        const [fromSize, belowSize] = boundsOfClass(index);
        const spread = this.#classes.get(index);
        return {
          fromSize,
          belowSize,
          tasks,
          meanMs: mean,
          p50Ms: mean * this.#spread.quantile(0.5, spread),
          p90Ms: mean * this.#spread.quantile(0.9, spread),
          medianFactor: spread?.medianFactor ?? 1,
          withinQuarter: spread?.shareWithinQuarter ?? 0,
        };
      }),
    };
  }

  /** JSON text of bounded length. */
  toText(): string {
    const all = {
      format: FORMAT,
      tasks: this.tasks,
      givenTasks: this.#givenTasks,
      service: this.#service.toJSON(),
      ...(this.#cost !== undefined && { cost: this.#cost.toJSON() }),
      spread: this.#spread.toJSON(),
      accuracy: this.#accuracy.toJSON(),
      ...(this.#givenSpread !== undefined && { givenSpread: this.#givenSpread.toJSON() }),
    };
    const classes = [...this.#classes].sort(([a], [b]) => a - b).map(([index, spread]) => [index, spread.toJSON()]);
    const text = JSON.stringify({ ...all, classes });
    return text.length > LONGEST_JSON ? JSON.stringify({ ...all, classes: [] }) : text;
  }

  /** Undefined when the text is damaged or of another format. */
  static fromText(text: string): TypeModel | undefined {
    const json = membersOf(parsed(text));
    const { format, tasks, givenTasks } = json;
    if (format !== FORMAT || !isCount(tasks) || !isCount(givenTasks) || !Array.isArray(json["classes"])) return undefined;
    const service = QuantityModel.fromJSON(json["service"]);
    const cost = json["cost"] === undefined ? undefined : QuantityModel.fromJSON(json["cost"]);
    const spread = Spread.fromJSON(json["spread"]);
    const accuracy = Accuracy.fromJSON(json["accuracy"]);
    const givenSpread = json["givenSpread"] === undefined ? undefined : Spread.fromJSON(json["givenSpread"]);
    if (service === undefined || spread === undefined || accuracy === undefined) return undefined;
    if ((cost === undefined) !== (json["cost"] === undefined) || (givenSpread === undefined) !== (json["givenSpread"] === undefined)) return undefined;
    const model = new TypeModel();
    model.tasks = tasks;
    model.#givenTasks = givenTasks;
    model.#service = service;
    model.#cost = cost;
    model.#spread = spread;
    model.#accuracy = accuracy;
    model.#givenSpread = givenSpread;
    for (const entry of json["classes"] as readonly unknown[]) {
      const [index, value] = Array.isArray(entry) ? (entry as readonly unknown[]) : [];
      const ofClass = Spread.fromJSON(value);
      if (!isCount(index) || ofClass === undefined) return undefined;
      model.#classes.set(index, ofClass);
    }
    return model;
  }

  /** How good the prediction was. The model knows nothing of the value yet. */
  #score(serviceMs: number, expectedMs: number | undefined, given: number | undefined, size: number | undefined): void {
    const expected = expectedMs ?? (this.tasks > 0 ? this.#service.predict(given, size) : undefined);
    if (expected !== undefined) {
      const ratio = ratioOf(serviceMs, expected);
      this.#spread.record(ratio);
      if (size !== undefined) this.#spreadOf(classOf(size)).record(ratio);
      this.#accuracy.note(serviceMs, expected);
    }
    if (given !== undefined) (this.#givenSpread ??= new Spread()).record(ratioOf(serviceMs, given));
  }

  #classOf(size: number | undefined): Spread | undefined {
    return size === undefined ? undefined : this.#classes.get(classOf(size));
  }

  #spreadOf(index: number): Spread {
    let spread = this.#classes.get(index);
    if (spread === undefined) {
      spread = new Spread();
      this.#classes.set(index, spread);
    }
    return spread;
  }
}

function ratioOf(actual: number, expected: number): number {
  return expected > SMALLEST_MS ? actual / expected : actual > 0 ? Infinity : 1;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
