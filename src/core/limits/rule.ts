/**
 * What a named limit allows. `slots` come back when the attempt ends (memory, licences, places); a `window` is a rate, a `budget` is
 * used up until its period is over.
 */
import type { Instant } from "../task.ts";
import { MOST_UNITS } from "./micros.ts";

export type LimitRule =
  /** At most `units` in use at once. */
  | { readonly kind: "slots"; readonly units: number }
  /** At most `units` in any half-open stretch of `perMs`. */
  | {
      readonly kind: "window";
      readonly units: number;
      readonly perMs: number;
      /** The instant that an ended attempt's use counts at: when it started (default), or when it ended, for use that comes late in long attempts. */
      readonly counts?: "start" | "end";
    }
  /** At most `units` in each period of `perMs`; periods begin at `anchor` (default 1970-01-01 UTC) and every `perMs` before and after it. */
  | { readonly kind: "budget"; readonly units: number; readonly perMs: number; readonly anchor?: Instant };

/** Why a rule cannot be followed, as a sentence; undefined when it can. */
export function ruleProblem(rule: LimitRule): string | undefined {
  if (!(rule.units >= 0 && rule.units <= MOST_UNITS)) return `units are from 0 to ${MOST_UNITS}, got ${rule.units}`;
  if (rule.kind === "slots") return undefined;
  if (!(Number.isSafeInteger(rule.perMs) && rule.perMs > 0)) return `perMs is a whole number of ms above 0, got ${rule.perMs}`;
  if (rule.kind === "budget" && rule.anchor !== undefined && !Number.isSafeInteger(rule.anchor)) return `anchor is an instant in whole ms, got ${rule.anchor}`;
  return undefined;
}

/** Whether what was counted under one rule goes on counting under the other; else only their units differ. */
export function countsAlike(a: LimitRule, b: LimitRule): boolean {
  if (a.kind === "window" && b.kind === "window") return a.perMs === b.perMs && (a.counts ?? "start") === (b.counts ?? "start");
  if (a.kind === "budget" && b.kind === "budget") return a.perMs === b.perMs && (a.anchor ?? 0) === (b.anchor ?? 0);
  return a.kind === b.kind;
}
