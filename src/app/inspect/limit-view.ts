/** A declared limit as a store file knows it: its rule, what counts of it, and what it has cost. */
import type { LimitTotals } from "../../core/limits/limit.ts";
import type { LimitUsage } from "../../core/limits/meter.ts";
import type { LimitRule } from "../../core/limits/rule.ts";
import type { KeptLimit } from "../../engine/limit-rows.ts";

export interface LimitView {
  readonly name: string;
  readonly rule: LimitRule;
  /** Units that count, what running attempts have reserved included. Undefined for slots: only the engine knows what is in use. */
  readonly used: number | undefined;
  readonly totals: LimitTotals;
}

const NOTHING: LimitTotals = { refusals: 0, holdingMs: 0, wasteUnitMs: 0, overused: 0, shrinks: 0 };

export function limitView({ name, rule, kept }: KeptLimit, now: number): LimitView {
  return { name, rule, used: rule.kind === "slots" ? undefined : usedOf(kept?.usage, rule.perMs, now), totals: kept?.totals ?? NOTHING };
}

function usedOf(usage: LimitUsage | undefined, perMs: number, now: number): number {
  if (usage === undefined) return 0;
  if (usage.kind === "budget") return usage.held + (usage.since + perMs > now ? usage.spent : 0);
  return usage.entries.reduce((sum, [at, units]) => (at + perMs > now ? sum + units : sum), usage.held);
}
