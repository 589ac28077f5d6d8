/**
 * Settings that outlive the process: paused queues, chosen policies and balancer, distances, shares of tenants, limits. From the store's rows to
 * events at the start; from events to rows while the engine runs. Rows are written and never deleted, so a pause of all queues
 * also rewrites what was kept of single ones, as the core takes it: it pauses or resumes each of them.
 */
import type { DistanceTable } from "../core/balance/distances.ts";
import type { Event } from "../core/event.ts";
import type { SettingRow } from "../store/rows.ts";
import { isLearnedRow } from "./learned.ts";
import { isLimitRow, limitRow, limitsKept } from "./limit-rows.ts";

/** An event that chooses something for good. */
export type SettingEvent = Extract<Event, { kind: "pause" | "resume" | "policy" | "balancer" | "distances" | "fair-share" | "limit" }>;

type PauseEvent = Extract<Event, { kind: "pause" | "resume" }>;

const ALL = "*";
const PAUSED = "paused";
const BALANCER = "balancer";

export class Settings {
  readonly #others: readonly SettingEvent[];
  /** What was last said of single queues. */
  readonly #paused = new Map<string, boolean>();
  #allPaused = false;

  constructor(rows: readonly SettingRow[]) {
    const limits = limitsKept(rows).map(({ name, rule, kept }): SettingEvent => ({ kind: "limit", name, rule, ...(kept !== undefined && { kept }) }));
    this.#others = [...limits, ...rows.flatMap(eventOf)];
    for (const row of rows) {
      const { kind, name } = partsOf(row);
      if (kind !== PAUSED) continue;
      const isPaused = JSON.parse(row.value) === true;
      if (name === ALL) this.#allPaused = isPaused;
      else this.#paused.set(name, isPaused);
    }
  }

  /** Events that bring everything kept back. */
  events(): SettingEvent[] {
    return [...this.#others, ...this.pauses()];
  }

  /** Events after which exactly the queues are paused that should be. */
  pauses(): PauseEvent[] {
    const single = [...this.#paused].filter(([, isPaused]) => isPaused !== this.#allPaused);
    return [{ kind: kindOf(this.#allPaused) }, ...single.map(([queue, isPaused]): PauseEvent => ({ kind: kindOf(isPaused), queue }))];
  }

  isPaused(queue: string): boolean {
    return this.#paused.get(queue) ?? this.#allPaused;
  }

  /** The rows that keep an event which is about to be applied. */
  keep(event: SettingEvent): readonly SettingRow[] {
    switch (event.kind) {
      case "pause":
      case "resume":
        return this.#keepPause(event.kind === "pause", event.queue);
      case "policy":
        return [{ name: `policy:${event.queue}`, value: JSON.stringify(event.policy) }];
      case "balancer":
        return [{ name: BALANCER, value: JSON.stringify(event.balancer) }];
      case "distances":
        return [{ name: "distances", value: JSON.stringify(event.distances) }];
      case "limit":
        return [limitRow(event.name, event.rule)];
      case "fair-share":
        return [{ name: `fair-share:${event.queue}`, value: JSON.stringify(event.weights) }];
    }
  }

  #keepPause(isPaused: boolean, queue: string | undefined): readonly SettingRow[] {
    if (queue !== undefined) this.#paused.set(queue, isPaused);
    else {
      this.#allPaused = isPaused;
      for (const one of this.#paused.keys()) this.#paused.set(one, isPaused);
    }
    const names = queue === undefined ? [ALL, ...this.#paused.keys()] : [queue];
    return names.map((name) => ({ name: `${PAUSED}:${name}`, value: JSON.stringify(isPaused) }));
  }
}

function kindOf(isPaused: boolean): PauseEvent["kind"] {
  return isPaused ? "pause" : "resume";
}

function eventOf(row: SettingRow): readonly SettingEvent[] {
  if (isLearnedRow(row) || isLimitRow(row)) return [];
  const value: unknown = JSON.parse(row.value);
  const { kind, name } = partsOf(row);
  if (kind === "policy" && typeof value === "string") return [{ kind, queue: name, policy: value }];
  if (kind === BALANCER && typeof value === "string") return [{ kind, balancer: value }];
  if (kind === "distances") return [{ kind, distances: value as DistanceTable }];
  if (kind === "fair-share" && typeof value === "object" && value !== null) return [{ kind, queue: name, weights: value as Readonly<Record<string, number>> }];
  return [];
}

/** `policy:run:words` is the policy of the queue `run:words`. */
function partsOf({ name }: SettingRow): { readonly kind: string; readonly name: string } {
  const at = name.indexOf(":");
  return at < 0 ? { kind: name, name: "" } : { kind: name.slice(0, at), name: name.slice(at + 1) };
}
