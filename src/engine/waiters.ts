/** Those who wait for tasks to settle. */
import { PagedTable } from "../core/struct/paged-table.ts";
import type { TaskId } from "../core/task.ts";
import type { Outcome } from "./agent.ts";

interface Waiter {
  readonly promise: Promise<Outcome>;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

export class Waiters {
  #waiters = new PagedTable<Waiter>();
  #over: Error | undefined;

  get size(): number {
    return this.#waiters.size;
  }

  wait(id: TaskId): Promise<Outcome> {
    // Who had to ask the store first may come when it is over.
    if (this.#over !== undefined) return Promise.reject(this.#over);
    let waiter = this.#waiters.get(id);
    if (waiter === undefined) {
      waiter = Promise.withResolvers<Outcome>();
      // Whoever asked may have gone away: an engine that stops must not end the process with an unhandled rejection.
      waiter.promise.catch(() => {});
      this.#waiters.set(id, waiter);
    }
    return waiter.promise;
  }

  /** The promise that somebody waits for already. */
  find(id: TaskId): Promise<Outcome> | undefined {
    return this.#waiters.get(id)?.promise;
  }

  settle(outcome: Outcome): void {
    const waiter = this.#waiters.get(outcome.id);
    if (waiter === undefined) return;
    this.#waiters.delete(outcome.id);
    waiter.resolve(outcome);
  }

  /** Nobody will hear of these tasks any more. */
  rejectAll(error: Error): void {
    this.#over = error;
    for (const waiter of this.#waiters.values()) waiter.reject(error);
    this.#waiters = new PagedTable();
  }
}
