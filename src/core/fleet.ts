/** The agents: who is here, who can do what, and who takes the next task. */
import { freeSlots, type Agent, type AgentSpec } from "./agent.ts";
import { BALANCERS, DEFAULT_BALANCER } from "./balance/balancers.ts";
import type { BalanceContext, Balancer } from "./balance/balancer.ts";
import type { AgentId, Instant, Task } from "./task.ts";

const NOBODY: readonly Agent[] = [];

export class Fleet {
  readonly #byId = new Map<AgentId, Agent>();
  readonly #byType = new Map<string, Agent[]>();
  balancer: Balancer = BALANCERS.get(DEFAULT_BALANCER)!();
  lastId: AgentId = 0;

  get(id: AgentId): Agent | undefined {
    return this.#byId.get(id);
  }

  join(spec: AgentSpec, now: Instant, id: AgentId = this.lastId + 1): Agent {
    this.lastId = Math.max(this.lastId, id);
    const agent: Agent = { id, spec, attempts: new Set(), draining: false, heardAt: now, silenceTimer: undefined };
    this.#byId.set(id, agent);
    for (const type of new Set(spec.types)) {
      // By id, not by arrival: one that came back after a restart has its old place, or taking turns would not be fair.
      this.#byType.set(type, [...this.able(type), agent].sort((a, b) => a.id - b.id));
    }
    return agent;
  }

  /** Leaving twice does nothing. */
  leave(agent: Agent): void {
    if (this.#byId.get(agent.id) !== agent) return;
    this.#byId.delete(agent.id);
    for (const type of new Set(agent.spec.types)) {
      const able = this.able(type).filter((other) => other !== agent);
      if (able.length === 0) this.#byType.delete(type);
      else this.#byType.set(type, able);
    }
  }

  /** Agents that can do a type, busy or not, in order of their ids. */
  able(type: string): readonly Agent[] {
    return this.#byType.get(type) ?? NOBODY;
  }

  hasFreeSlot(type: string): boolean {
    return this.able(type).some((agent) => freeSlots(agent) > 0);
  }

  pick(task: Task, context: BalanceContext): Agent | "wait" | undefined {
    return this.balancer.pick(this.able(task.spec.type), task, context);
  }

  all(): IterableIterator<Agent> {
    return this.#byId.values();
  }
}
