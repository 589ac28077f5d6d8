/**
 * Cheapest that meets the due date: of the agents on which the task is expected to end by its due date, the one that costs least
 * (price of an hour × expected service ÷ speed). Without a due date the cheapest that is free. When no agent can make it in
 * time, the one on which it ends first, busy ones counted as in `earliest-finish`.
 *
 * A task with a due date waits for a cheaper busy agent while it can: up to the last instant at which the agent that it could
 * have had at once still makes it. So if the busy one does not come free as expected, nothing is lost but the saving. A task
 * without one waits for a cheaper agent only for `patience` (default 0). O(agents) a pick, and O(slots) of the busy agents
 * that would cost less once a dispatch.
 */
import { speedOf, type Agent } from "../agent.ts";
import type { OptionSpec } from "../struct/option-spec.ts";
import type { Instant, Task } from "../task.ts";
import type { BalanceContext, Balancer } from "./balancer.ts";
import { DEFAULT_LOOK_AHEAD, WORTH_MS } from "./earliest-finish.ts";
import { Patience } from "./patience.ts";
import { Roster } from "./roster.ts";
import { slotPlans, type SlotPlan } from "./slot-plan.ts";

/** What a task would have of an agent; filled anew for each, so that a pick makes no garbage. */
class Offer {
  agent: Agent | undefined = undefined;
  plan: SlotPlan | undefined = undefined;
  serviceMs = 0;
  endsAt: Instant = 0;
  /** In any unit that is the same for all. */
  cost = 0;

  take(agent: Agent, plan: SlotPlan | undefined, startsAt: Instant, serviceMs: number): void {
    this.agent = agent;
    this.plan = plan;
    this.serviceMs = serviceMs;
    this.endsAt = startsAt + serviceMs;
    this.cost = (agent.spec.costPerHour ?? 0) * serviceMs;
  }

  /** Becomes the other one if that is better by cost, then by end. */
  preferCheaper(other: Offer): void {
    if (this.agent === undefined || other.cost < this.cost || (other.cost === this.cost && other.#isSooner(this))) this.#copy(other);
  }

  /** The same by end alone. */
  preferSooner(other: Offer): void {
    if (this.agent === undefined || other.#isSooner(this)) this.#copy(other);
  }

  #isSooner(other: Offer): boolean {
    return this.endsAt < other.endsAt || (this.endsAt === other.endsAt && this.agent!.attempts.size < other.agent!.attempts.size);
  }

  #copy({ agent, plan, serviceMs, endsAt, cost }: Offer): void {
    this.agent = agent;
    this.plan = plan;
    this.serviceMs = serviceMs;
    this.endsAt = endsAt;
    this.cost = cost;
  }
}

export function createCheapest(name: string, options: OptionSpec): Balancer {
  const patienceMs = options.durationMs("patience", 0);
  const balancer = new Cheapest(patienceMs === Infinity ? 0 : patienceMs);
  return {
    name,
    lookAhead: options.integer("look-ahead", DEFAULT_LOOK_AHEAD, 0),
    get reviewAt() {
      return balancer.patience.reviewAt;
    },
    begin: () => balancer.begin(),
    pick: (agents, task, context) => balancer.pick(agents, task, context),
  };
}

class Cheapest {
  readonly patience = new Patience();
  readonly #patienceMs: number;
  readonly #roster = new Roster<SlotPlan>(slotPlans());
  #dispatch = 0;
  readonly #offer = new Offer();
  /** Of the free agents the one on which the task ends first, and the cheapest in time; the same of the busy ones. */
  readonly #soonest = new Offer();
  readonly #inTime = new Offer();
  readonly #busySoonest = new Offer();
  readonly #busyInTime = new Offer();

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  begin(): void {
    this.#dispatch += 1;
    this.patience.begin();
  }

  pick(agents: readonly Agent[], task: Task, context: BalanceContext): Agent | "wait" | undefined {
    const { now } = context;
    const dueAt = (task.extra?.isBestEffort === true ? undefined : task.extra?.dueAt) ?? Infinity;
    this.#lookAtFree(agents, task, context, dueAt);
    const [soonest, inTime] = [this.#soonest, this.#inTime];
    if (soonest.agent === undefined) return undefined;
    const hasHope = inTime.agent === undefined || inTime.cost > 0;
    if (hasHope && (dueAt !== Infinity || this.#patienceMs > 0)) {
      this.#lookAtBusy(agents, task, context, dueAt);
      const hope = this.#hope();
      if (hope !== undefined && this.#mayWait(task, now, dueAt)) {
        hope.plan!.reserve(hope.serviceMs);
        return "wait";
      }
    }
    this.patience.forget(task);
    return inTime.agent ?? soonest.agent;
  }

  /** The busy agent that the task would rather have than any that is free. */
  #hope(): Offer | undefined {
    if (this.#busyInTime.agent !== undefined) return this.#busyInTime;
    const busy = this.#busySoonest;
    return this.#inTime.agent === undefined && busy.agent !== undefined && busy.endsAt < this.#soonest.endsAt - WORTH_MS ? busy : undefined;
  }

  /** As long as the agent that it could have now still makes it; if none does, as long as that would have taken. */
  #mayWait(task: Task, now: Instant, dueAt: Instant): boolean {
    if (this.#inTime.agent === undefined) return this.patience.allows(task, now, this.#soonest.endsAt);
    if (dueAt === Infinity) return this.patience.allows(task, now, now + this.#patienceMs);
    return this.patience.allowsUntil(now, dueAt - this.#inTime.serviceMs);
  }

  #lookAtFree(agents: readonly Agent[], task: Task, context: BalanceContext, dueAt: Instant): void {
    const remainingMs = context.remainingMs(task);
    this.#soonest.agent = undefined;
    this.#inTime.agent = undefined;
    for (const agent of agents) {
      if (agent.free <= 0) continue;
      this.#offer.take(agent, undefined, context.now, remainingMs / speedOf(agent, task.spec.type));
      this.#soonest.preferSooner(this.#offer);
      if (this.#offer.endsAt <= dueAt) this.#inTime.preferCheaper(this.#offer);
    }
  }

  /** Only those that cost less than what the task can have now in time. */
  #lookAtBusy(agents: readonly Agent[], task: Task, context: BalanceContext, dueAt: Instant): void {
    const remainingMs = context.remainingMs(task);
    const plans = this.#roster.entries(task.spec.type, agents);
    const mostCost = this.#inTime.agent === undefined ? Infinity : this.#inTime.cost;
    this.#busySoonest.agent = undefined;
    this.#busyInTime.agent = undefined;
    for (let at = 0; at < agents.length; at++) {
      const agent = agents[at]!;
      if (agent.free > 0 || agent.draining) continue;
      const serviceMs = remainingMs / speedOf(agent, task.spec.type);
      if ((agent.spec.costPerHour ?? 0) * serviceMs >= mostCost) continue;
      const plan = plans[at]!;
      this.#offer.take(agent, plan, plan.freeAt(this.#dispatch, context), serviceMs);
      this.#busySoonest.preferSooner(this.#offer);
      if (this.#offer.endsAt <= dueAt) this.#busyInTime.preferCheaper(this.#offer);
    }
  }
}
