/**
 * Step: match queued tasks with agents. Queues take turns, across dispatches too; within a queue the best task of all lanes
 * that an agent could serve goes first. A task whose limit key is used up steps aside, so that it holds up nobody behind it.
 */
import type { Lane, Queue } from "../queue.ts";
import type { World } from "../world.ts";
import { startAttempt } from "./attempts.ts";

/** Starts as many tasks as agents, limits and policies allow. */
export function dispatch(world: World): void {
  // Also when nothing waits any more: what was to be reviewed is not.
  world.fleet.balancer.begin?.(world);
  if (world.draining || world.counts.queued === 0) return;
  // Whoever has waited longest for its turn goes first: with one slot free a dispatch, the first queue would take them all.
  const open = [...world.queues.values()].filter((queue) => !queue.paused).sort((a, b) => a.lastTurn - b.lastTurn);
  // Types with no agent free or no unit left, found out in this dispatch; slots and units only get fewer until it ends.
  const closed = new Set<string>();
  let at = 0;
  while (open.length > 0) {
    const queue = open[at]!;
    if (startNext(world, queue, closed)) {
      queue.lastTurn = ++world.queueTurns;
      at += 1;
    } else open.splice(at, 1);
    if (at >= open.length) at = 0;
  }
}

/** Starts the best task of a queue that can start; false when there is none. */
function startNext(world: World, queue: Queue, closed: Set<string>): boolean {
  for (;;) {
    const lane = bestLane(world, queue, closed);
    if (lane === undefined) return false;
    const task = lane.heap.peek()!;
    const gate = world.limits.gateOf(task);
    if (gate !== undefined) {
      world.limits.stepAside(gate, lane, task);
      continue;
    }
    const agent = world.fleet.pick(task, world);
    if (agent === undefined || agent === "wait") {
      closed.add(lane.type);
      continue;
    }
    lane.heap.remove(task);
    startAttempt(world, task, agent);
    return true;
  }
}

function bestLane(world: World, queue: Queue, closed: Set<string>): Lane | undefined {
  let best: Lane | undefined;
  for (const lane of queue.lanes.values()) {
    if (lane.heap.size === 0 || closed.has(lane.type)) continue;
    if (best !== undefined && !goesBefore(lane, best)) continue;
    if (world.fleet.hasFreeSlot(lane.type) && !world.limits.isTypeUsedUp(lane.type)) best = lane;
    else closed.add(lane.type);
  }
  return best;
}

function goesBefore(lane: Lane, other: Lane): boolean {
  const key = lane.heap.firstKey;
  const otherKey = other.heap.firstKey;
  return key < otherKey || (key === otherKey && lane.heap.firstTie < other.heap.firstTie);
}
