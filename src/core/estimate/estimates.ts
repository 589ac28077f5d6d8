/**
 * How long tasks are likely to take: what their submitters said, else what tasks of the type took so far, else a default. Policies
 * rank by it, balancers and forecasts plan with it. Durations are those of an agent of speed 1.
 */
import type { Task } from "../task.ts";

/** Expected of a type of which nothing is known, in ms. */
export const UNKNOWN_SERVICE_MS = 1_000;

interface Seen {
  count: number;
  meanMs: number;
}

export class Estimates {
  readonly #types = new Map<string, Seen>();

  /** Expected service of a task from its start, in ms, at speed 1. */
  serviceMs(task: Task): number {
    return task.extra?.estimateMs ?? this.#types.get(task.spec.type)?.meanMs ?? UNKNOWN_SERVICE_MS;
  }

  /** A task succeeded after so much service, in ms at speed 1. */
  observe(task: Task, serviceMs: number): void {
    let seen = this.#types.get(task.spec.type);
    if (seen === undefined) {
      seen = { count: 0, meanMs: 0 };
      this.#types.set(task.spec.type, seen);
    }
    seen.count += 1;
    seen.meanMs += (serviceMs - seen.meanMs) / seen.count;
  }
}
