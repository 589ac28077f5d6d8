/**
 * Step: match queued tasks with agents. Queues take turns; within a queue the best task of all lanes that an agent could
 * serve goes first. A task whose limit is used up steps aside, so that it holds up nobody behind it.
 */
import type { Lane, Queue } from "../queue.ts";
import type { World } from "../world.ts";
import { startAttempt } from "./attempts.ts";
import { wakeLimits } from "./release.ts";

/** Starts as many tasks as agents, limits and policies allow. */
export function dispatch(world: World): void {
  if (world.draining || world.counts.queued === 0) return;
  const open = [...world.queues.values()].filter((queue) => !queue.paused);
  // Lanes for which no agent has a free slot, found out in this dispatch; slots only fill up until it ends.
  const full = new Set<string>();
  let turn = 0;
  while (open.length > 0) {
    const at = turn % open.length;
    if (startNext(world, open[at]!, full)) turn = at + 1;
    else {
      open.splice(at, 1);
      turn = at;
    }
  }
}

/** Starts the best task of a queue that can start; false when there is none. */
function startNext(world: World, queue: Queue, full: Set<string>): boolean {
  for (;;) {
    const lane = bestLane(world, queue, full);
    if (lane === undefined) return false;
    const task = lane.heap.peek()!;
    const names = world.limits.namesOf(task);
    const exhausted = names.length === 0 ? undefined : world.limits.exhausted(names);
    if (exhausted !== undefined) {
      lane.heap.remove(task);
      world.limits.waitAt(exhausted, task, queue.policy.rank(task));
      wakeLimits(world, names.filter((name) => name !== exhausted));
      continue;
    }
    const agent = world.fleet.pick(task);
    if (agent === undefined) {
      full.add(lane.type);
      continue;
    }
    lane.heap.remove(task);
    startAttempt(world, task, agent, names);
    return true;
  }
}

function bestLane(world: World, queue: Queue, full: Set<string>): Lane | undefined {
  let best: Lane | undefined;
  for (const lane of queue.lanes.values()) {
    if (lane.heap.size === 0 || full.has(lane.type)) continue;
    if (best !== undefined && !goesBefore(lane, best)) continue;
    if (world.fleet.hasFreeSlot(lane.type)) best = lane;
    else full.add(lane.type);
  }
  return best;
}

function goesBefore(lane: Lane, other: Lane): boolean {
  const key = lane.heap.firstKey;
  const otherKey = other.heap.firstKey;
  return key < otherKey || (key === otherKey && lane.heap.firstTie < other.heap.firstTie);
}
