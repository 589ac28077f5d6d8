/**
 * How many tasks are in each state. Counted by the states' codes: a table by their names is looked up as any dictionary, which took
 * a twelfth of the whole core's time.
 */
import { TASK_STATES, type TaskState } from "./task.ts";

/** A state's place in `TASK_STATES`. */
export function codeOf(state: TaskState): number {
  switch (state) {
    case "scheduled":
      return 0;
    case "blocked":
      return 1;
    case "queued":
      return 2;
    case "running":
      return 3;
    case "parked":
      return 4;
    case "succeeded":
      return 5;
    case "failed":
      return 6;
    case "cancelled":
      return 7;
    case "expired":
      return 8;
    case "shed":
      return 9;
    case "skipped":
      return 10;
  }
}

const QUEUED = codeOf("queued");
/** States with this code and greater ones are final. */
export const FIRST_FINAL = codeOf("succeeded");

export class StateCounts {
  readonly #counts = new Int32Array(TASK_STATES.length);

  /** `by` may be negative. */
  add(code: number, by: number): void {
    this.#counts[code]! += by;
  }

  /** Asked in every turn. */
  get queued(): number {
    return this.#counts[QUEUED]!;
  }

  /** In all states together. */
  get total(): number {
    let total = 0;
    for (const count of this.#counts) total += count;
    return total;
  }

  toRecord(): Record<TaskState, number> {
    return Object.fromEntries(TASK_STATES.map((state, code) => [state, this.#counts[code]!])) as Record<TaskState, number>;
  }
}
