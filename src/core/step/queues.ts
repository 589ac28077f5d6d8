/** Step: a queue changes, at run time and with work waiting: its policy, how tenants share it. */
import type { Event, Reply } from "../event.ts";
import { FairShare } from "../fair-share.ts";
import { policyOf, type PolicyChoice } from "../policy/policies.ts";
import type { Policy } from "../policy/policy.ts";
import type { Queue } from "../queue.ts";
import type { World } from "../world.ts";
import { mayBePreempted } from "./attempts.ts";

const DONE: Reply = { kind: "done" };

export function setPolicy(world: World, event: Extract<Event, { kind: "policy" }>): Reply {
  const choice: PolicyChoice = policyOf(event.policy);
  if (choice.kind === "refused") return { ...choice, code: "policy_unknown" };
  const queue = world.queue(event.queue);
  change(world, queue, choice.policy, queue.fairShare);
  return DONE;
}

export function fairShare(world: World, event: Extract<Event, { kind: "fair-share" }>): Reply {
  const queue = world.queue(event.queue);
  const bad = Object.entries(event.weights ?? {}).find(([, weight]) => !(weight > 0 && weight < Infinity));
  if (bad !== undefined) return { kind: "refused", code: "weight_invalid", detail: `tenant \`${bad[0]}\` has the weight ${bad[1]}` };
  change(world, queue, queue.policy, event.weights === null ? undefined : new FairShare(new Map(Object.entries(event.weights))));
  return DONE;
}

function change(world: World, queue: Queue, policy: Policy, share: FairShare | undefined): void {
  queue.change(policy, share);
  world.limits.allCameBack(queue);
  // What runs already is seen by the new policy, too.
  for (const agent of world.fleet.all()) {
    for (const attempt of agent.attempts) {
      const { task } = attempt;
      if (task.run !== attempt || attempt.stopping !== undefined || task.spec.queue !== queue.name || task.spec.preemptible !== true) continue;
      mayBePreempted(world, attempt, queue.laneOf(task));
    }
  }
}
