/** Settings that outlive the process: paused queues, chosen policies, the balancer, distances, limits with what counts of them. From rows to events at the start, and back. */
import type { DistanceTable } from "../core/balance/distances.ts";
import type { Event } from "../core/event.ts";
import type { LimitChange, LimitKept } from "../core/limits/limits.ts";
import type { LimitRule } from "../core/limits/rule.ts";
import type { SettingRow } from "../store/rows.ts";

const ALL = "*";
/** Name of the setting that keeps the balancer; absent means the default one. */
export const BALANCER_SETTING = "balancer";

/** Rows of declared limits are called `limit:NAME`, and those of what counts of them `limit-used:NAME`. */
const LIMIT_SETTING = "limit";
const LIMIT_USED_SETTING = "limit-used";

/** The row that keeps what counts of a limit. */
export function limitUsedRow({ name, kept }: LimitChange): SettingRow {
  return { name: `${LIMIT_USED_SETTING}:${name}`, value: JSON.stringify(kept) };
}

/** A declared limit as a store keeps it. */
export interface KeptLimit {
  readonly name: string;
  readonly rule: LimitRule;
  readonly kept: LimitKept | undefined;
}

/** The declared limits among the kept settings. */
export function limitsKept(rows: readonly SettingRow[]): readonly KeptLimit[] {
  const values = new Map(rows.map((row) => [row.name, row.value]));
  return rows.flatMap((row) => {
    if (!row.name.startsWith(`${LIMIT_SETTING}:`)) return [];
    const name = row.name.slice(LIMIT_SETTING.length + 1);
    const rule = JSON.parse(row.value) as LimitRule | null;
    const kept = JSON.parse(values.get(`${LIMIT_USED_SETTING}:${name}`) ?? "null") as LimitKept | null;
    return rule === null ? [] : [{ name, rule, kept: kept ?? undefined }];
  });
}

/** The row that keeps an event's setting. */
export function settingOf(event: Extract<Event, { kind: "pause" | "resume" | "policy" | "balancer" | "distances" | "limit" }>): SettingRow {
  switch (event.kind) {
    case "pause":
    case "resume":
      return { name: `paused:${event.queue ?? ALL}`, value: JSON.stringify(event.kind === "pause") };
    case "policy":
      return { name: `policy:${event.queue}`, value: JSON.stringify(event.policy) };
    case "balancer":
      return { name: BALANCER_SETTING, value: JSON.stringify(event.balancer) };
    case "distances":
      return { name: "distances", value: JSON.stringify(event.distances) };
    case "limit":
      return { name: `${LIMIT_SETTING}:${event.name}`, value: JSON.stringify(event.rule) };
  }
}

/** Events that bring the kept settings back. */
export function eventsOf(rows: readonly SettingRow[]): Event[] {
  const limits = limitsKept(rows).map(({ name, rule, kept }): Event => ({ kind: "limit", name, rule, ...(kept !== undefined && { kept }) }));
  const others = rows.flatMap((row): Event[] => {
    const value: unknown = JSON.parse(row.value);
    const [kind, ...rest] = row.name.split(":");
    const name = rest.join(":");
    if (kind === "paused" && value === true) return [name === ALL ? { kind: "pause" } : { kind: "pause", queue: name }];
    if (kind === "policy" && typeof value === "string") return [{ kind: "policy", queue: name, policy: value }];
    if (kind === "distances") return [{ kind: "distances", distances: value as DistanceTable }];
    if (kind === BALANCER_SETTING && typeof value === "string") return [{ kind: "balancer", balancer: value }];
    return [];
  });
  return [...limits, ...others];
}
