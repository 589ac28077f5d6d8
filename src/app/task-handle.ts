/** A task that was submitted: its id, and its result when there is one. Nothing is kept in the engine for a handle. */
import type { Payload } from "../core/event.ts";
import type { TaskId } from "../core/task.ts";
import { formatTaskId } from "../protocol/ids.ts";
import type { Downgraded } from "./why/task-why.ts";
import { parsePayload, type Results } from "./results.ts";

export class TaskHandle<Result = unknown> {
  readonly type: string;
  /** The submission named an existing task by its key. */
  readonly existed: boolean;
  /** Set when it would be late and was accepted as best effort (`ifLate: "downgrade"`): what was expected. */
  readonly downgraded: Downgraded | undefined;
  readonly #number: TaskId;
  readonly #results: Results;
  /** Its result, when it was there before the handle. */
  readonly #result: Payload | undefined;

  constructor(results: Results, number: TaskId, type: string, existed: boolean, downgraded?: Downgraded) {
    this.#results = results;
    this.#number = number;
    this.type = type;
    this.existed = existed;
    this.downgraded = downgraded;
    this.#result = results.recent.get(number);
  }

  /** As `t17`. */
  get id(): string {
    return formatTaskId(this.#number);
  }

  /**
   * Resolves when the task has succeeded and that is durable. Rejects with `TaskFailedError` when it ended otherwise, and with
   * `engine_closed` when the app closes first.
   */
  result(): Promise<Result> {
    const result = this.#result === undefined ? this.#results.resultOf(this.#number) : Promise.resolve(parsePayload(this.#result));
    // What a definition says of its result is what its handler gave, through JSON.
    return result as Promise<Result>;
  }

  toJSON(): { readonly id: string; readonly type: string } {
    return { id: this.id, type: this.type };
  }
}
