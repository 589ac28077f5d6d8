/**
 * Inputs between submission and start. Most tasks start soon after they came in; their input need not be read back. Bounded
 * in bytes: what does not fit is read from the store when its attempt starts.
 */
import type { Payload } from "../core/event.ts";
import { PagedTable } from "../core/struct/paged-table.ts";
import type { TaskId } from "../core/task.ts";

export class InputCache {
  readonly #limitBytes: number;
  readonly #inputs = new PagedTable<Payload>();
  #chars = 0;

  /** @param limitBytes most memory for inputs, at two bytes a character */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  put(id: TaskId, input: Payload): void {
    if ((this.#chars + input.length) * 2 > this.#limitBytes) return;
    this.#chars += input.length;
    this.#inputs.set(id, input);
  }

  /** The input, which leaves the cache; undefined when it is not here. */
  take(id: TaskId): Payload | undefined {
    const input = this.#inputs.get(id);
    if (input === undefined) return undefined;
    this.#inputs.delete(id);
    this.#chars -= input.length;
    return input;
  }
}
