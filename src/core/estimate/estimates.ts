/**
 * How long tasks are likely to take and what they are likely to cost: learned per type and size, with the submitter's estimate as
 * the prior. Policies rank by it, balancers and forecasts plan with it. Durations are those of an agent of speed 1.
 * docs/estimates.md explains the model; every part of it takes constant time and memory for each task type.
 */
import type { Task } from "../task.ts";
import { TypeModel, type TypeEstimate } from "./type-model.ts";

export type { TypeEstimate } from "./type-model.ts";

/** Expected of a type of which nothing is known, in ms. */
export const UNKNOWN_SERVICE_MS = 1_000;

/** More types than this are not remembered: those that were observed longest ago go first. */
const TYPES_MAX = 10_000;
/** So many go at once, since finding them looks at all. */
const TYPES_DROPPED = 500;

/** Nothing takes or costs more: numbers beyond would overflow when they are squared. */
const LARGEST = 1e15;

/** What was learned of a type, as JSON text to be stored. */
export interface LearnedType {
  readonly type: string;
  readonly text: string;
}

export class Estimates {
  readonly #types = new Map<string, TypeModel>();
  /** The last one looked up: tasks of one type come in a row. */
  #last: TypeModel | undefined;
  #lastType: string | undefined;
  /** Types with something to be stored, in the order in which they changed. */
  #changed: string[] = [];
  #uses = 0;

  /** Expected service of a task from its start, in ms at speed 1: the mean, which shortest-job-first is best with. */
  serviceMs(task: Task): number {
    return this.expectedMs(task) ?? UNKNOWN_SERVICE_MS;
  }

  /** The same, but undefined when nothing is known of the task and its type. */
  expectedMs(task: Task): number | undefined {
    const { extra } = task;
    const model = this.#model(task.spec.type);
    const expected = model === undefined ? extra?.estimateMs : model.serviceMs(extra?.estimateMs, extra?.size);
    return expected === undefined || expected <= LARGEST ? expected : LARGEST;
  }

  /** Service that a share `q` (0 to 1) of tasks like this one do not exceed, in ms at speed 1. */
  serviceQuantileMs(task: Task, q: number): number {
    return (this.#model(task.spec.type) ?? UNKNOWN).quantileMs(q, this.#givenOr(task), task.extra?.size);
  }

  /**
   * Expected rest of a task that was served `attainedMs` (at speed 1) already: the mean of what those that lasted so long still
   * took. More than 0 however long it runs.
   */
  remainingAfterMs(task: Task, attainedMs: number): number {
    return (this.#model(task.spec.type) ?? UNKNOWN).remainingMs(attainedMs, this.#givenOr(task), task.extra?.size);
  }

  /**
   * What a task is likely to cost by its own account (`context.cost()`: tokens, API calls), in the currency of the agents' rates.
   * What its agent costs comes on top: expected service ÷ speed × rate.
   */
  expectedCost(task: Task): number {
    return this.#model(task.spec.type)?.cost(task.extra?.size) ?? 0;
  }

  /**
   * A task succeeded after so much service, in ms at speed 1. `expectedMs` is what `expectedMs()` said when it started. Attempts that
   * failed, timed out or were stopped are not learned from: how long they would have taken is not known.
   */
  observe(task: Task, serviceMs: number, expectedMs?: number, cost = 0): void {
    const { type } = task.spec;
    let model = this.#model(type);
    if (model === undefined) {
      model = new TypeModel();
      this.#add(type, model);
    }
    model.lastUse = ++this.#uses;
    const { extra } = task;
    model.observe(bounded(serviceMs), expectedMs, extra?.estimateMs, extra?.size, bounded(cost));
    if (model.isChanged) return;
    model.isChanged = true;
    this.#changed.push(type);
  }

  /** Types in the order of their names. */
  describe(): readonly TypeEstimate[] {
    return [...this.#types.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([type, model]) => model.describe(type));
  }

  /** Something was learned since it was last taken to be stored. */
  get hasChanged(): boolean {
    return this.#changed.length > 0;
  }

  /** What changed since it was last taken, of at most `limit` types. */
  takeChanged(limit: number): readonly LearnedType[] {
    const taken = this.#changed.slice(0, limit);
    this.#changed = this.#changed.slice(limit);
    return taken.flatMap((type) => {
      const model = this.#types.get(type);
      if (model === undefined) return [];
      model.isChanged = false;
      return [{ type, text: model.toText() }];
    });
  }

  /** Takes back what was stored; false when the text is damaged or of another format, and then nothing is known of the type. */
  restore({ type, text }: LearnedType): boolean {
    const model = TypeModel.fromText(text);
    if (model === undefined) return false;
    this.#add(type, model);
    return true;
  }

  #model(type: string): TypeModel | undefined {
    if (type === this.#lastType) return this.#last;
    this.#lastType = type;
    this.#last = this.#types.get(type);
    return this.#last;
  }

  /** Undefined lets a model predict for itself; a type without one has nothing but the estimate or the default. */
  #givenOr(task: Task): number | undefined {
    return task.extra?.estimateMs ?? (this.#types.has(task.spec.type) ? undefined : UNKNOWN_SERVICE_MS);
  }

  #add(type: string, model: TypeModel): void {
    if (this.#types.size >= TYPES_MAX && !this.#types.has(type)) {
      const oldest = [...this.#types].sort(([, a], [, b]) => a.lastUse - b.lastUse).slice(0, TYPES_DROPPED);
      for (const [name] of oldest) this.#types.delete(name);
      this.#lastType = undefined;
    }
    this.#types.set(type, model);
    this.#lastType = undefined;
  }
}

function bounded(value: number): number {
  return Math.min(LARGEST, Math.max(0, value));
}

/** Spreads as is assumed before anything is known. */
const UNKNOWN = new TypeModel();
