/** Settings that outlive the process: paused queues and chosen policies. From rows to events at the start, and back. */
import type { Event } from "../core/event.ts";
import type { SettingRow } from "../store/rows.ts";
import { isLearnedRow } from "./learned.ts";

const ALL = "*";

/** The row that keeps an event's setting. */
export function settingOf(event: Extract<Event, { kind: "pause" | "resume" | "policy" | "balancer" }>): SettingRow {
  switch (event.kind) {
    case "pause":
    case "resume":
      return { name: `paused:${event.queue ?? ALL}`, value: JSON.stringify(event.kind === "pause") };
    case "policy":
      return { name: `policy:${event.queue}`, value: JSON.stringify(event.policy) };
    case "balancer":
      return { name: "balancer", value: JSON.stringify(event.balancer) };
  }
}

/** Events that bring the kept settings back. */
export function eventsOf(rows: readonly SettingRow[]): Event[] {
  return rows.flatMap((row): Event[] => {
    if (isLearnedRow(row)) return [];
    const value: unknown = JSON.parse(row.value);
    const [kind, ...rest] = row.name.split(":");
    const name = rest.join(":");
    if (kind === "paused" && value === true) return [name === ALL ? { kind: "pause" } : { kind: "pause", queue: name }];
    if (kind === "policy" && typeof value === "string") return [{ kind: "policy", queue: name, policy: value }];
    if (kind === "balancer" && typeof value === "string") return [{ kind: "balancer", balancer: value }];
    return [];
  });
}
