/**
 * How much of a limit is taken: one meter for each kind of rule. A meter only counts; how much there may be is the limit's
 * business. For all of them: what is reserved counts in full until it is settled.
 */
import type { Instant } from "../task.ts";
import type { Micros } from "./micros.ts";
import type { LimitRule } from "./rule.ts";
import { BudgetMeter } from "./budget-meter.ts";
import { SlotsMeter } from "./slots-meter.ts";
import { WindowMeter, type WindowEntry } from "./window-meter.ts";

/** What has been used of a limit, as it is kept over a restart. Units, not micros. */
export type LimitUsage =
  | { readonly kind: "window"; /** Settled or reserved, by instant. */ readonly entries: readonly (readonly [at: Instant, units: number])[]; /** Reserved, of no certain instant. */ readonly held: number }
  | { readonly kind: "budget"; /** Start of the period that `spent` belongs to. */ readonly since: Instant; readonly spent: number; readonly held: number };

export interface Meter {
  /** What counts at `now`: reserved, and used in the window or period. Time never goes back. */
  taken(now: Instant): Micros;
  /** The entry is handed to `settle`; undefined where none is needed. */
  reserve(amount: Micros, now: Instant): WindowEntry | undefined;
  /** The end of a reservation, of which so much was used; `used` may be more than `amount`. */
  settle(entry: WindowEntry | undefined, amount: Micros, used: Micros, now: Instant): void;
  /**
   * The earliest instant from `now` at which `amount` more can be taken if nothing is settled before; Infinity for never.
   * `capacityAt` says when the limit has so much in all.
   */
  roomAt(amount: Micros, now: Instant, capacityAt: (micros: Micros) => Instant): Instant;
  /** Undefined where nothing outlives a restart. */
  usage(now: Instant): LimitUsage | undefined;
  /** Into a new meter. What was reserved when it was kept counts as used: nobody can say how much was. */
  load(usage: LimitUsage, now: Instant): void;
}

export function meterOf(rule: LimitRule): Meter {
  switch (rule.kind) {
    case "slots":
      return new SlotsMeter();
    case "window":
      return new WindowMeter(rule.perMs, rule.counts ?? "start");
    case "budget":
      return new BudgetMeter(rule.perMs, rule.anchor ?? 0);
  }
}
