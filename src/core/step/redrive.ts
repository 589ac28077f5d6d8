/**
 * Step: finished tasks that did not succeed run again, with everything that was skipped because of them. Their counts of
 * failures start anew; their attempt numbers do not, so that tokens of old attempts stay stale.
 */
import type { Event, FlowSnapshot, Reply } from "../event.ts";
import { moveTask } from "../transitions.ts";
import { isFinal, type Task, type TaskId } from "../task.ts";
import { extraOf } from "../task-record.ts";
import type { World } from "../world.ts";
import { release } from "./release.ts";
import { adopt, joinAdopted, restoreFlows } from "./restore.ts";
import { forget, giveUp, settle } from "./settle.ts";
import { setDeadline } from "./submit.ts";

/**
 * Replies with the count of tasks that run again. The event's rows may hold more than the ids: the rest of their flows. The
 * driver lets no other redrive of the same tasks pass between reading the rows and this event, or attempts would count back.
 */
export function redrive(world: World, event: Extract<Event, { kind: "redrive" }>): Reply {
  // A row that is not final belongs to a task that was live when it was read. If it is not in memory, it has settled since.
  if (event.tasks.some((row) => !isFinal(row.state) && world.tasks.get(row.id) === undefined)) {
    return { kind: "refused", code: "key_moved", detail: "a task settled while its flow was looked up" };
  }
  restoreFlows(world, event.flows.filter((flow) => world.flows.get(flow.id) === undefined));
  const rows = new Map(event.tasks.map((snapshot) => [snapshot.id, snapshot]));
  const forgotten = [...rows.values()].filter((snapshot) => isFinal(snapshot.state) && world.tasks.get(snapshot.id) === undefined);
  const adopted = adopt(world, forgotten);
  joinAdopted(world);
  const revived = collect(world, event.ids);
  for (const task of revived) revive(world, task);
  // All are counted before the first is given up: what settles from here on is told to those that count on it.
  for (const task of revived) countNeeds(world, task);
  for (const task of revived) restart(world, task);
  for (const { id } of event.flows) {
    const flow = world.flows.get(id);
    if (flow !== undefined && flow.open > 0) world.turn.flow(flow, null);
  }
  dropUnused(world, event.flows, adopted);
  return { kind: "count", count: revived.size };
}

/** The chosen tasks that can run again, and what was skipped because of one of them. */
function collect(world: World, ids: readonly TaskId[]): Set<Task> {
  const revived = new Set<Task>();
  const next = ids.flatMap((id) => world.tasks.get(id) ?? []).filter((task) => isFinal(task.state) && task.state !== "succeeded");
  for (let task = next.pop(); task !== undefined; task = next.pop()) {
    if (revived.has(task)) continue;
    revived.add(task);
    for (const dependent of task.extra?.dependents ?? []) {
      // One that was forgotten with a flow of its own is a shell: only a row brings it back.
      if (dependent.state === "skipped" && world.tasks.get(dependent.id) === dependent) next.push(dependent);
    }
  }
  return revived;
}

function revive(world: World, task: Task): void {
  const extra = extraOf(task);
  // A deadline that has passed would end the task again at once: whoever redrives it wants it done late.
  if (extra.deadlineAt !== undefined && extra.deadlineAt > world.now) setDeadline(world, task, extra.deadlineAt);
  else if (extra.deadlineAt !== undefined) {
    extra.deadlineAt = undefined;
    extra.isLate = true;
  }
  extra.reason = undefined;
  extra.isBestEffort = false;
  extra.risk = undefined;
  extra.releaseAt = undefined;
  extra.firstReadyAt = undefined;
  extra.servedMs = undefined;
  extra.workedMs = undefined;
  task.readyAt = 0;
  task.failures = 0;
  task.losses = 0;
  if (extra.flow !== undefined) extra.flow.open += 1;
  if (extra.parent !== undefined) extra.parent.extra!.childrenOpen += 1;
  if (extra.key !== undefined && world.keys.get(extra.key) === undefined) world.keys.set(extra.key, task);
  if (extra.limitKey !== undefined) world.limits.nameKey(extra.limitKey, extra.limitOfKey ?? 1);
  // A dependent that is still blocked by others was told that this one ended, and will be told again.
  for (const dependent of extra.dependents ?? []) if (dependent.state === "blocked") dependent.extra!.needsOpen += 1;
  moveTask(world, task, "blocked");
}

function countNeeds(world: World, task: Task): void {
  const extra = task.extra!;
  joinAcrossFlows(world, task);
  extra.needsOpen = 0;
  for (const id of extra.needs ?? []) {
    const needed = world.tasks.get(id);
    if (needed !== undefined && !isFinal(needed.state)) extra.needsOpen += 1;
  }
}

function restart(world: World, task: Task): void {
  if (task.state !== "blocked") return;
  const extra = task.extra!;
  for (const id of extra.needs ?? []) {
    const needed = world.tasks.get(id);
    // Of one that retention has taken nothing is known; only a task that ran before knows that it may run.
    if (needed === undefined && task.attempt === 0 && task.spec.onDependencyFailure !== "continue") return settle(world, task, "skipped", "dependency_gone");
    if (needed === undefined || needed.state === "succeeded" || !isFinal(needed.state)) continue;
    if (task.spec.onDependencyFailure !== "continue") return giveUp(world, task, needed.state);
  }
  if (extra.needsOpen === 0) release(world, task);
}

/** One that it needs may have been forgotten with another flow and adopted again since, and would not know of it. */
function joinAcrossFlows(world: World, task: Task): void {
  const needed = new Set(task.extra!.needs?.map((id) => world.tasks.get(id)));
  for (const other of needed) {
    if (other === undefined || isFinal(other.state) || other.extra?.flow === task.extra!.flow) continue;
    if (other.extra?.dependents?.includes(task) === true) continue;
    const dependents = (extraOf(other).dependents ??= []);
    for (const id of task.extra!.needs!) if (id === other.id) dependents.push(task);
  }
}

/** Forgets adopted tasks that stay finished, and flows in which nothing runs again. */
function dropUnused(world: World, flows: readonly FlowSnapshot[], adopted: readonly Task[]): void {
  for (const { id } of flows) if (world.flows.get(id)?.open === 0) world.flows.delete(id);
  for (const task of adopted) {
    const flow = task.extra?.flow;
    if (isFinal(task.state) && (flow === undefined || flow.open === 0)) forget(world, task);
  }
}
