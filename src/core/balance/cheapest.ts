/**
 * Cheapest that meets the due date: of the agents on which the task is expected to end by its due date, the one that costs least
 * (price of an hour × expected service ÷ speed). Without a due date the cheapest that is free. When no agent can make it in
 * time, the one on which it ends first, busy ones counted as in `earliest-finish`.
 *
 * A task with a due date waits for a cheaper busy agent while it can: up to the last instant at which the agent that it could
 * have had at once still makes it. So if the busy one does not come free as expected, nothing is lost but the saving. A task
 * without one waits for a cheaper agent only for `patience` (default 0). O(agents) a pick, and O(slots) of the busy agents
 * once a dispatch.
 */
import { freeSlots, speedOf, type Agent } from "../agent.ts";
import type { OptionRules, Options } from "../struct/option-spec.ts";
import type { Instant, Task } from "../task.ts";
import type { BalanceContext, Balancer } from "./balancer.ts";
import { DEFAULT_LOOK_AHEAD, WORTH_MS } from "./earliest-finish.ts";
import { Patience } from "./patience.ts";
import { Roster } from "./roster.ts";
import { slotPlans, type SlotPlan } from "./slot-plan.ts";

export const CHEAPEST_OPTIONS: OptionRules = { patience: { kind: "duration" }, "look-ahead": { kind: "number", least: 0, most: 100_000, whole: true } };

/** What a task would have of an agent. */
interface Offer {
  readonly agent: Agent;
  readonly plan: SlotPlan;
  readonly serviceMs: number;
  readonly endsAt: Instant;
  /** In any unit that is the same for all. */
  readonly cost: number;
}

type IsBetter = (offer: Offer, other: Offer) => boolean;

const cheaper: IsBetter = (offer, other) => offer.cost < other.cost || (offer.cost === other.cost && sooner(offer, other));
const sooner: IsBetter = (offer, other) => offer.endsAt < other.endsAt || (offer.endsAt === other.endsAt && offer.agent.attempts.size < other.agent.attempts.size);

export function createCheapest(name: string, options: Options): Balancer {
  const roster = new Roster<SlotPlan>(slotPlans());
  const patience = new Patience();
  const patienceMs = options.get("patience") ?? 0;
  let dispatch = 0;

  function offersOf(agents: readonly Agent[], task: Task, context: BalanceContext): { readonly free: readonly Offer[]; readonly busy: readonly Offer[] } {
    const plans = roster.entries(task.spec.type, agents);
    const remainingMs = context.remainingMs(task);
    const free: Offer[] = [];
    const busy: Offer[] = [];
    agents.forEach((agent, at) => {
      const plan = plans[at]!;
      const serviceMs = remainingMs / speedOf(agent, task.spec.type);
      const isFree = freeSlots(agent) > 0;
      const startsAt = isFree ? context.now : plan.freeAt(dispatch, context);
      const offer = { agent, plan, serviceMs, endsAt: startsAt + serviceMs, cost: (agent.spec.costPerHour ?? 0) * serviceMs };
      (isFree ? free : busy).push(offer);
    });
    return { free, busy };
  }

  return {
    name,
    lookAhead: options.get("look-ahead") ?? DEFAULT_LOOK_AHEAD,
    get reviewAt() {
      return patience.reviewAt;
    },
    begin() {
      dispatch += 1;
      patience.begin();
    },
    pick(agents, task, context) {
      const { now } = context;
      const dueAt = task.extra?.dueAt ?? Infinity;
      const { free, busy } = offersOf(agents, task, context);
      const soonest = best(free, sooner);
      if (soonest === undefined) return undefined;
      const inTime = best(free.filter(({ endsAt }) => endsAt <= dueAt), cheaper);
      const busyInTime = best(busy.filter(({ endsAt }) => endsAt <= dueAt), cheaper);
      const busySoonest = best(busy, sooner);
      if (inTime !== undefined) {
        const until = dueAt - inTime.serviceMs;
        const mayWait = (): boolean => (dueAt === Infinity ? patience.allows(task, now, now + patienceMs) : patience.allowsUntil(now, until));
        if (busyInTime !== undefined && busyInTime.cost < inTime.cost && mayWait()) return waitFor(busyInTime);
      } else {
        const hope = busyInTime ?? (busySoonest !== undefined && busySoonest.endsAt < soonest.endsAt - WORTH_MS ? busySoonest : undefined);
        if (hope !== undefined && patience.allows(task, now, soonest.endsAt)) return waitFor(hope);
      }
      patience.forget(task);
      return (inTime ?? soonest).agent;
    },
  };
}

function waitFor({ plan, serviceMs }: Offer): "wait" {
  plan.reserve(serviceMs);
  return "wait";
}

function best(offers: readonly Offer[], isBetter: IsBetter): Offer | undefined {
  let chosen: Offer | undefined;
  for (const offer of offers) if (chosen === undefined || isBetter(offer, chosen)) chosen = offer;
  return chosen;
}
