/**
 * Counts what was used in the calendar period that runs now. A reservation counts in whatever period it is in, and what was used
 * of it in the period in which it ends. So whenever in between an attempt really spends: of each period, spent + reserved is at
 * most the limit at every instant, and what was really spent in it at most that at its end.
 */
import type { Instant } from "../task.ts";
import type { LimitUsage, Meter } from "./meter.ts";
import { microsOf, unitsOf, type Micros } from "./micros.ts";

export class BudgetMeter implements Meter {
  readonly #perMs: number;
  readonly #anchor: Instant;
  /** Start of the period that `#spent` belongs to. */
  #since: Instant = -Infinity;
  #spent: Micros = 0;
  #held: Micros = 0;

  constructor(perMs: number, anchor: Instant) {
    this.#perMs = perMs;
    this.#anchor = anchor;
  }

  taken(now: Instant): Micros {
    this.#turnOver(now);
    return this.#spent + this.#held;
  }

  reserve(amount: Micros): undefined {
    this.#held += amount;
  }

  settle(_entry: undefined, amount: Micros, used: Micros, now: Instant): void {
    this.#turnOver(now);
    this.#held -= amount;
    this.#spent += used;
  }

  roomAt(amount: Micros, now: Instant, capacityAt: (micros: Micros) => Instant): Instant {
    const inThis = capacityAt(this.taken(now) + amount);
    const nextSince = this.#since + this.#perMs;
    return inThis <= nextSince ? inThis : Math.min(inThis, Math.max(nextSince, capacityAt(this.#held + amount)));
  }

  usage(now: Instant): LimitUsage {
    this.#turnOver(now);
    return { kind: "budget", since: this.#since, spent: unitsOf(this.#spent), held: unitsOf(this.#held) };
  }

  load(usage: LimitUsage, now: Instant): void {
    if (usage.kind !== "budget") return;
    this.#turnOver(now);
    // Kept in a period that is still to come when the clock has gone back, or in one of another length: counted all the same.
    if (usage.since + this.#perMs > now) this.#spent = microsOf(usage.spent);
    this.#spent += microsOf(usage.held);
  }

  #turnOver(now: Instant): void {
    if (now < this.#since + this.#perMs) return;
    // Periods begin at whole ms, and the quotient of whole numbers is never rounded up to the next one.
    this.#since = this.#anchor + Math.floor((Math.floor(now) - this.#anchor) / this.#perMs) * this.#perMs;
    this.#spent = 0;
  }
}
