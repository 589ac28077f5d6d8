/**
 * Step: finished tasks that did not succeed run again, with everything that was skipped because of them. Their counts of
 * failures start anew; their attempt numbers do not, so that tokens of old attempts stay stale.
 */
import type { Event } from "../event.ts";
import { moveTask } from "../transitions.ts";
import { isFinal, type Task, type TaskId } from "../task.ts";
import { extraOf, type World } from "../world.ts";
import { release } from "./release.ts";
import { adopt, joinAdopted, restoreFlows } from "./restore.ts";
import { forget, giveUp } from "./settle.ts";
import { setDeadline } from "./submit.ts";

/** Returns how many tasks run again. The event's rows may hold more than the ids: the rest of their flows. */
export function redrive(world: World, event: Extract<Event, { kind: "redrive" }>): number {
  restoreFlows(world, event.flows.filter((flow) => !world.flows.has(flow.id)));
  // A row that is not final belongs to a task that was live when it was read: it is in memory, or has settled since.
  const forgotten = event.tasks.filter((snapshot) => isFinal(snapshot.state) && world.tasks.get(snapshot.id) === undefined);
  const adopted = adopt(world, forgotten);
  joinAdopted(world);
  const revived = collect(world, event.ids);
  for (const task of revived) revive(world, task);
  for (const task of revived) restart(world, task);
  for (const { id } of event.flows) {
    const flow = world.flows.get(id);
    if (flow !== undefined && flow.open > 0) world.turn.flow(flow, null);
  }
  dropUnused(world, adopted);
  return revived.size;
}

/** The chosen tasks that can run again, and what was skipped because of one of them. */
function collect(world: World, ids: readonly TaskId[]): Set<Task> {
  const revived = new Set<Task>();
  const next = ids.flatMap((id) => world.tasks.get(id) ?? []).filter((task) => isFinal(task.state) && task.state !== "succeeded");
  for (let task = next.pop(); task !== undefined; task = next.pop()) {
    if (revived.has(task)) continue;
    revived.add(task);
    for (const dependent of task.extra?.dependents ?? []) if (dependent.state === "skipped") next.push(dependent);
  }
  return revived;
}

function revive(world: World, task: Task): void {
  const extra = extraOf(task);
  // A deadline that has passed would end the task again at once: whoever redrives it wants it done late.
  if (extra.deadlineAt !== undefined && extra.deadlineAt > world.now) setDeadline(world, task, extra.deadlineAt);
  else delete extra.deadlineAt;
  delete extra.reason;
  delete extra.releaseAt;
  delete extra.firstReadyAt;
  delete extra.servedMs;
  task.readyAt = 0;
  task.failures = 0;
  task.losses = 0;
  if (extra.flow !== undefined) extra.flow.open += 1;
  if (extra.parent !== undefined) extra.parent.extra!.childrenOpen += 1;
  if (extra.key !== undefined && world.keys.get(extra.key) === undefined) world.keys.set(extra.key, task);
  if (extra.limitKey !== undefined) world.limits.nameKey(extra.limitKey, extra.limitOfKey ?? 1);
  moveTask(world, task, "blocked");
}

function restart(world: World, task: Task): void {
  if (task.state !== "blocked") return;
  const extra = task.extra!;
  extra.needsOpen = 0;
  for (const id of extra.needs ?? []) {
    const needed = world.tasks.get(id);
    if (needed === undefined || needed.state === "succeeded") continue;
    if (!isFinal(needed.state)) extra.needsOpen += 1;
    else if (task.spec.onDependencyFailure !== "continue") return giveUp(world, task, needed);
  }
  if (extra.needsOpen === 0) release(world, task);
}

/** Forgets adopted tasks that stay finished and are needed by nothing that lives. */
function dropUnused(world: World, adopted: readonly Task[]): void {
  for (const task of adopted) {
    const flow = task.extra?.flow;
    if (!isFinal(task.state) || (flow !== undefined && flow.open > 0)) continue;
    if (flow !== undefined) world.flows.delete(flow.id);
    forget(world, task);
  }
}
