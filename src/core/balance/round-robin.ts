/** Round robin: the next agent after the last one chosen, in order of their ids, that has a free slot. The default. */
import { freeSlots } from "../agent.ts";
import type { Balancer } from "./balancer.ts";

export function createRoundRobin(): Balancer {
  let lastId = 0;
  return {
    name: "round-robin",
    pick(agents) {
      const start = agents.findIndex((agent) => agent.id > lastId);
      for (let step = 0; step < agents.length; step++) {
        const agent = agents[(Math.max(start, 0) + step) % agents.length]!;
        if (freeSlots(agent) <= 0) continue;
        lastId = agent.id;
        return agent;
      }
      return undefined;
    },
  };
}
