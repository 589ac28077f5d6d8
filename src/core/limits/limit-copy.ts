/** A limit as a rehearsal counts it: what starts takes of it, and what ends gives back the slots that it had. */
import type { Instant } from "../task.ts";
import type { Meter } from "./meter.ts";
import type { Micros } from "./micros.ts";
import type { LimitRule } from "./rule.ts";
import type { WindowEntry } from "./window-meter.ts";

export class LimitCopy {
  readonly #rule: LimitRule;
  readonly #meter: Meter;
  readonly #capacity: (at: Instant) => Micros;
  readonly #reachedAt: (micros: Micros) => Instant;

  constructor(rule: LimitRule, meter: Meter, capacity: (at: Instant) => Micros, reachedAt: (micros: Micros) => Instant) {
    this.#rule = rule;
    this.#meter = meter;
    this.#capacity = capacity;
    this.#reachedAt = reachedAt;
  }

  hasRoom(amount: Micros, now: Instant): boolean {
    return this.#meter.taken(now) + amount <= this.#capacity(now);
  }

  roomAt(amount: Micros, now: Instant): Instant {
    return this.#meter.roomAt(amount, now, (micros) => Math.max(now, this.#reachedAt(micros)));
  }

  /** The entry is for `giveBack`. */
  take(amount: Micros, now: Instant): WindowEntry | undefined {
    return this.#meter.reserve(amount, now);
  }

  /** An attempt ends that began in the rehearsal, and used what it reserved; or one that ran before it, of which only slots are held. */
  giveBack(entry: WindowEntry | undefined, amount: Micros, now: Instant, ranBefore: boolean): void {
    if (!ranBefore || this.#rule.kind === "slots") this.#meter.settle(entry, amount, amount, now);
  }
}
