/**
 * Power of two choices: of two random agents with free slots, the one with the smaller share of them taken (Mitzenmacher 2001).
 * The most loaded agent is then only log log n above the mean, not log n ÷ log log n as with one random agent, and unlike with
 * least connections no crowd runs to the agent that looks emptiest. `d=3` looks at three. O(1) a pick while a good part of the
 * agents has room, O(agents) when nearly all are full.
 */
import type { Agent } from "../agent.ts";
import type { OptionSpec } from "../struct/option-spec.ts";
import type { BalanceContext, Balancer } from "./balancer.ts";

/** Draws for one choice before all agents are looked through. */
const DRAWS = 8;

export function createPowerOfTwo(name: string, options: OptionSpec): Balancer {
  const choices = options.integer("d", 2, 1);
  return {
    name,
    pick(agents, _task, context) {
      const seen: Agent[] = [];
      let best: Agent | undefined;
      for (let choice = 0; choice < choices; choice++) {
        const agent = drawFree(agents, seen, context);
        if (agent === undefined) break;
        seen.push(agent);
        if (best === undefined || load(agent) < load(best)) best = agent;
      }
      return best;
    },
  };
}

function load(agent: Agent): number {
  return agent.attempts.size / agent.spec.slots;
}

/** A random agent with a free slot that is not among those seen; each with the same chance. */
function drawFree(agents: readonly Agent[], seen: readonly Agent[], context: BalanceContext): Agent | undefined {
  if (seen.length < agents.length) {
    for (let draw = 0; draw < DRAWS; draw++) {
      const agent = agents[Math.floor(context.random() * agents.length)]!;
      if (agent.free > 0 && !seen.includes(agent)) return agent;
    }
  }
  const free = agents.filter((agent) => agent.free > 0 && !seen.includes(agent));
  return free[Math.floor(context.random() * free.length)];
}
