/**
 * Step: a task becomes final, exactly once, and its consequences: dependents are released or given up, a parked parent is
 * woken, a flow finishes. Consequences are drawn from a list, not by recursion: a chain of ten thousand skipped tasks must
 * not need ten thousand stack frames.
 */
import { assert } from "../assert.ts";
import { strayAttempt } from "./attempts.ts";
import { enqueue, release, withdraw } from "./release.ts";
import { moveTask } from "../transitions.ts";
import { isFinal, type FinalState, type Task, type TaskState } from "../task.ts";
import { extraOf } from "../task-record.ts";
import type { World } from "../world.ts";

/** Makes a task final. `reason` says why, for every state but `succeeded`. */
export function settle(world: World, task: Task, state: FinalState, reason: string | undefined): void {
  withdraw(world, task);
  if (task.run !== undefined) strayAttempt(world, task.run, state === "expired" ? "expired" : "cancelled");
  moveTask(world, task, state);
  const extra = task.extra;
  if (extra !== undefined) {
    if (extra.deadlineTimer !== undefined) {
      world.timers.cancel(extra.deadlineTimer);
      extra.deadlineTimer = undefined;
    }
    if (extra.parkedFor !== undefined) extra.parkedFor = undefined;
    if (reason !== undefined) extra.reason = reason;
    if (extra.limitKey !== undefined) world.limits.unnameKey(extra.limitKey);
  } else if (reason !== undefined) extraOf(task).reason = reason;
  world.settled.push(task);
}

/** Draws the consequences of everything that settled. Called once after each event. */
export function drawConsequences(world: World): void {
  for (let task = world.settled.pop(); task !== undefined; task = world.settled.pop()) {
    // A redrive in the same turn may have woken it again.
    if (!isFinal(task.state)) continue;
    const extra = task.extra;
    if (extra?.dependents !== undefined) for (const dependent of extra.dependents) tell(world, dependent, task);
    if (extra?.parent !== undefined) tellParent(world, extra.parent);
    if (extra?.children !== undefined && (task.state === "cancelled" || task.state === "expired")) {
      for (const id of extra.children) cancelIfLive(world, world.tasks.get(id), "parent_gone");
    }
    if (extra?.flow === undefined) forget(world, task);
    else {
      extra.flow.open -= 1;
      assert(extra.flow.open >= 0, `flow ${extra.flow.id} has as many open tasks as it counts`);
      if (extra.flow.open === 0) world.flowsToClose.push(extra.flow);
    }
  }
  for (let flow = world.flowsToClose.pop(); flow !== undefined; flow = world.flowsToClose.pop()) {
    if (flow.open > 0 || world.flows.get(flow.id) === undefined) continue;
    world.turn.flow(flow, world.now);
    world.flows.delete(flow.id);
    for (const task of flow.tasks) forget(world, task);
  }
}

/** One that a dependent needs is final. */
function tell(world: World, dependent: Task, needed: Task): void {
  if (dependent.state !== "blocked") return;
  const extra = dependent.extra!;
  extra.needsOpen -= 1;
  const mayRun = needed.state === "succeeded" || dependent.spec.onDependencyFailure === "continue";
  if (!mayRun) giveUp(world, dependent, needed.state);
  else if (extra.needsOpen === 0) release(world, dependent);
}

/** What a dependent does about a task that did not succeed, when it does not go on all the same. */
export function giveUp(world: World, dependent: Task, needed: TaskState): void {
  settle(world, dependent, "skipped", `dependency_${needed}`);
  if (dependent.spec.onDependencyFailure !== "fail") return;
  for (const task of dependent.extra!.flow?.tasks ?? []) cancelIfLive(world, task, "flow_failed");
}

function tellParent(world: World, parent: Task): void {
  const extra = parent.extra!;
  extra.childrenOpen -= 1;
  if (extra.childrenOpen === 0 && parent.state === "parked" && extra.parkedFor === "children") enqueue(world, parent);
}

function cancelIfLive(world: World, task: Task | undefined, reason: string): void {
  if (task !== undefined && !isFinal(task.state)) settle(world, task, "cancelled", reason);
}

/** Drops a finished task from memory, and its key with it. One that settled twice in a turn comes twice. */
export function forget(world: World, task: Task): void {
  if (!world.tasks.delete(task.id)) return;
  const { extra } = task;
  if (extra?.key !== undefined && world.keys.get(extra.key) === task) world.keys.delete(extra.key);
  if (extra?.session !== undefined) world.sessions.leave(extra.session);
}
