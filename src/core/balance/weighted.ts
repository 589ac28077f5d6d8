/**
 * Weighted: agents get tasks of a type in the ratio of their weights, exact to within one task while all of them have slots free:
 * worst-case fair weighted fair queueing (WF2Q+: Bennett and Zhang 1997) with tasks as packets of one size. Each agent has the
 * virtual time at which its next turn begins; of the turns that have begun, the one that ends first is taken. Smooth weighted
 * round robin (nginx) is simpler, but its shares are not bounded by one. An agent that is full loses its turns and does not
 * get them back in a burst later. O(agents) a pick.
 */
import type { Agent } from "../agent.ts";
import type { Balancer } from "./balancer.ts";
import { Roster } from "./roster.ts";

interface Turns {
  readonly weight: number;
  /** Virtual time at which the agent's next turn begins. */
  beginsAt: number;
}

/** Rounding must not hold back a turn that begins now. */
const ROUNDING = 1e-9;

export function createWeighted(name: string): Balancer {
  const lines = new Map<string, Line>();
  return {
    name,
    pick(agents, task) {
      const { type } = task.spec;
      let line = lines.get(type);
      if (line === undefined) lines.set(type, (line = new Line()));
      return line.pick(agents);
    },
  };
}

/** The agents of one type of task, and their virtual time. */
class Line {
  #now = 0;
  readonly #roster = new Roster<Turns>((agent) => ({ weight: agent.spec.weight ?? 1, beginsAt: this.#now }));

  pick(agents: readonly Agent[]): Agent | undefined {
    const all = this.#roster.entries("", agents);
    let weights = 0;
    let firstBegin = Infinity;
    for (let at = 0; at < agents.length; at++) {
      if (agents[at]!.free <= 0) continue;
      const { weight, beginsAt } = all[at]!;
      weights += weight;
      if (beginsAt < firstBegin) firstBegin = beginsAt;
    }
    if (weights === 0) return undefined;
    // With every turn still to come (others are full), time goes on to the first of them.
    this.#now = Math.max(this.#now, firstBegin);
    let best = -1;
    let firstEnd = Infinity;
    for (let at = 0; at < agents.length; at++) {
      if (agents[at]!.free <= 0) continue;
      const turns = all[at]!;
      if (turns.beginsAt > this.#now * (1 + ROUNDING)) continue;
      const end = turns.beginsAt + 1 / turns.weight;
      if (end >= firstEnd * (1 - ROUNDING)) continue;
      best = at;
      firstEnd = end;
    }
    const chosen = all[best]!;
    // What passed while it was full is gone.
    chosen.beginsAt = Math.max(chosen.beginsAt, this.#now - 1 / chosen.weight) + 1 / chosen.weight;
    this.#now += 1 / weights;
    return agents[best];
  }
}
