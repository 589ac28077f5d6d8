/**
 * One limit: what it allows, what is taken of it, how far a back-off has shrunk it, and what it has cost in waiting and waste. An
 * undeclared one holds nobody up but knows what is reserved, so that it is right from the start when it is declared.
 */
import { assert } from "../assert.ts";
import { Bag } from "../struct/bag.ts";
import type { Instant } from "../task.ts";
import type { Timer } from "../timers.ts";
import { LimitCopy } from "./limit-copy.ts";
import { microsOfLimit, unitsOf, type Micros } from "./micros.ts";
import { meterOf, type LimitUsage, type Meter } from "./meter.ts";
import { countsAlike, type LimitRule } from "./rule.ts";
import { SlotsMeter } from "./slots-meter.ts";
import { Throttle } from "./throttle.ts";
import type { Crowd, Line } from "./lines.ts";
import type { WindowEntry } from "./window-meter.ts";

/** What an attempt has of a limit, until it has really ended. */
export interface Reservation {
  readonly limit: Limit;
  readonly amount: Micros;
  readonly at: Instant;
  /** Counts the reservations of the limit. */
  readonly serial: number;
  entry: WindowEntry | undefined;
  /** Its place among those that the limit holds. */
  bagIndex: number;
}

/** A limit as it is shown. */
export interface LimitState {
  /** As it was declared; `type:…` and `key:…` for limits of types and of tasks' own keys. */
  readonly name: string;
  readonly kind: LimitRule["kind"];
  /** Taken of it: reserved by what runs, and used in the window or period. */
  readonly used: number;
  /** Of `used`, what running attempts hold. */
  readonly reserved: number;
  /** What it has now: less than declared while a back-off has shrunk it. */
  readonly units: number;
  readonly declaredUnits: number;
  readonly perMs: number | undefined;
  /** When more of it comes free by itself; undefined when nothing is taken or only ends of attempts give it back. */
  readonly nextRoomAt: Instant | undefined;
  /** Tasks wait for it now. */
  readonly isHolding: boolean;
  /** Starts that it put off. */
  readonly refusals: number;
  /** Time in which a task waited for it, in ms. */
  readonly holdingMs: number;
  /** Reserved but not used × the time it was reserved, in units × ms; of attempts that have ended. */
  readonly wasteUnitMs: number;
  /** Used beyond what was reserved. */
  readonly overused: number;
  /** Back-offs that shrank it. */
  readonly shrinks: number;
}

/** What a limit has cost so far, kept over a restart. */
export type LimitTotals = Pick<LimitState, "refusals" | "holdingMs" | "wasteUnitMs" | "overused" | "shrinks">;

export class Limit {
  readonly name: string;
  /** Undefined when it is not declared. */
  rule: LimitRule | undefined;
  #units: Micros = Infinity;
  #meter: Meter = new SlotsMeter();
  readonly #throttle = new Throttle();
  readonly #held = new Bag<Reservation>();
  #reserved: Micros = 0;
  #lastSerial = 0;
  /** Groups of waiting tasks that use it. */
  crowds: Set<Crowd> | undefined;
  /** Of a key: lines that wait for it, and those that have it free and stand in crowds. Sets are made when needed: keys come and go with single tasks. */
  lines: Set<Line> | undefined;
  standing: Set<Line> | undefined;
  /** Fires when the next of those that wait may have room. */
  timer: Timer | undefined;
  refusals = 0;
  #holding = 0;
  #holdingSince: Instant = 0;
  #holdingMs = 0;
  #wasteUnitMs = 0;
  #overused: Micros = 0;

  constructor(name: string, rule?: LimitRule) {
    this.name = name;
    if (rule !== undefined) this.#follow(rule);
  }

