/**
 * Step: a task is free of dependencies, or comes back from a pause, a retry or a lost agent. It waits for its release time,
 * then queues.
 */
import { moveTask } from "../transitions.ts";
import type { Instant, Task } from "../task.ts";
import { extraOf } from "../task-record.ts";
import type { World } from "../world.ts";

/** Queues a task, or schedules it when its release time is still to come. */
export function release(world: World, task: Task): void {
  const releaseAt = task.extra?.releaseAt;
  if (releaseAt !== undefined && releaseAt > world.now) schedule(world, task, releaseAt);
  else enqueue(world, task);
}

/** Waits until `at` before it queues. */
export function schedule(world: World, task: Task, at: Instant): void {
  const extra = extraOf(task);
  extra.releaseAt = at;
  extra.releaseTimer = world.timers.set(at, { kind: "release", task });
  moveTask(world, task, "scheduled");
}

export function enqueue(world: World, task: Task): void {
  if (task.readyAt !== 0) extraOf(task).firstReadyAt ??= task.readyAt;
  task.readyAt = world.now;
  moveTask(world, task, "queued");
  world.queue(task.spec.queue).push(task);
}

/** Takes a task out of whatever holds it while it waits, before it settles or changes its way of waiting. */
export function withdraw(world: World, task: Task): void {
  const extra = task.extra;
  if (extra?.releaseTimer !== undefined) {
    world.timers.cancel(extra.releaseTimer);
    extra.releaseTimer = undefined;
  }
  if (task.state !== "queued") return;
  const lane = world.queue(task.spec.queue).laneOf(task);
  lane.remove(task);
  world.limits.passOn(lane, task);
}
