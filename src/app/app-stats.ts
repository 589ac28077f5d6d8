/** What `stats()` tells: the KPIs since the app was opened, and how things stand now. */
import type { TaskState } from "../core/task.ts";
import type { Engine } from "../engine/types.ts";
import type { LimitStats } from "./limits.ts";
import type { RunSummary } from "../monitor/summary.ts";
import type { StoreInfo } from "../store/store.ts";

export interface QueueStats {
  readonly name: string;
  /** Ready to run, waiting for an agent or a limit. */
  readonly queued: number;
  readonly running: number;
  /** Scheduled, blocked and parked. */
  readonly waiting: number;
}

export interface AgentStats {
  readonly name: string;
  readonly kind: string;
  readonly types: readonly string[];
  readonly slots: number;
  /** Slots with an attempt on them. */
  readonly busy: number;
  /** Busy slots ÷ slots. */
  readonly load: number;
  readonly speed: number;
  readonly weight: number;
  readonly region: string | undefined;
  readonly costPerHour: number;
  /** It takes no new attempts. */
  readonly draining: boolean;
}

export interface AppStats {
  /** When the app was opened: the KPIs count from here. */
  readonly since: Date;
  readonly kpis: RunSummary;
  /** Tasks that are not final, by state. */
  readonly live: Readonly<Record<LiveState, number>>;
  /** The most queued first. */
  readonly queues: readonly QueueStats[];
  /** How agents are picked, with its options. */
  readonly balancer: string;
  readonly agents: readonly AgentStats[];
  /** Declared limits, with their use, what they held up, and what was reserved in vain. */
  readonly limits: readonly LimitStats[];
  /** How late this process's event loop was since the app was opened, in ms. */
  readonly eventLoopDelayMs: { readonly mean: number; readonly p50: number; readonly p99: number; readonly max: number };
  /** Tasks by state and bytes, in the store. */
  readonly store: StoreInfo;
}

export type LiveState = Extract<TaskState, "scheduled" | "blocked" | "queued" | "running" | "parked">;

export function liveCounts(engine: Engine): AppStats["live"] {
  const { scheduled, blocked, queued, running, parked } = engine.counts();
  return { scheduled, blocked, queued, running, parked };
}

export function queueStats(engine: Engine): readonly QueueStats[] {
  const queues = new Map<string, { name: string; queued: number; running: number; waiting: number }>();
  for (const { spec, state } of engine.liveTasks()) {
    let queue = queues.get(spec.queue);
    if (queue === undefined) queues.set(spec.queue, (queue = { name: spec.queue, queued: 0, running: 0, waiting: 0 }));
    queue[state === "queued" || state === "running" ? state : "waiting"] += 1;
  }
  return [...queues.values()].sort((a, b) => b.queued - a.queued || (a.name < b.name ? -1 : 1));
}

export function agentStats(engine: Engine): readonly AgentStats[] {
  return engine.agents().map(({ spec, attempts, draining }) => ({
    name: spec.name,
    kind: spec.kind,
    types: spec.types,
    slots: spec.slots,
    busy: attempts.size,
    load: attempts.size / spec.slots,
    speed: spec.speed ?? 1,
    weight: spec.weight ?? 1,
    region: spec.region,
    costPerHour: spec.costPerHour ?? 0,
    draining,
  }));
}
