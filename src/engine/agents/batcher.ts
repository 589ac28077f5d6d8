/**
 * Gathers attempts of one type until there are enough for a batch or the first has waited long enough, and deals the answers
 * of the batch handler out to them.
 */
import type { Clock, Timer } from "../clock.ts";
import type { AttemptRun } from "./attempt-run.ts";
import { failure } from "./failure.ts";
import type { BatchRule } from "./handlers.ts";

const DEFAULT_WAIT_MS = 5;

export class Batcher {
  readonly #size: number;
  readonly #waitMs: number;
  readonly #clock: Clock;
  readonly #work: (runs: readonly AttemptRun[]) => void;
  #waiting: AttemptRun[] = [];
  #timer: Timer | undefined = undefined;

  constructor(rule: BatchRule, clock: Clock, work: (runs: readonly AttemptRun[]) => void) {
    this.#size = rule.size;
    this.#waitMs = rule.waitMs ?? DEFAULT_WAIT_MS;
    this.#clock = clock;
    this.#work = work;
  }

  add(run: AttemptRun): void {
    this.#waiting.push(run);
    if (this.#waiting.length >= this.#size) this.#flush();
    else this.#timer ??= this.#clock.after(this.#waitMs, () => this.#flush());
  }

  /** Attempts were stopped: when none waits any more, nothing should, not even the end of the process. */
  tidy(): void {
    if (this.#waiting.every((run) => run.ended)) this.#flush();
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    // Attempts that were stopped while they waited have ended.
    const runs = this.#waiting.filter((run) => !run.ended);
    this.#waiting = [];
    if (runs.length > 0) this.#work(runs);
  }
}

/** Ends each attempt with its own entry of what a batch handler returned. */
export function settleBatch(runs: readonly AttemptRun[], results: unknown): void {
  try {
    deal(runs, results);
  } catch (error) {
    // An array or an entry of it that cannot be read.
    for (const run of runs) run.reject(error);
  }
}

function deal(runs: readonly AttemptRun[], results: unknown): void {
  if (!Array.isArray(results) || results.length !== runs.length) {
    const came = Array.isArray(results) ? `${results.length} of them` : typeof results;
    const why = failure("batch_mismatch", `A batch handler must return an array with one entry for each of its ${runs.length} inputs, but returned ${came}`, false);
    for (const run of runs) run.fail(why);
    return;
  }
  for (const [index, run] of runs.entries()) {
    const result: unknown = results[index];
    if (result instanceof Error) run.reject(result);
    else run.settle(result);
  }
}
