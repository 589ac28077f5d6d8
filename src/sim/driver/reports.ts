/** What virtual agents report. Reports of success, nearly all there are, are objects that are used again in every turn. */
import type { Event } from "../../core/event.ts";
import { ENDING } from "./task-table.ts";

interface PooledSuccess {
  readonly kind: "succeed";
  id: number;
  attempt: number;
  readonly result: string;
  readonly usage: { startedAt: number; cpuMs: number; peakMemoryBytes: number; cost: number };
}

const FAILURE = { code: "simulated_failure", error: '{"code":"simulated_failure"}', retryable: true } as const;

export class Reports {
  readonly #pool: PooledSuccess[] = [];
  readonly #savesWork: boolean;
  #used = 0;

  /** @param savesWork a preempted attempt saves a checkpoint. */
  constructor(savesWork: boolean) {
    this.#savesWork = savesWork;
  }

  /** The event objects of the turn before are free again. */
  begin(): void {
    this.#used = 0;
  }

  /** How an attempt ended. The event is good until the turn is over. */
  end(ending: number, id: number, attempt: number, startedAt: number, cost: number): Event {
    if (ending !== ENDING.success) {
      const usage = { startedAt, cpuMs: 0, peakMemoryBytes: 0, cost };
      if (ending === ENDING.failure) return { kind: "fail", id, attempt, failure: FAILURE, usage };
      return this.#savesWork ? { kind: "release", id, attempt, checkpoint: "null", usage } : { kind: "release", id, attempt, usage };
    }
    let event = this.#pool[this.#used];
    if (event === undefined) {
      event = { kind: "succeed", id, attempt, result: "null", usage: { startedAt, cpuMs: 0, peakMemoryBytes: 0, cost } };
      this.#pool.push(event);
    }
    this.#used += 1;
    event.id = id;
    event.attempt = attempt;
    event.usage.startedAt = startedAt;
    event.usage.cost = cost;
    return event;
  }

  /** An attempt that was cut off has ended. */
  release(id: number, attempt: number, startedAt: number): Event {
    return { kind: "release", id, attempt, usage: { startedAt, cpuMs: 0, peakMemoryBytes: 0, cost: 0 } };
  }
}
