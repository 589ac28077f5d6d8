/**
 * How tasks ended, for those who ask: live tasks, and those whose end is being written, are waited for, tasks just settled are
 * remembered, older ones are read from the store, those asked for in one go together. Waiting for a result costs one promise: by way of the engine's own waiters
 * it took four, and 1.7 µs instead of 0.5 of the caller's thread for each of 100,000 tasks.
 */
import type { Payload } from "../core/event.ts";
import { PagedTable } from "../core/struct/paged-table.ts";
import { isFinal, type TaskId } from "../core/task.ts";
import type { Outcome } from "../engine/agent.ts";
import type { Engine, Fact } from "../engine/types.ts";
import { formatTaskId } from "../protocol/ids.ts";
import type { TaskRow } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { RecentResults } from "./recent-results.ts";
import { TaskFailedError, type FailureState, type TaskError } from "./task-failed-error.ts";

interface Question {
  readonly id: TaskId;
  readonly resolve: (row: TaskRow | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Rows read by one call. */
const READ_AT_ONCE = 1_000;

export class Results {
  readonly recent = new RecentResults();
  readonly #engine: Engine;
  readonly #store: Store;
  #waiting = new PagedTable<PromiseWithResolvers<unknown>>();
  #questions: Question[] = [];
  /** Why nothing more is heard of tasks. */
  #ended: Error | undefined;

  constructor(engine: Engine, store: Store) {
    this.#engine = engine;
    this.#store = store;
  }

  /** To be told of every change of a task that may be its end. */
  note({ task, state, result, error, reason }: Fact): void {
    if (state === "succeeded") this.recent.note(task.id, result ?? "null");
    if (this.#waiting.size === 0 || !isFinal(state)) return;
    const waiter = this.#waiting.get(task.id);
    if (waiter === undefined) return;
    this.#waiting.delete(task.id);
    if (state === "succeeded") waiter.resolve(parsePayload(result));
    else waiter.reject(failed({ id: task.id, type: task.spec.type, state, reason, error, attempts: task.attempt }));
  }

  /** Nobody will hear of tasks any more. */
  end(why: Error): void {
    this.#ended ??= why;
    for (const waiter of this.#waiting.values()) {
      // Who asked may have gone away: that must not end the process with an unhandled rejection.
      waiter.promise.catch(() => {});
      waiter.reject(why);
    }
    this.#waiting = new PagedTable();
  }

  /** Resolves to the parsed result when the task succeeded; rejects with `TaskFailedError` when it ended otherwise. */
  resultOf(id: TaskId): Promise<unknown> {
    const waiter = this.#waiting.get(id);
    if (waiter !== undefined) return waiter.promise;
    if (!this.#engine.isUnsettled(id)) {
      const result = this.recent.get(id);
      return result === undefined ? this.#readResult(id) : Promise.resolve(parsePayload(result));
    }
    return this.#ended === undefined ? this.#wait(id) : Promise.reject(this.#ended);
  }

  async outcomeOf(id: TaskId): Promise<Outcome> {
    if (!this.#engine.isUnsettled(id)) {
      const result = this.recent.get(id);
      if (result !== undefined) return { id, name: undefined, state: "succeeded", result, error: undefined };
      const row = await this.#read(id);
      if (row !== undefined && isFinal(row.state)) return { id, name: row.name ?? undefined, state: row.state, result: row.result, error: row.error };
    }
    return this.#engine.settled(id);
  }

  #wait(id: TaskId): Promise<unknown> {
    const waiter = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiter);
    return waiter.promise;
  }

  async #readResult(id: TaskId): Promise<unknown> {
    const row = await this.#read(id);
    if (row === undefined || !isFinal(row.state)) {
      // Run again meanwhile, or unknown, which the engine says.
      if (!this.#engine.isUnsettled(id)) await this.#engine.settled(id);
      return this.resultOf(id);
    }
    if (row.state === "succeeded") return parsePayload(row.result);
    throw failed({ id, type: row.spec.type, state: row.state, reason: row.reason ?? undefined, error: row.error, attempts: row.attempt });
  }

  #read(id: TaskId): Promise<TaskRow | undefined> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      if (this.#questions.push({ id, resolve, reject }) === 1) queueMicrotask(() => this.#readAll());
    });
  }

  #readAll(): void {
    const questions = this.#questions;
    this.#questions = [];
    for (let from = 0; from < questions.length; from += READ_AT_ONCE) {
      const some = questions.slice(from, from + READ_AT_ONCE);
      this.#readSome(some).catch((error: unknown) => some.forEach((question) => question.reject(error)));
    }
  }

  async #readSome(questions: readonly Question[]): Promise<void> {
    const rows = await this.#store.taskGet([...new Set(questions.map((question) => question.id))], true);
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const { id, resolve } of questions) resolve(byId.get(id));
  }
}

export function parsePayload(payload: Payload | undefined): unknown {
  return payload === undefined || payload === "null" ? null : JSON.parse(payload);
}

interface Ending {
  readonly id: TaskId;
  readonly type: string;
  readonly state: FailureState;
  readonly reason: string | undefined;
  readonly error: Payload | undefined;
  readonly attempts: number;
}

function failed({ id, error, ...rest }: Ending): TaskFailedError {
  return new TaskFailedError({ ...rest, id: formatTaskId(id), error: error === undefined ? undefined : (JSON.parse(error) as TaskError) });
}
