/**
 * Step: a task succeeded, and how long it took and what it cost is learned for the next ones of its type. Other ends teach nothing:
 * how long a failed or stopped attempt would have gone on is not known.
 */
import { speedOf } from "../agent.ts";
import type { Attempt } from "../attempt.ts";
import type { Usage } from "../event.ts";
import type { World } from "../world.ts";

/** Learns from the attempt that made its task succeed. */
export function learn(world: World, attempt: Attempt, usage: Usage): void {
  const { task, agent } = attempt;
  const startedAt = Math.min(Math.max(usage.startedAt, attempt.assignedAt), world.now);
  const serviceMs = (world.now - startedAt) * speedOf(agent, task.spec.type) + (task.extra?.workedMs ?? 0);
  world.estimates.observe(task, serviceMs, attempt.expectedMs, usage.cost);
}
