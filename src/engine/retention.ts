/** Retention: from time to time, finished tasks that are too old or too many are deleted, a bounded number at once. */
import type { RetainRule } from "../store/store.ts";
import type { Clock, Timer } from "./clock.ts";
import type { EngineLimits } from "./limits.ts";

const DELETED_AT_ONCE = 1_000;

export class Retention {
  readonly #retain: (rule: RetainRule) => Promise<number>;
  readonly #clock: Clock;
  readonly #limits: EngineLimits;
  readonly #onError: (error: unknown) => void;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(retain: (rule: RetainRule) => Promise<number>, clock: Clock, limits: EngineLimits, onError: (error: unknown) => void) {
    this.#retain = retain;
    this.#clock = clock;
    this.#limits = limits;
    this.#onError = onError;
    this.#schedule(limits.retainEveryMs);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #schedule(delayMs: number): void {
    if (this.#stopped || !Number.isFinite(delayMs)) return;
    this.#timer = this.#clock.after(delayMs, () => void this.#run().catch(this.#onError), true);
  }

  async #run(): Promise<void> {
    const finishedBefore = this.#clock.now() - this.#limits.retainMs;
    const deleted = await this.#retain({ finishedBefore, keep: this.#limits.retainTasks, limit: DELETED_AT_ONCE });
    // More of the same soon, but with room between for the work itself.
    this.#schedule(deleted < DELETED_AT_ONCE ? this.#limits.retainEveryMs : Math.min(50, this.#limits.retainEveryMs));
  }
}
