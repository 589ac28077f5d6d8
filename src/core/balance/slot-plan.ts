/**
 * When the slots of a busy agent are expected to be free, counting the work that was promised in the dispatch under way to tasks
 * that were told to wait for it. Without these reservations every waiting task thinks that the same fast agent is its own: on
 * 81 real workflows (16 agents of speeds 2, 1, 1 and 0.5) the makespan was then 1.25 times the lower bound, with them 1.12.
 */
import type { Agent } from "../agent.ts";
import type { Instant } from "../task.ts";
import type { BalanceContext } from "./balancer.ts";

export class SlotPlan {
  readonly agent: Agent;
  /** A binary heap, the first slot to be free on top; of the dispatch numbered `#dispatch`. */
  #ends: number[] = [];
  #dispatch = -1;

  constructor(agent: Agent) {
    this.agent = agent;
  }

  /** When the next slot of an agent without a free one is free; never for an agent that drains. O(slots) the first time in a dispatch. */
  freeAt(dispatch: number, context: BalanceContext): Instant {
    if (this.agent.draining) return Infinity;
    if (this.#dispatch !== dispatch) {
      this.#dispatch = dispatch;
      this.#ends = [];
      for (const attempt of this.agent.attempts) this.#ends.push(context.endsAt(attempt));
      for (let at = (this.#ends.length >> 1) - 1; at >= 0; at--) this.#sink(at);
    }
    return this.#ends[0] ?? Infinity;
  }

  /** Promises the next free slot to a task for so long. Follows `freeAt` in the same dispatch. */
  reserve(serviceMs: number): void {
    this.#ends[0]! += serviceMs;
    this.#sink(0);
  }

  #sink(at: number): void {
    const ends = this.#ends;
    const end = ends[at]!;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= ends.length) break;
      if (child + 1 < ends.length && ends[child + 1]! < ends[child]!) child += 1;
      if (ends[child]! >= end) break;
      ends[at] = ends[child]!;
      at = child;
    }
    ends[at] = end;
  }
}

/** One plan for each agent, whichever type it is asked about. */
export function slotPlans(): (agent: Agent) => SlotPlan {
  const plans = new WeakMap<Agent, SlotPlan>();
  return (agent) => {
    let plan = plans.get(agent);
    if (plan === undefined) {
      plan = new SlotPlan(agent);
      plans.set(agent, plan);
    }
    return plan;
  };
}
