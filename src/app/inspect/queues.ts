/** The queues of a store file as people are shown them: what orders each, who shares it, whether it is paused, what waits in it. */
import { DEFAULT_BALANCER } from "../../core/balance/balancer.ts";
import { DEFAULT_POLICY } from "../../core/policy/policies.ts";
import { isFinal } from "../../core/task.ts";
import { Settings } from "../../engine/settings.ts";
import type { SettingRow } from "../../store/rows.ts";
import type { QueueCount } from "../../store/store.ts";

export interface QueueView {
  readonly name: string;
  readonly policy: string;
  /** Weights of tenants, those not named weigh 1; null: one line for all. */
  readonly fairShare: Readonly<Record<string, number>> | null;
  readonly isPaused: boolean;
  /** Ready to run. */
  readonly queued: number;
  readonly running: number;
  /** Scheduled, blocked and parked. */
  readonly waiting: number;
}

export interface QueuesView {
  /** Those with tasks or settings, by name. */
  readonly queues: readonly QueueView[];
  readonly balancer: string;
  /** Every queue is paused, those to come included, but for those that were resumed alone. */
  readonly isAllPaused: boolean;
}

type Draft = { -readonly [Field in keyof QueueView]: QueueView[Field] };

export function queuesView(counts: readonly QueueCount[], settings: readonly SettingRow[]): QueuesView {
  const queues = new Map<string, Draft>();
  let isAllPaused = false;
  let balancer = DEFAULT_BALANCER;
  const queueOf = (name: string): Draft => {
    let queue = queues.get(name);
    if (queue === undefined) queues.set(name, (queue = { name, policy: DEFAULT_POLICY.name, fairShare: null, isPaused: isAllPaused, queued: 0, running: 0, waiting: 0 }));
    return queue;
  };
  for (const { queue: name, state, count } of counts) {
    const queue = queueOf(name);
    if (!isFinal(state)) queue[state === "queued" || state === "running" ? state : "waiting"] += count;
  }
  for (const event of new Settings(settings).events()) {
    if (event.kind === "distances" || event.kind === "limit") continue;
    if (event.kind === "balancer") balancer = event.balancer;
    else if (event.kind === "policy") queueOf(event.queue).policy = event.policy;
    else if (event.kind === "fair-share") queueOf(event.queue).fairShare = event.weights;
    else if (event.queue !== undefined) queueOf(event.queue).isPaused = event.kind === "pause";
    else {
      isAllPaused = event.kind === "pause";
      for (const queue of queues.values()) queue.isPaused = isAllPaused;
    }
  }
  return { queues: [...queues.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), balancer, isAllPaused };
}
