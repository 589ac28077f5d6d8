/**
 * Step: a task is free of dependencies, or comes back from a pause, a retry or a lost agent. It waits for its release time,
 * then queues.
 */
import { moveTask } from "../transitions.ts";
import type { Instant, Task } from "../task.ts";
import { extraOf, type World } from "../world.ts";

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
    delete extra.releaseTimer;
  }
  if (task.state !== "queued") return;
  if (extra?.waitsAt !== undefined) world.limits.leave(task);
  else {
    world.queue(task.spec.queue).remove(task);
    wakeLimits(world, world.limits.namesOf(task));
  }
}

/**
 * After a unit came free, or whoever was woken for it did not take it: the best waiting task goes back to its lane. If
 * nothing can serve that lane now (paused, or no agent does its type), the next one gets its chance too.
 */
export function wakeLimits(world: World, names: readonly string[]): void {
  for (const name of names) {
    for (let task = world.limits.wake(name); task !== undefined; task = world.limits.wake(name)) {
      const queue = world.queue(task.spec.queue);
      queue.push(task);
      if (!queue.paused && world.fleet.able(task.spec.type).length > 0) break;
    }
  }
}
