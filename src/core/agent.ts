/**
 * An agent as the core sees it: what it can do, how much at once, and which attempts are on it now.
 */
import type { Attempt } from "./attempt.ts";
import type { Bag } from "./struct/bag.ts";
import type { AgentId, Instant } from "./task.ts";
import type { Timer } from "./timers.ts";

/** What an agent says of itself when it joins. */
export interface AgentSpec {
  /** Unique among the agents of an engine; the same name after a restart is the same agent. */
  readonly name: string;
  /** For people and reports: `function`, `thread`, `process`, `command`, `remote`, … */
  readonly kind: string;
  /** Task types it can do. */
  readonly types: readonly string[];
  /** Attempts it takes at once, 1 or more. */
  readonly slots: number;
  /** Its share under weighted balancing; default 1. */
  readonly weight?: number;
  readonly region?: string;
  /** How fast it works, compared with others; a task of 10 s takes it 10 s ÷ speed. Default 1. */
  readonly speed?: number;
  /** The same for some types, instead of `speed`. */
  readonly speeds?: Readonly<Record<string, number>>;
  /** What an hour of one busy slot costs, in the currency of your choice; default 0. */
  readonly costPerHour?: number;
  /** Lost when silent for longer than this, in ms; absent for agents that live and die with the engine. */
  readonly heartbeatTimeoutMs?: number;
}

/** The agents that can do a type of task. */
export interface Team {
  readonly type: string;
  /** In order of their ids; another array whenever one joins or leaves. */
  agents: readonly Agent[];
  /** How many of them have a free slot. */
  withRoom: number;
}

export interface Agent {
  readonly id: AgentId;
  spec: AgentSpec;
  /** Attempts on it, strays included. The fleet puts them here and takes them off. */
  readonly attempts: Bag<Attempt>;
  /** Slots in which nothing runs, 0 while it drains; kept by the fleet, since balancers ask it of every agent for every task. */
  free: number;
  /** For each type it can do, who can. The fleet's. */
  teams: readonly Team[];
  /** Takes no new attempts. */
  draining: boolean;
  heardAt: Instant;
  silenceTimer: Timer | undefined;
}

/** How fast an agent does a type of task; 1 is the speed that estimates are made for. */
export function speedOf(agent: Agent, type: string): number {
  return agent.spec.speeds?.[type] ?? agent.spec.speed ?? 1;
}