  #follow(rule: LimitRule): void {
    this.rule = rule;
    this.#units = microsOfLimit(rule.units);
    this.#meter = meterOf(rule);
  }

  /** Other units keep what was counted. Another kind or period counts anew, from what is reserved now and what was used in the old one. */
  setRule(rule: LimitRule | undefined, now: Instant): void {
    const before = this.rule;
    if (rule !== undefined && before !== undefined && countsAlike(before, rule)) {
      this.rule = rule;
      this.#units = microsOfLimit(rule.units);
      return;
    }
    for (const { entry, amount } of this.#held) this.#meter.settle(entry, amount, 0, now);
    const used = before === undefined ? undefined : this.#meter.usage(now);
    if (rule === undefined) {
      this.rule = undefined;
      this.#units = Infinity;
      this.#meter = new SlotsMeter();
    } else {
      this.#follow(rule);
      if (used !== undefined) this.#meter.load(used.kind === "budget" ? { ...used, since: now } : used, now);
    }
    for (const reservation of this.#held) reservation.entry = this.#meter.reserve(reservation.amount, now);
  }

  load(usage: LimitUsage | undefined, totals: LimitTotals | undefined, now: Instant): void {
    if (usage !== undefined) this.#meter.load(usage, now);
    if (totals === undefined) return;
    this.refusals += totals.refusals;
    this.#holdingMs += totals.holdingMs;
    this.#wasteUnitMs += totals.wasteUnitMs;
    this.#overused += microsOfLimit(totals.overused);
    this.#throttle.shrinks += totals.shrinks;
  }

  totals(now: Instant): LimitTotals {
    return {
      refusals: this.refusals,
      holdingMs: this.#holdingMs + (this.#holding > 0 ? now - this.#holdingSince : 0),
      wasteUnitMs: this.#wasteUnitMs,
      overused: unitsOf(this.#overused),
      shrinks: this.#throttle.shrinks,
    };
  }

  usage(now: Instant): LimitUsage | undefined {
    return this.#meter.usage(now);
  }

  hasRoom(amount: Micros, now: Instant): boolean {
    return this.rule === undefined || this.#meter.taken(now) + amount <= this.#throttle.capacity(this.#units, now);
  }

  /** The limit as declared is less than this. */
  isOver(amount: Micros): boolean {
    return amount > this.#units;
  }

  /** When there is room for so much, if nothing is given back before; Infinity if there never is. */
  roomAt(amount: Micros, now: Instant): Instant {
    return this.#meter.roomAt(amount, now, (micros) => this.#throttle.reachedAt(micros, this.#units, now));
  }

  reserve(amount: Micros, now: Instant): Reservation {
    assert(this.hasRoom(amount, now), "a limit has room for what is reserved");
    return this.adopt(amount, now);
  }

  /** Reserves without asking, for an attempt that runs already. */
  adopt(amount: Micros, now: Instant): Reservation {
    const reservation: Reservation = { limit: this, amount, at: now, serial: ++this.#lastSerial, bagIndex: -1, entry: this.#meter.reserve(amount, now) };
    this.#held.add(reservation);
    this.#reserved += amount;
    return reservation;
  }

  /** The attempt has ended; `used` undefined means that nobody knows, and that all of it counts. */
  settle(reservation: Reservation, used: Micros | undefined, now: Instant): void {
    this.#held.delete(reservation);
    const { entry, amount, at } = reservation;
    this.#reserved -= amount;
    this.#meter.settle(entry, amount, used ?? amount, now);
    if (used === undefined) return;
    this.#wasteUnitMs += unitsOf(Math.max(0, amount - used)) * (now - at);
    this.#overused += Math.max(0, used - amount);
  }

  /** Used by an attempt that had reserved nothing of it. */
  charge(used: Micros, now: Instant): void {
    this.#meter.settle(this.#meter.reserve(0, now), 0, used, now);
    this.#overused += used;
  }

  /** A 429 came to an attempt that started at `startedAt`, with this reservation if it had one. */
  shrink(reservation: Reservation | undefined, startedAt: Instant, now: Instant, retryAfterMs: number): void {
    if (this.rule !== undefined) this.#throttle.shrink(this.#units, reservation?.serial, this.#lastSerial, startedAt, now, retryAfterMs);
  }

  /** One more, or one less, waits for it. */
  holds(more: 1 | -1, now: Instant): void {
    if (this.#holding === 0) this.#holdingSince = now;
    this.#holding += more;
    assert(this.#holding >= 0, "a limit lets go whom it held");
    if (this.#holding === 0) this.#holdingMs += now - this.#holdingSince;
  }

  /** A limit that counts on from here by itself, for a rehearsal: of windows and budgets what runs counts as used. */
  copy(now: Instant): LimitCopy | undefined {
    const { rule } = this;
    if (rule === undefined) return undefined;
    const meter = meterOf(rule);
    const usage = this.#meter.usage(now);
    if (usage === undefined) meter.reserve(this.#reserved, now);
    else meter.load(usage, now);
    return new LimitCopy(rule, meter, (at) => this.#throttle.capacity(this.#units, at), (micros) => this.#throttle.reachedAt(micros, this.#units, now));
  }

  get isFree(): boolean {
    return this.#held.size === 0;
  }

  state(now: Instant): LimitState | undefined {
    const { rule } = this;
    if (rule === undefined) return undefined;
    const taken = this.#meter.taken(now);
    const capacity = this.#throttle.capacity(this.#units, now);
    // Room for one micro more than there is now.
    const nextRoomAt = taken === 0 && capacity === this.#units ? Infinity : this.roomAt(Math.max(capacity - taken, 0) + 1, now);
    return {
      name: this.name,
      kind: rule.kind,
      used: unitsOf(taken),
      reserved: unitsOf(this.#reserved),
      units: unitsOf(capacity),
      declaredUnits: rule.units,
      perMs: rule.kind === "slots" ? undefined : rule.perMs,
      nextRoomAt: nextRoomAt === Infinity ? undefined : nextRoomAt,
      isHolding: this.#holding > 0,
      ...this.totals(now),
    };
  }
}
