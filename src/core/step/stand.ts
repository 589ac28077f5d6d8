/** Step: restored tasks stand as they did in another scheduler, whose agents and running attempts are told. Nothing of it is reported. */
import type { AgentSpec } from "../agent.ts";
import { newAttempt } from "../attempt.ts";
import type { Event, ServedSnapshot } from "../event.ts";
import type { AgentId, Instant, TaskId } from "../task.ts";
import type { World } from "../world.ts";
import { joinAdopted, restoreServed } from "./restore.ts";

/** What somebody knows who looks from outside. */
export interface Sight {
  readonly now: Instant;
  /** Policies, pauses and so on. */
  readonly settings: readonly Event[];
  readonly agents: readonly { readonly id: AgentId; readonly spec: AgentSpec }[];
  /** Asked only when a policy looks at it. */
  readonly served: () => ServedSnapshot;
  /** What runs where; the agents are among the above. */
  readonly runs: readonly { readonly id: TaskId; readonly agentId: AgentId; readonly assignedAt: Instant }[];
}

export function standAs(world: World, { agents, served, runs }: Sight): void {
  joinAdopted(world);
  if (world.queueList.some((queue) => queue.policy.sessions !== undefined)) restoreServed(world, served());
  for (const { id, spec } of agents) world.fleet.join(spec, world.now, id);
  for (const run of runs) {
    const task = world.tasks.get(run.id);
    const agent = world.fleet.get(run.agentId);
    if (task?.state !== "running" || agent === undefined) continue;
    const attempt = newAttempt(task, agent, run.assignedAt, world.turns, undefined, undefined);
    task.run = attempt;
    world.fleet.take(attempt);
    world.limits.adopt(attempt);
  }
  for (const task of world.tasks.values()) {
    if (task.state === "queued") world.queue(task.spec.queue).push(task);
    else if (task.state === "scheduled") task.extra!.releaseTimer = world.timers.set(task.extra!.releaseAt ?? 0, { kind: "release", task });
  }
}
