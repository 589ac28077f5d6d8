/**
 * Least connections: the agent with the fewest attempts on it; of equals, the one with the lowest id. Strays count, since
 * they still take the agent's time.
 */
import { freeSlots, type Agent } from "../agent.ts";
import type { Balancer } from "./balancer.ts";

export function createLeastConnections(): Balancer {
  return {
    name: "least-connections",
    pick(agents) {
      let best: Agent | undefined;
      for (const agent of agents) {
        if (freeSlots(agent) > 0 && (best === undefined || agent.attempts.size < best.attempts.size)) best = agent;
      }
      return best;
    },
  };
}
