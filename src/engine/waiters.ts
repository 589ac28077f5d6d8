/** Those who wait for tasks to settle, and outcomes held for those who are about to. */
import type { TaskId } from "../core/task.ts";
import type { Outcome } from "./agent.ts";

interface Waiter {
  readonly promise: Promise<Outcome>;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

export class Waiters {
  readonly #waiters = new Map<TaskId, Waiter>();
  readonly #keeping = new Map<TaskId, Map<TaskId, Outcome>>();

  get size(): number {
    return this.#waiters.size + this.#keeping.size;
  }

  wait(id: TaskId): Promise<Outcome> {
    let waiter = this.#waiters.get(id);
    if (waiter === undefined) {
      waiter = Promise.withResolvers<Outcome>();
      // Whoever asked may have gone away: an engine that stops must not end the process with an unhandled rejection.
      waiter.promise.catch(() => {});
      this.#waiters.set(id, waiter);
    }
    return waiter.promise;
  }

  /** Keeps the outcomes of these tasks, when they settle, in `kept` instead of dropping them. */
  keep(ids: readonly TaskId[], kept: Map<TaskId, Outcome>): void {
    for (const id of ids) this.#keeping.set(id, kept);
  }

  stopKeeping(ids: readonly TaskId[]): void {
    for (const id of ids) this.#keeping.delete(id);
  }

  /** A kept outcome, or the promise of one that is certain to come; undefined when neither is here. */
  find(id: TaskId): Outcome | Promise<Outcome> | undefined {
    const kept = this.#keeping.get(id);
    return kept === undefined ? this.#waiters.get(id)?.promise : (kept.get(id) ?? this.wait(id));
  }

  settle(outcome: Outcome): void {
    this.#keeping.get(outcome.id)?.set(outcome.id, outcome);
    const waiter = this.#waiters.get(outcome.id);
    if (waiter === undefined) return;
    this.#waiters.delete(outcome.id);
    waiter.resolve(outcome);
  }

  /** Nobody will hear of these tasks any more. */
  rejectAll(error: Error): void {
    for (const waiter of this.#waiters.values()) waiter.reject(error);
    this.#waiters.clear();
  }
}
