/**
 * A stream of independent tasks as a source: arrivals of a process, services of a distribution, and what else tasks may have.
 * One object is filled anew for each task.
 */
import type { Distribution } from "../distributions.ts";
import { Random } from "../random.ts";
import { DEFAULT_TYPE, type TaskSource, type WorkloadTask } from "../workload/task.ts";
import type { Arrivals } from "./arrivals.ts";

export interface StreamOptions {
  /** Made anew for every source, since it may have a state. */
  readonly arrivals: () => Arrivals;
  /** Seconds at speed 1. */
  readonly service: Distribution;
  /** How many tasks; default without end. */
  readonly tasks?: number;
  /** So many types (`task1`, `task2`, …), drawn alike; default 1, named `task`. */
  readonly types?: number;
  /** So many tenants (`tenant1`, …), drawn alike; default none. */
  readonly tenants?: number;
  /** Priorities from 1 to this, drawn alike; default all 3. */
  readonly priorities?: number;
  /** So many limit keys (`key1`, …), drawn alike, one task of each at a time; default none. */
  readonly limitKeys?: number;
  /** Seconds from the arrival to the due date. */
  readonly due?: Distribution;
  /** Standard deviation of the logarithm of estimate by service: 0 is exact. Default: tasks have no estimate. */
  readonly estimateError?: number;
}

/** A mutable task: one is made, and filled for each arrival. */
type Draft = { -readonly [Key in keyof WorkloadTask]: WorkloadTask[Key] };

const ARRIVALS = 1;
const SERVICES = 2;
const EXTRAS = 3;

export class TaskStream implements TaskSource {
  readonly types: readonly string[];
  readonly taskCount: number | undefined;
  nextAtMs = Infinity;
  readonly #options: StreamOptions;
  readonly #arrivals: Arrivals;
  readonly #arrivalRandom: Random;
  readonly #serviceRandom: Random;
  readonly #extraRandom: Random;
  readonly #task: Draft = { arrivalMs: 0, serviceMs: 0 };
  readonly #tenants: readonly string[];
  readonly #limitKeys: readonly string[];
  readonly #hasExtras: boolean;
  #nowS = 0;
  #left: number;

  constructor(options: StreamOptions, seed: number) {
    const { types = 1, tenants = 0, limitKeys = 0, tasks, priorities, due, estimateError } = options;
    this.#options = options;
    this.types = types === 1 ? [DEFAULT_TYPE] : names("task", types);
    this.#tenants = names("tenant", tenants);
    this.#limitKeys = names("key", limitKeys);
    this.taskCount = tasks;
    this.#left = tasks ?? Infinity;
    this.#arrivals = options.arrivals();
    this.#arrivalRandom = new Random(seed, ARRIVALS);
    this.#serviceRandom = new Random(seed, SERVICES);
    this.#extraRandom = new Random(seed, EXTRAS);
    this.#hasExtras = types > 1 || tenants > 0 || limitKeys > 0 || priorities !== undefined || due !== undefined || estimateError !== undefined;
    this.#advance();
  }

  take(): WorkloadTask {
    const task = this.#task;
    task.arrivalMs = this.nextAtMs;
    task.serviceMs = this.#options.service.draw(this.#serviceRandom) * 1000;
    if (this.#hasExtras) this.#addExtras(task);
    this.#left -= 1;
    this.#advance();
    return task;
  }

  #advance(): void {
    if (this.#left <= 0) {
      this.nextAtMs = Infinity;
      return;
    }
    this.#nowS = this.#arrivals.next(this.#nowS, this.#arrivalRandom);
    this.nextAtMs = this.#nowS * 1000;
  }

  #addExtras(task: Draft): void {
    const { priorities, due, estimateError } = this.#options;
    const random = this.#extraRandom;
    if (this.types.length > 1) task.type = this.types[random.below(this.types.length)];
    if (this.#tenants.length > 0) task.tenant = this.#tenants[random.below(this.#tenants.length)];
    if (this.#limitKeys.length > 0) task.limitKey = this.#limitKeys[random.below(this.#limitKeys.length)];
    if (priorities !== undefined) task.priority = 1 + random.below(priorities);
    if (due !== undefined) task.dueMs = task.arrivalMs + due.draw(random) * 1000;
    if (estimateError !== undefined) task.estimateMs = task.serviceMs * Math.exp(estimateError * random.normal());
  }
}

function names(name: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${name}${index + 1}`);
}
