/**
 * How a limit answers to "429": it shrinks at once and recovers slowly (additive increase, multiplicative decrease; Chiu and Jain,
 * 1989). One congestion is one decrease: answers to what was on its way when the limit shrank say nothing new (as TCP halves once
 * for all losses of a window). The constants: half at each congestion, not below 1/64 of the limit or one unit; kept there until
 * the time to retry after; then back up by the whole limit in a minute, evenly, and never above it.
 */
import { nextDown, nextUp } from "../struct/doubles.ts";
import type { Instant } from "../task.ts";
import { ONE_UNIT, type Micros } from "./micros.ts";

export const SHRINK_FACTOR = 0.5;
/** The least that is left, as a share of the limit. */
export const LEAST_SHARE = 1 / 64;
/** Time in which a limit that was shrunk to nothing would be back, in ms. */
export const RECOVERY_MS = 60_000;

export class Throttle {
  /** What the limit was shrunk to; undefined when it is whole. */
  #shrunkTo: Micros | undefined;
  #heldUntil: Instant = 0;
  /** Reservations with a higher number were made after the limit shrank. */
  #serial = -1;
  #shrunkAt: Instant = -Infinity;

  /** Congestions so far. */
  shrinks = 0;

  /**
   * A 429 came to an attempt that started at `startedAt`, with the reservation of this number if it had one; `lastSerial` is the
   * newest number of all.
   */
  shrink(units: Micros, serial: number | undefined, lastSerial: number, startedAt: Instant, now: Instant, retryAfterMs: number): void {
    if (serial === undefined ? startedAt > this.#shrunkAt : serial > this.#serial) {
      const before = this.capacity(units, now);
      // It may have less than the least already: when it was declared larger since it shrank.
      const least = Math.min(before, Math.max(ONE_UNIT, Math.floor(units * LEAST_SHARE)));
      this.#shrunkTo = Math.max(least, Math.floor(before * SHRINK_FACTOR));
      this.#heldUntil = now;
      this.#serial = lastSerial;
      this.#shrunkAt = now;
      this.shrinks += 1;
    }
    if (this.#shrunkTo === undefined) return;
    // A later answer of the same congestion may ask for more patience. What has recovered meanwhile stays.
    if (now + retryAfterMs > this.#heldUntil) {
      this.#shrunkTo = this.capacity(units, now);
      this.#heldUntil = now + retryAfterMs;
    }
  }

  /** What there may be of a limit of so many units at `now`. */
  capacity(units: Micros, now: Instant): Micros {
    if (this.#shrunkTo === undefined) return units;
    const recovered = now <= this.#heldUntil ? 0 : Math.floor((units * (now - this.#heldUntil)) / RECOVERY_MS);
    return Math.min(units, this.#shrunkTo + recovered);
  }

  /** The earliest instant from `now` at which the limit has so much; Infinity when it never has. */
  reachedAt(micros: Micros, units: Micros, now: Instant): Instant {
    if (micros > units) return Infinity;
    if (this.capacity(units, now) >= micros) return now;
    let at = Math.max(now, this.#heldUntil + ((micros - this.#shrunkTo!) * RECOVERY_MS) / units);
    // Products and quotients may be off by their last bits.
    while (this.capacity(units, at) < micros) at = nextUp(at);
    for (let before = nextDown(at); this.capacity(units, before) >= micros; before = nextDown(at)) at = before;
    return at;
  }
}
