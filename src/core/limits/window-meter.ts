/**
 * Counts what was used in the last `perMs`, for every instant: an exact sliding window, without the bursts that fixed periods let
 * through at their borders. An attempt's use counts from its start (or from its end, if so chosen) until `perMs` later, and while
 * it runs its reservation counts in any case. So for every half-open stretch of `perMs`: what counts in it, reserved or
 * used, is at most the limit.
 *
 * Memory is bounded: 512 entries are exact; of further ones those within 1/512 of the window are taken together and count as if
 * all of them came with the last. That is never too early, and at most 1/512 of the window too late.
 */
import { sumRoundedUp } from "../struct/doubles.ts";
import type { Instant } from "../task.ts";
import type { LimitUsage, Meter } from "./meter.ts";
import { microsOf, unitsOf, type Micros } from "./micros.ts";

const EXACT_ENTRIES = 512;
const KEPT_ENTRIES = 64;
/** Entries that have left the window are cut off when they are so many, and most. */
const SMALLEST_CUT = 64;

export interface WindowEntry {
  /** Instant of the first use that it stands for. */
  readonly since: Instant;
  /** Instant at which all of it counts: that of the last. */
  at: Instant;
  /** Used or reserved. */
  total: Micros;
  /** Of it, reserved by attempts that still run. */
  reserved: Micros;
  /** It has left the window; what is still reserved of it counts among the held. */
  left: boolean;
}

export class WindowMeter implements Meter {
  readonly #perMs: number;
  readonly #counts: "start" | "end";
  /** By instant; those before `#first` have left the window. */
  #entries: WindowEntry[] = [];
  #first = 0;
  /** Sum of the entries in the window. */
  #inWindow: Micros = 0;
  /** Reserved by attempts that started before the window, or whose use counts at their end. */
  #held: Micros = 0;

  constructor(perMs: number, counts: "start" | "end") {
    this.#perMs = perMs;
    this.#counts = counts;
  }

  taken(now: Instant): Micros {
    this.#slide(now);
    return this.#inWindow + this.#held;
  }

  reserve(amount: Micros, now: Instant): WindowEntry | undefined {
    if (this.#counts === "start") return this.#add(amount, amount, now);
    this.#held += amount;
    return undefined;
  }

  settle(entry: WindowEntry | undefined, amount: Micros, used: Micros, now: Instant): void {
    this.#slide(now);
    if (entry === undefined || entry.left) this.#held -= amount;
    if (entry === undefined) {
      if (used > 0) this.#add(used, 0, now);
      return;
    }
    entry.reserved -= amount;
    if (!entry.left) {
      const unused = Math.max(0, amount - used);
      entry.total -= unused;
      this.#inWindow -= unused;
    }
    // Nobody knows when more was used than reserved; at the latest now.
    if (used > amount) this.#add(used - amount, 0, now);
  }

  roomAt(amount: Micros, now: Instant, capacityAt: (micros: Micros) => Instant): Instant {
    let taken = this.taken(now);
    let best = capacityAt(taken + amount);
    for (let index = this.#first; index < this.#entries.length; index++) {
      const entry = this.#entries[index]!;
      const leavesAt = this.#leavesAt(entry);
      if (leavesAt >= best) break;
      taken -= entry.total - entry.reserved;
      best = Math.min(best, Math.max(leavesAt, capacityAt(taken + amount)));
    }
    return best;
  }

  /** Up to 64 entries as they are. Of more, those within 1/64 of the window count as if all came with the last: that makes 65 at most. */
  usage(now: Instant): LimitUsage {
    this.#slide(now);
    const mergedMs = this.#entries.length - this.#first > KEPT_ENTRIES ? this.#perMs / KEPT_ENTRIES : 0;
    const kept: { since: Instant; at: Instant; micros: Micros }[] = [];
    for (let index = this.#first; index < this.#entries.length; index++) {
      const { since, at, total } = this.#entries[index]!;
      const last = kept[kept.length - 1];
      if (last !== undefined && at - last.since < mergedMs) {
        last.at = at;
        last.micros += total;
      } else if (total > 0) kept.push({ since, at, micros: total });
    }
    // What started before the window counts as of its start once it has ended, so not at all.
    const held = this.#counts === "end" ? this.#held : 0;
    return { kind: "window", entries: kept.map(({ at, micros }) => [at, unitsOf(micros)] as const), held: unitsOf(held) };
  }

  load(usage: LimitUsage, now: Instant): void {
    if (usage.kind !== "window") return;
    for (const [at, units] of usage.entries) this.#add(microsOf(units), 0, at);
    if (usage.held > 0) this.#add(microsOf(usage.held), 0, now);
    this.#slide(now);
  }

  #add(total: Micros, reserved: Micros, now: Instant): WindowEntry {
    const last = this.#entries[this.#entries.length - 1];
    // Entries stay in order when the clock has gone back over a restart: counting later than the last is never too early.
    const at = Math.max(now, last?.at ?? now);
    this.#inWindow += total;
    const isFull = this.#entries.length - this.#first >= EXACT_ENTRIES;
    if (last !== undefined && !last.left && (last.at === at || (isFull && at - last.since < this.#perMs / EXACT_ENTRIES))) {
      last.at = at;
      last.total += total;
      last.reserved += reserved;
      return last;
    }
    const entry: WindowEntry = { since: at, at, total, reserved, left: false };
    this.#entries.push(entry);
    return entry;
  }

  /** The first instant at which all of the last `perMs` came after it. */
  #leavesAt({ at }: WindowEntry): Instant {
    return sumRoundedUp(at, this.#perMs);
  }

  /** Lets go what is `perMs` old. */
  #slide(now: Instant): void {
    while (this.#first < this.#entries.length && this.#leavesAt(this.#entries[this.#first]!) <= now) {
      const entry = this.#entries[this.#first++]!;
      entry.left = true;
      this.#inWindow -= entry.total;
      this.#held += entry.reserved;
    }
    if (this.#first >= SMALLEST_CUT && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }
}
