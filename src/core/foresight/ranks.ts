/** What ranks depend on, for those who only look: the same answers as the world gives, and nothing is kept in tasks meanwhile. */
import type { RankContext } from "../policy/policy.ts";
import { tailAsSeen } from "../tails.ts";
import type { Task } from "../task.ts";
import type { World } from "../world.ts";

export function ranksAsSeen(world: World): RankContext {
  const tails = new Map<Task, number>();
  return {
    now: world.now,
    expectedMs: (task) => world.expectedMs(task),
    remainingMs: (task) => world.remainingMs(task),
    attainedMs: (task) => world.attainedMs(task),
    tailMs: (task) => tailAsSeen(task, (one) => world.remainingMs(one), tails),
    doneMs: (attempt) => world.doneMs(attempt),
    flowSince: (task) => world.flowSince(task),
  };
}
