/** Settings that outlive the process: paused queues, chosen policies, the balancer, distances. From rows to events at the start, and back. */
import type { DistanceTable } from "../core/balance/distances.ts";
import type { Event } from "../core/event.ts";
import type { SettingRow } from "../store/rows.ts";

const ALL = "*";
/** Name of the setting that keeps the balancer; absent means the default one. */
export const BALANCER_SETTING = "balancer";

/** The row that keeps an event's setting. */
export function settingOf(event: Extract<Event, { kind: "pause" | "resume" | "policy" | "balancer" | "distances" }>): SettingRow {
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
  }
}

/** Events that bring the kept settings back. */
export function eventsOf(rows: readonly SettingRow[]): Event[] {
  return rows.flatMap((row): Event[] => {
    const value: unknown = JSON.parse(row.value);
    const [kind, ...rest] = row.name.split(":");
    const name = rest.join(":");
    if (kind === "paused" && value === true) return [name === ALL ? { kind: "pause" } : { kind: "pause", queue: name }];
    if (kind === "policy" && typeof value === "string") return [{ kind: "policy", queue: name, policy: value }];
    if (kind === "distances") return [{ kind: "distances", distances: value as DistanceTable }];
    if (kind === BALANCER_SETTING && typeof value === "string") return [{ kind: "balancer", balancer: value }];
    return [];
  });
}
