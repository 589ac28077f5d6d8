/**
 * Least connections: the agent with the fewest attempts on it; of equals, the one with the lowest id. Strays count, since they
 * still take the agent's time. Slots do not: an agent of 2 slots and one of 20 get the same number until the small one is full.
 * With `relative` it is the smallest share of its slots that counts. O(agents) a pick.
 */
import type { Agent } from "../agent.ts";
import type { OptionSpec } from "../struct/option-spec.ts";
import type { Balancer } from "./balancer.ts";

export function createLeastConnections(name: string, options: OptionSpec): Balancer {
  const load = options.flag("relative", false) ? (agent: Agent): number => agent.attempts.size / agent.spec.slots : (agent: Agent): number => agent.attempts.size;
  return {
    name,
    pick(agents) {
      let best: Agent | undefined;
      let least = Infinity;
      for (const agent of agents) {
        if (agent.free <= 0) continue;
        const its = load(agent);
        if (its >= least) continue;
        best = agent;
        least = its;
      }
      return best;
    },
  };
}
