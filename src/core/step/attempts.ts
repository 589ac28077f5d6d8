/**
 * Step: the life of an attempt on its agent, from the match to the end of what really runs. What becomes of the task is
 * decided elsewhere (`reports.ts`).
 */
import type { Agent } from "../agent.ts";
import type { Attempt, StopReason } from "../attempt.ts";
import type { Change, EndedAttempt } from "../change.ts";
import type { Payload, Usage } from "../event.ts";
import { moveTask } from "../transitions.ts";
import type { Task, TaskId } from "../task.ts";
import type { World } from "../world.ts";

/** Puts a queued task (already out of its lane) on an agent. */
export function startAttempt(world: World, task: Task, agent: Agent): void {
  world.limits.take(task);
  task.attempt += 1;
  const attempt: Attempt = { task, number: task.attempt, agent, assignedAt: world.now, expectedMs: world.estimates.expectedMs(task), timer: undefined, stopping: undefined };
  if (task.spec.timeoutMs !== undefined) {
    attempt.timer = world.timers.set(world.now + task.spec.timeoutMs, { kind: "timeout", attempt });
  }
  task.run = attempt;
  agent.attempts.add(attempt);
  moveTask(world, task, "running");
  const wake = task.extra?.parkedFor;
  world.turn.command({ kind: "start", task, attempt: attempt.number, agentId: agent.id, assignedAt: world.now, wake, input: task.change?.created?.input });
}

/** The task moves on without this attempt, which is told to stop; its slot and limits stay taken until it has ended. */
export function strayAttempt(world: World, attempt: Attempt, reason: StopReason): void {
  world.timers.cancel(attempt.timer);
  attempt.task.run = undefined;
  attempt.stopping = reason;
  attempt.timer = world.timers.set(world.now + world.stopGraceMs, { kind: "grace", attempt });
  world.strays.set(strayName(attempt.task.id, attempt.number), attempt);
  tellToStop(world, attempt, reason);
  recordEnd(world, attempt, reason === "timeout" ? "timeout" : reason === "expired" ? "expired" : "cancelled", undefined, undefined);
}

/** Asks an attempt to save a checkpoint and hand its task back. */
export function askToLeave(world: World, attempt: Attempt, reason: "shutdown" | "preempted"): void {
  if (attempt.stopping !== undefined) return;
  attempt.stopping = reason;
  tellToStop(world, attempt, reason);
}

/** The attempt is over: its slot and its units are free. */
export function endAttempt(world: World, attempt: Attempt): void {
  world.timers.cancel(attempt.timer);
  attempt.timer = undefined;
  attempt.agent.attempts.delete(attempt);
  if (attempt.task.run === attempt) attempt.task.run = undefined;
  world.limits.giveBack(attempt.task);
  if (attempt.agent.draining && attempt.agent.attempts.size === 0) removeAgent(world, attempt.agent);
}

/** Nothing runs on the agent any more, and nothing will. */
export function removeAgent(world: World, agent: Agent): void {
  world.timers.cancel(agent.silenceTimer);
  world.fleet.leave(agent);
}

/** A stray has ended, or its grace time has. */
export function endStray(world: World, attempt: Attempt): void {
  world.strays.delete(strayName(attempt.task.id, attempt.number));
  endAttempt(world, attempt);
}

/** Another token than that of the running attempt is stale. */
export function runningAttempt(world: World, id: TaskId, number: number): Attempt | undefined {
  const attempt = world.tasks.get(id)?.run;
  return attempt?.number === number ? attempt : undefined;
}

/** Notes that an attempt ended and how, for the store and the measurements. */
export function recordEnd(
  world: World,
  attempt: Attempt,
  outcome: EndedAttempt["outcome"],
  usage: Usage | undefined,
  error: Payload | undefined,
): Change {
  return world.turn.ended(attempt.task, {
    attempt: attempt.number,
    agentId: attempt.agent.id,
    assignedAt: attempt.assignedAt,
    endedAt: world.now,
    outcome,
    usage,
    error,
  });
}

export function tellToStop(world: World, attempt: Attempt, reason: StopReason): void {
  world.turn.command({ kind: "stop", id: attempt.task.id, attempt: attempt.number, agentId: attempt.agent.id, reason });
}

export function strayName(id: TaskId, number: number): string {
  return `${id}:${number}`;
}
