/**
 * Step: tasks come back from the store, after a restart or for a redrive. Flows, dependents and children are joined again
 * from the ids that the rows name; a task that is named but not here was finished and is counted as such.
 */
import { assert } from "../assert.ts";
import type { FlowSnapshot, ServedSnapshot, TaskSnapshot } from "../event.ts";
import { codeOf } from "../state-counts.ts";
import { DOWNGRADED, isFinal, REDRIVEN_LATE, type Task } from "../task.ts";
import { extraOf, setTraits, TaskRecord } from "../task-record.ts";
import { watchDue } from "../foresight/risk.ts";
import { serve } from "../sessions.ts";
import type { World } from "../world.ts";
import { afterLoss } from "./reports.ts";
import { joinFlow, setDeadline, setLimitKey } from "./submit.ts";

export function restoreFlows(world: World, flows: readonly FlowSnapshot[]): void {
  for (const flow of flows) world.flows.set(flow.id, { ...flow, tasks: [], attainedMs: 0, line: undefined, open: 0 });
}

/** Makes tasks of snapshots, in the state in which they were. They may come in parts; `joinAdopted` follows the last part. */
export function adopt(world: World, snapshots: readonly TaskSnapshot[]): Task[] {
  const tasks = snapshots.map((snapshot) => adoptOne(world, snapshot));
  for (const snapshot of snapshots) if (hasRelations(snapshot)) world.toJoin.push(snapshot);
  return tasks;
}

/** Joins adopted tasks with their flows, parents and needs, now that all of them are here. */
export function joinAdopted(world: World): void {
  for (const snapshot of world.toJoin) joinAgain(world, world.tasks.get(snapshot.id)!, snapshot);
  world.toJoin.length = 0;
}

/** Once the tasks are joined, and before any of them is ranked. */
export function restoreServed(world: World, { flows, sessions }: ServedSnapshot): void {
  for (const [id, servedMs] of flows) {
    const flow = world.flows.get(id);
    if (flow !== undefined) flow.attainedMs = servedMs;
  }
  for (const [name, servedMs] of sessions) world.sessions.restore(name, servedMs);
}

function hasRelations(from: TaskSnapshot): boolean {
  return from.flowId !== null || from.parentId !== null || from.needs !== null;
}

/** Everything that ran when the engine stopped was lost with its agents; everything that waited goes on waiting. */
export function resumeAfterRestart(world: World): void {
  for (const task of world.tasks.values()) {
    if (task.state === "running") afterLoss(world, task);
    else if (task.state === "queued") world.queue(task.spec.queue).push(task);
    else if (task.state === "scheduled") task.extra!.releaseTimer = world.timers.set(task.extra!.releaseAt ?? 0, { kind: "release", task });
  }
  const paths = new Map<Task, number>();
  for (const task of world.tasks.values()) if (task.extra !== undefined) watchDue(world, task, paths);
}

function adoptOne(world: World, from: TaskSnapshot): Task {
  const task = new TaskRecord(from.id, from.spec, from.state, from.attempt, from.readyAt);
  task.failures = from.failures;
  task.losses = from.losses;
  world.tasks.set(task.id, task);
  const live = !isFinal(task.state);
  if (live) world.counts.add(codeOf(task.state), 1);
  if (from.name !== null) extraOf(task).name = from.name;
  if (from.firstReadyAt !== 0 && from.firstReadyAt !== from.readyAt) extraOf(task).firstReadyAt = from.firstReadyAt;
  if (from.servedMs !== 0) Object.assign(extraOf(task), { servedMs: from.servedMs, workedMs: from.servedMs });
  if (from.needs !== null) extraOf(task).needs = from.needs;
  if (from.releaseAt !== null) extraOf(task).releaseAt = from.releaseAt;
  if (from.dueAt !== null) extraOf(task).dueAt = from.dueAt;
  if (from.estimateMs !== null) extraOf(task).estimateMs = from.estimateMs;
  setTraits(task, from);
  if (typeof from.session === "string") extraOf(task).session = world.sessions.join(from.session);
  if (from.parkedFor !== null) extraOf(task).parkedFor = from.parkedFor;
  if (from.answered) extraOf(task).answered = true;
  if (from.hasCheckpoint) extraOf(task).hasCheckpoint = true;
  if (live && from.reason === DOWNGRADED) extraOf(task).isBestEffort = true;
  if (live && from.reason === REDRIVEN_LATE) extraOf(task).isLate = true;
  else if (from.deadlineAt !== null) {
    if (live) setDeadline(world, task, from.deadlineAt);
    else extraOf(task).deadlineAt = from.deadlineAt;
  }
  if (from.limitKey !== null) {
    if (live) setLimitKey(world, task, from.limitKey, from.limitOfKey ?? 1);
    else Object.assign(extraOf(task), { limitKey: from.limitKey, limitOfKey: from.limitOfKey ?? 1 });
  }
  if (from.key !== null) {
    extraOf(task).key = from.key;
    if (!world.keys.has(from.key)) world.keys.set(from.key, task);
  }
  return task;
}

function joinAgain(world: World, task: Task, from: TaskSnapshot): void {
  if (from.flowId !== null) {
    const flow = world.flows.get(from.flowId);
    assert(flow !== undefined, `flow ${from.flowId} is restored before its tasks`);
    joinFlow(task, flow);
    serve(flow, from.servedMs);
  }
  const parent = from.parentId === null ? undefined : world.tasks.get(from.parentId);
  if (parent !== undefined) {
    const extra = extraOf(parent);
    (extra.children ??= []).push(task.id);
    if (!isFinal(task.state)) extra.childrenOpen += 1;
    extraOf(task).parent = parent;
  }
  for (const id of from.needs ?? []) {
    const needed = world.tasks.get(id);
    if (needed === undefined) continue;
    (extraOf(needed).dependents ??= []).push(task);
    if (!isFinal(needed.state)) extraOf(task).needsOpen += 1;
  }
}
