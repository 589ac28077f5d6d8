/**
 * Step: what an agent reports of an attempt, and what becomes of the task. A report is believed only from the running attempt
 * of a task; any other token is refused as stale, and all it does is free the slot of a stray.
 */
import { assert } from "../assert.ts";
import type { Attempt } from "../attempt.ts";
import type { Event, Payload } from "../event.ts";
import { backoffMs } from "../resilience/retry.ts";
import { moveTask } from "../transitions.ts";
import type { Task, TaskId } from "../task.ts";
import { extraOf } from "../task-record.ts";
import type { World } from "../world.ts";
import { endAttempt, endStray, recordEnd, runningAttempt, strayAttempt, strayName } from "./attempts.ts";
import { enqueue, schedule } from "./release.ts";
import { learn } from "./learn.ts";
import { settle } from "./settle.ts";

type Report = Extract<Event, { kind: "succeed" | "fail" | "park" | "release" | "backoff" }>;

/** How a running attempt ended. Returns false when the token is stale. */
export function reportEnd(world: World, report: Report): boolean {
  const attempt = runningAttempt(world, report.id, report.attempt);
  if (attempt === undefined) {
    const stray = world.strays.get(strayName(report.id, report.attempt));
    if (stray !== undefined) endStray(world, stray, report.usage);
    return false;
  }
  const task = attempt.task;
  if (report.kind === "backoff") world.limits.backOff(report.limit, attempt, report.retryAfterMs ?? 0);
  endAttempt(world, attempt, report.usage);
  world.fleet.balancer.observe?.(attempt, report.usage.startedAt, world.now);
  switch (report.kind) {
    case "succeed":
      recordEnd(world, attempt, "succeeded", report.usage, undefined);
      if (world.learns) learn(world, attempt, report.usage);
      settle(world, task, "succeeded", undefined);
      world.turn.change(task).result = report.result;
      break;
    case "fail":
      recordEnd(world, attempt, "failed", report.usage, report.failure.error);
      afterFailure(world, task, report.failure.error, report.failure.code, report.failure.retryable, report.failure.retryAfterMs);
      break;
    case "park":
      recordEnd(world, attempt, "parked", report.usage, undefined);
      keepCheckpoint(world, task, report.checkpoint);
      park(world, attempt, report);
      break;
    case "release":
      recordEnd(world, attempt, "released", report.usage, undefined);
      handBack(world, attempt, report.checkpoint);
      enqueue(world, task);
      break;
    case "backoff":
      recordEnd(world, attempt, "released", report.usage, undefined);
      handBack(world, attempt, report.checkpoint);
      if (report.retryAfterMs !== undefined && report.retryAfterMs > 0) schedule(world, task, world.now + report.retryAfterMs);
      else enqueue(world, task);
      break;
  }
  return true;
}

/** Saves a checkpoint of the running attempt. Returns false when the token is stale. */
export function saveCheckpoint(world: World, id: TaskId, number: number, checkpoint: Payload): boolean {
  const attempt = runningAttempt(world, id, number);
  if (attempt === undefined) return false;
  keepCheckpoint(world, attempt.task, checkpoint);
  return true;
}

/** Without one, that of the same turn or an earlier one stays. */
function keepCheckpoint(world: World, task: Task, checkpoint: Payload | undefined): void {
  if (checkpoint === undefined) return;
  extraOf(task).hasCheckpoint = true;
  world.turn.change(task).checkpoint = checkpoint;
}

/** The attempt took longer than its task allows: it is fenced off, and the task goes on as after any failure. */
export function timeOut(world: World, attempt: Attempt): void {
  const task = attempt.task;
  assert(task.run === attempt, "only a running attempt times out");
  const error = JSON.stringify({ code: "timeout", message: `The attempt took longer than ${task.spec.timeoutMs} ms.` });
  strayAttempt(world, attempt, "timeout");
  afterFailure(world, task, error, "timeout", true, undefined);
}

/** The attempt went away with its agent. It costs no retry, but a task that loses agent after agent is given up. */
export function loseAttempt(world: World, attempt: Attempt): void {
  if (attempt.task.run !== attempt) {
    endStray(world, attempt, undefined);
    return;
  }
  const task = attempt.task;
  endAttempt(world, attempt, undefined);
  recordEnd(world, attempt, "lost", undefined, undefined);
  afterLoss(world, task);
}

export function afterLoss(world: World, task: Task): void {
  task.losses += 1;
  if (task.losses <= task.spec.retry.lossLimit) {
    enqueue(world, task);
    return;
  }
  const message = `Its agent was lost ${task.losses} times while it ran; the limit is ${task.spec.retry.lossLimit}.`;
  settle(world, task, "failed", "agent_lost");
  world.turn.change(task).error = JSON.stringify({ code: "agent_lost", message });
}

function afterFailure(world: World, task: Task, error: Payload, code: string, retryable: boolean, retryAfterMs: number | undefined): void {
  task.failures += 1;
  world.turn.change(task).error = error;
  if (!retryable || task.failures > task.spec.retry.limit) {
    settle(world, task, "failed", code);
    return;
  }
  const waitMs = retryAfterMs ?? backoffMs(task.spec.retry, task.failures, world.seed, task.id);
  if (waitMs > 0) schedule(world, task, world.now + waitMs);
  else enqueue(world, task);
}

/** The task is unfinished; what a checkpoint holds is done. */
function handBack(world: World, attempt: Attempt, checkpoint: Payload | undefined): void {
  keepCheckpoint(world, attempt.task, checkpoint);
  const { extra } = attempt.task;
  if (extra?.hasCheckpoint !== true) return;
  extra.servedMs = (extra.servedMs ?? 0) + world.now - attempt.assignedAt;
  extra.workedMs = (extra.workedMs ?? 0) + world.doneMs(attempt);
}

function park(world: World, attempt: Attempt, report: Extract<Event, { kind: "park" }>): void {
  const extra = extraOf(attempt.task);
  const startedAt = Math.min(Math.max(report.usage.startedAt, attempt.assignedAt), world.now);
  extra.servedMs = (extra.servedMs ?? 0) + world.now - startedAt;
  extra.workedMs = (extra.workedMs ?? 0) + world.doneMs(attempt);
  extra.parkedFor = report.until;
  moveTask(world, attempt.task, "parked");
  if (report.until === "children") {
    if (extra.childrenOpen === 0) enqueue(world, attempt.task);
  } else if (extra.answered === true) {
    extra.answered = false;
    enqueue(world, attempt.task);
  }
}
