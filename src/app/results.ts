/**
 * How tasks ended, for those who ask: live tasks are waited for, tasks just settled are remembered, older ones are read from
 * the store, those asked for in one go together.
 */
import type { Payload } from "../core/event.ts";
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
  readonly resolve: (outcome: Outcome | Promise<Outcome>) => void;
  readonly reject: (error: unknown) => void;
}

/** Rows read by one call. */
const READ_AT_ONCE = 1_000;

export class Results {
  readonly recent = new RecentResults();
  readonly #engine: Engine;
  readonly #store: Store;
  #questions: Question[] = [];

  constructor(engine: Engine, store: Store) {
    this.#engine = engine;
    this.#store = store;
  }

  /** To be told of every settled task. */
  note(fact: Fact): void {
    if (fact.state === "succeeded" && fact.result !== undefined) this.recent.note(fact.task.id, fact.result);
  }

  /** Resolves to the parsed result when the task succeeded; rejects with `TaskFailedError` when it ended otherwise. */
  async resultOf(id: TaskId, type: string): Promise<unknown> {
    const outcome = await this.outcomeOf(id);
    if (outcome.state === "succeeded") return parsePayload(outcome.result);
    const [row] = await this.#store.taskGet([id], false);
    const error = outcome.error === undefined ? undefined : (JSON.parse(outcome.error) as TaskError);
    throw new TaskFailedError({
      id: formatTaskId(id),
      type,
      state: outcome.state as FailureState,
      reason: row?.reason ?? undefined,
      error,
      attempts: row?.attempt ?? 0,
    });
  }

  outcomeOf(id: TaskId): Promise<Outcome> {
    if (this.#engine.liveTask(id) === undefined) {
      const result = this.recent.get(id);
      if (result !== undefined) return Promise.resolve({ id, name: undefined, state: "succeeded", result, error: undefined });
      if (this.#engine.failure === undefined) return this.#read(id);
    }
    return this.#engine.settled(id);
  }

  #read(id: TaskId): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (this.#questions.push({ id, resolve, reject }) === 1) queueMicrotask(() => this.#readAll());
    });
  }

  #readAll(): void {
    const questions = this.#questions;
    this.#questions = [];
    for (let from = 0; from < questions.length; from += READ_AT_ONCE) {
      const some = questions.slice(from, from + READ_AT_ONCE);
      this.#store.taskGet([...new Set(some.map((question) => question.id))], true).then(
        (rows) => this.#answer(some, rows),
        (error: unknown) => some.forEach((question) => question.reject(error)),
      );
    }
  }

  #answer(questions: readonly Question[], rows: readonly TaskRow[]): void {
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const { id, resolve } of questions) {
      const row = byId.get(id);
      // Unknown, or not settled yet for the store: the engine knows what to say.
      if (row === undefined || !isFinal(row.state)) resolve(this.#engine.settled(id));
      else resolve({ id, name: row.name ?? undefined, state: row.state, result: row.result, error: row.error });
    }
  }
}

export function parsePayload(payload: Payload | undefined): unknown {
  return payload === undefined || payload === "null" ? null : JSON.parse(payload);
}
