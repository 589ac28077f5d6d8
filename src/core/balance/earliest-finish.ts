/**
 * Earliest finish: the agent on which the task is expected to end first, by its estimate, the agents' speeds, the expected ends of
 * what runs and the work promised in this dispatch to tasks that wait (the processor choice of HEFT: Topcuoglu, Hariri and Wu
 * 2002; made online). When that agent is busy the task waits for it, and reserves its next free slot, so that those behind
 * count with that; they may take what is left free.
 *
 * A task waits for busy agents no longer than the agent that was free when it was first told to wait would have taken for it;
 * then it starts on the best one that is free. O(agents) a pick; besides, once a dispatch, O(slots) of the busy agents that
 * are faster than the best free one. On agents of equal speed nobody ever waits, and no expected end is looked at.
 */
import { speedOf, type Agent } from "../agent.ts";
import type { OptionSpec } from "../struct/option-spec.ts";
import type { Balancer } from "./balancer.ts";
import { Patience } from "./patience.ts";
import { Roster } from "./roster.ts";
import { slotPlans, type SlotPlan } from "./slot-plan.ts";

/** On 81 real workflows and 16 agents of one slot, 4 cost 6 % of the makespan, 16 cost 0.2 %, and 64 were as good as 256. */
export const DEFAULT_LOOK_AHEAD = 256;

/** A gain below the tick of the clock is not worth waiting for, and may be one of rounding. */
export const WORTH_MS = 1;

export function createEarliestFinish(name: string, options: OptionSpec): Balancer {
  const roster = new Roster<SlotPlan>(slotPlans());
  const patience = new Patience();
  let dispatch = 0;
  return {
    name,
    lookAhead: options.integer("look-ahead", DEFAULT_LOOK_AHEAD, 0),
    get reviewAt() {
      return patience.reviewAt;
    },
    begin() {
      dispatch += 1;
      patience.begin();
    },
    pick(agents, task, context) {
      const { now } = context;
      const { type } = task.spec;
      const remainingMs = context.remainingMs(task);
      const idle = fastestFree(agents, type);
      if (idle === undefined) return undefined;
      const idleSpeed = speedOf(idle, type);
      const idleEnd = now + remainingMs / idleSpeed;
      const plans = roster.entries(type, agents);
      let worth: SlotPlan | undefined;
      let worthMs = 0;
      let firstEnd = idleEnd - WORTH_MS;
      for (let at = 0; at < agents.length; at++) {
        const agent = agents[at]!;
        // A busy one can only be first if it is faster.
        const speed = speedOf(agent, type);
        if (speed <= idleSpeed || agent.free > 0) continue;
        const serviceMs = remainingMs / speed;
        const end = plans[at]!.freeAt(dispatch, context) + serviceMs;
        if (end >= firstEnd) continue;
        worth = plans[at];
        worthMs = serviceMs;
        firstEnd = end;
      }
      if (worth !== undefined && patience.allows(task, now, idleEnd)) {
        worth.reserve(worthMs);
        return "wait";
      }
      patience.forget(task);
      return idle;
    },
  };
}

/** Of agents with a free slot the fastest, of equals the one with the fewest attempts, then the lowest id. */
function fastestFree(agents: readonly Agent[], type: string): Agent | undefined {
  let best: Agent | undefined;
  let bestSpeed = 0;
  for (const agent of agents) {
    if (agent.free <= 0) continue;
    const speed = speedOf(agent, type);
    if (best !== undefined && (speed < bestSpeed || (speed === bestSpeed && agent.attempts.size >= best.attempts.size))) continue;
    best = agent;
    bestSpeed = speed;
  }
  return best;
}
