/**
 * A workload on another scale of time: `speedUp` makes all of it so many times as fast (arrivals, services, due dates, think
 * times), `load` only the arrivals, so that more is asked of the same agents.
 */
import type { TaskSource, WorkloadTask } from "./task.ts";
import type { Workload } from "./workload.ts";

export interface Scale {
  /** Default 1. */
  readonly speedUp?: number;
  /** Default 1. */
  readonly load?: number;
}

export function scaledWorkload(workload: Workload, { speedUp = 1, load = 1 }: Scale): Workload {
  if (speedUp === 1 && load === 1) return workload;
  const { name, taskCount, notes } = workload;
  return { name, taskCount, notes, open: (seed) => new ScaledSource(workload.open(seed), speedUp, load) };
}

/** Due dates and deadlines keep their distance from the arrival, but for `speedUp`. */
class ScaledSource implements TaskSource {
  readonly #source: TaskSource;
  readonly #speedUp: number;
  readonly #load: number;

  constructor(source: TaskSource, speedUp: number, load: number) {
    this.#source = source;
    this.#speedUp = speedUp;
    this.#load = load;
  }

  get types(): readonly string[] {
    return this.#source.types;
  }

  get taskCount(): number | undefined {
    return this.#source.taskCount;
  }

  get hasNeeds(): boolean {
    return this.#source.hasNeeds === true;
  }

  get isStarved(): boolean {
    return this.#source.isStarved === true;
  }

  get nextAtMs(): number {
    return this.#source.nextAtMs / (this.#speedUp * this.#load);
  }

  take(): WorkloadTask {
    const task = this.#source.take();
    const arrivalMs = task.arrivalMs / (this.#speedUp * this.#load);
    const after = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : arrivalMs + (ms - task.arrivalMs) / this.#speedUp);
    const { dueMs, deadlineMs, estimateMs } = task;
    return {
      ...task,
      arrivalMs,
      serviceMs: task.serviceMs / this.#speedUp,
      dueMs: after(dueMs),
      deadlineMs: after(deadlineMs),
      estimateMs: estimateMs === undefined ? undefined : estimateMs / this.#speedUp,
    };
  }

  /** Think times shrink with the arrivals: the source's own clock runs faster by both. */
  ended(ref: number, atMs: number): void {
    this.#source.ended?.(ref, atMs * this.#speedUp * this.#load);
  }
}
