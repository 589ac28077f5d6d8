/**
 * Round robin: the next agent after the last one chosen, in order of their ids, that has a free slot. The default. A pick finds
 * its place in O(log agents) and then passes over the full ones.
 */
import type { Agent } from "../agent.ts";
import type { Balancer } from "./balancer.ts";

export function createRoundRobin(name: string): Balancer {
  let lastId = 0;
  return {
    name,
    pick(agents) {
      let at = firstAfter(agents, lastId);
      for (let left = agents.length; left > 0; left--) {
        if (at === agents.length) at = 0;
        const agent = agents[at++]!;
        if (agent.free <= 0) continue;
        lastId = agent.id;
        return agent;
      }
      return undefined;
    },
  };
}

/** Index of the first agent with a greater id, by bisection; the length when there is none. */
function firstAfter(agents: readonly Agent[], id: number): number {
  let low = 0;
  let high = agents.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (agents[middle]!.id > id) high = middle;
    else low = middle + 1;
  }
  return low;
}
