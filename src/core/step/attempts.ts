/**
 * Step: the life of an attempt on its agent, from the match to the end of what really runs. What becomes of the task is
 * decided elsewhere (`reports.ts`).
 */
import type { Agent } from "../agent.ts";
import { newAttempt, type Attempt, type StopReason } from "../attempt.ts";
import type { Change, EndedAttempt } from "../change.ts";
import type { Payload, Usage } from "../event.ts";
import type { Lane } from "../queue.ts";
import { serve } from "../sessions.ts";
import { moveTask } from "../transitions.ts";
import type { Task, TaskId } from "../task.ts";
import type { World } from "../world.ts";

/** Puts the first task of a lane on an agent. */
export function startAttempt(world: World, task: Task, agent: Agent, lane: Lane): void {
  const { queue } = lane.group;
  // A tenant pays at the start what the task is expected to take, and settles when it has ended.
  const charged = queue.order?.charge(lane.group, queue.chargeMs(task));
  if (charged !== undefined) lane.group.charged += 1;
  lane.remove(task);
  task.attempt += 1;
  const attempt = newAttempt(task, agent, world.now, world.turns, world.estimates.expectedMs(task), charged);
  world.limits.take(attempt, lane);
  if (task.spec.timeoutMs !== undefined) {
    attempt.timer = world.timers.set(world.now + task.spec.timeoutMs, { kind: "timeout", attempt });
  }
  task.run = attempt;
  world.fleet.take(attempt);
  if (task.spec.preemptible === true) mayBePreempted(world, attempt, lane);
  moveTask(world, task, "running");
  const wake = task.extra?.parkedFor;
  world.turn.command({ kind: "start", task, attempt: attempt.number, agentId: agent.id, assignedAt: world.now, wake, input: world.turn.createdOf(task)?.input });
}

/** Enters a running attempt where its queue's policy looks for whom to stop. */
export function mayBePreempted(world: World, attempt: Attempt, lane: Lane): void {
  const { policy } = lane.group.queue;
  if (policy.preemption === undefined && policy.sliceMs === undefined) return;
  attempt.lane = lane;
  if (policy.preemption !== undefined) lane.preemptible.push(attempt, -policy.preemption.key(attempt, world), attempt.task.id);
  if (policy.sliceMs !== undefined && attempt.sliceTimer === undefined) setSlice(world, attempt, policy.sliceMs);
}

export function setSlice(world: World, attempt: Attempt, sliceMs: number): void {
  if (sliceMs < Infinity) attempt.sliceTimer = world.timers.set(world.now + sliceMs, { kind: "slice", attempt });
}

/** It is being stopped for another reason, or has ended: nobody looks for it there any more. */
function isNotPreempted(world: World, attempt: Attempt): void {
  if (attempt.lane === undefined) return;
  if (attempt.heapSlot !== -1) attempt.lane.preemptible.remove(attempt);
  world.timers.cancel(attempt.sliceTimer);
  attempt.sliceTimer = undefined;
}

/** The task moves on without this attempt, which is told to stop; its slot and limits stay taken until it has ended. */
export function strayAttempt(world: World, attempt: Attempt, reason: StopReason): void {
  world.timers.cancel(attempt.timer);
  isNotPreempted(world, attempt);
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
  attempt.askedAt = world.now;
  isNotPreempted(world, attempt);
  if (reason === "preempted") attempt.lane!.leaving.add(attempt);
  tellToStop(world, attempt, reason);
}

/** The attempt is over: its slot and its units are free. */
export function endAttempt(world: World, attempt: Attempt, usage: Usage | undefined): void {
  world.timers.cancel(attempt.timer);
  attempt.timer = undefined;
  if (attempt.lane !== undefined) {
    isNotPreempted(world, attempt);
    attempt.lane.leaving.delete(attempt);
  }
  const { charged } = attempt;
  if (charged !== undefined) {
    charged.group.charged -= 1;
    charged.group.queue.order?.settle(charged, world.doneMs(attempt) - charged.ms);
  }
  serveSession(world, attempt);
  world.fleet.giveBack(attempt);
  if (attempt.task.run === attempt) attempt.task.run = undefined;
  world.limits.giveBack(attempt, usage?.used);
  if (attempt.agent.draining && attempt.agent.attempts.size === 0) removeAgent(world, attempt.agent);
}

/** What its session has been served by it. */
function serveSession(world: World, { task: { extra }, assignedAt }: Attempt): void {
  if (extra === undefined) return;
  if (extra.flow !== undefined) serve(extra.flow, world.now - assignedAt);
  if (extra.session !== undefined) serve(extra.session, world.now - assignedAt);
}

/** Nothing runs on the agent any more, and nothing will. */
export function removeAgent(world: World, agent: Agent): void {
  world.timers.cancel(agent.silenceTimer);
  world.fleet.leave(agent);
}

/** A stray has ended, or its grace time has. */
export function endStray(world: World, attempt: Attempt, usage: Usage | undefined): void {
  world.strays.delete(strayName(attempt.task.id, attempt.number));
  endAttempt(world, attempt, usage);
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
