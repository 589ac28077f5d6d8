/**
 * Step: match queued tasks with agents. Queues take turns, across dispatches too; within a queue fair share says which tenant is
 * next, and of its tasks the best that an agent could serve goes first. A task whose limit has no room steps aside, so that it
 * holds up nobody behind it; one that is better off waiting for a busy agent is passed over for this dispatch.
 */
import type { Group, Lane, Queue } from "../queue.ts";
import type { Task } from "../task.ts";
import type { World } from "../world.ts";
import { startAttempt } from "./attempts.ts";
import { preempt } from "./preempt.ts";

/** What one dispatch has found out so far; slots and room only get less until it ends. */
interface Round {
  readonly world: World;
  /** Tasks that are better off waiting for a busy agent, with their ranks. */
  passedOver: { readonly lane: Lane; readonly task: Task; readonly rank: number }[] | undefined;
}

const NO_GROUPS: ReadonlySet<Group> = new Set();

/** Starts as many tasks as agents, limits and policies allow, and asks what runs to give way where a policy says so. */
export function dispatch(world: World): void {
  // Also when nothing waits any more: what was to be reviewed is not.
  world.fleet.balancer.begin?.(world);
  if (world.draining || world.counts.queued === 0) return;
  const round: Round = { world, passedOver: undefined };
  const open = openQueues(world);
  if (open.length === 1) while (world.counts.queued > 0 && startNext(round, open[0]!));
  else do takeTurns(round, open.slice()); while (world.limits.takeFreed());
  if (round.passedOver !== undefined) for (const { lane, task, rank } of round.passedOver) lane.heap.push(task, rank, task.id);
  for (const queue of open) if (queue.policy.preemption !== undefined) preempt(world, queue);
}

/** Queues that may start tasks. Whoever has waited longest for its turn comes first: with one slot free a dispatch, the first queue would take them all. */
function openQueues(world: World): Queue[] {
  const open: Queue[] = [];
  for (const queue of world.queues.values()) if (!queue.paused && queue.waiting > 0) open.push(queue);
  return open.length > 1 ? open.sort((a, b) => a.lastTurn - b.lastTurn) : open;
}

function takeTurns(round: Round, open: Queue[]): void {
  let at = 0;
  while (open.length > 0) {
    const queue = open[at]!;
    if (startNext(round, queue)) {
      queue.lastTurn = ++round.world.queueTurns;
      at += 1;
    } else open.splice(at, 1);
    if (at >= open.length) at = 0;
  }
}

/** Starts the best task of a queue that can start; false when there is none. */
function startNext(round: Round, queue: Queue): boolean {
  const { fairShare } = queue;
  if (fairShare === undefined) return startOf(round, queue.only);
  let passed: Set<Group> | undefined;
  for (;;) {
    const group = fairShare.next(queue.groups.values(), passed ?? NO_GROUPS);
    if (group === undefined) return false;
    if (startOf(round, group)) return true;
    (passed ??= new Set()).add(group);
  }
}

/** Starts the best task of a group that can start; false when there is none. */
function startOf(round: Round, group: Group): boolean {
  const { world } = round;
  for (;;) {
    const lane = bestLane(round, group);
    if (lane === undefined) return false;
    const task = lane.heap.peek()!;
    const gate = world.limits.gateOf(task, lane);
    if (gate !== undefined) {
      world.limits.stepAside(gate, lane, task);
      continue;
    }
    const agent = world.fleet.pick(task, world);
    if (agent === undefined) close(round, lane);
    else if (agent === "wait") passOver(round, lane, task);
    else {
      startAttempt(world, task, agent, lane);
      return true;
    }
  }
}

function passOver(round: Round, lane: Lane, task: Task): void {
  const passedOver = (round.passedOver ??= []);
  if (passedOver.length >= (round.world.fleet.balancer.lookAhead ?? 0)) {
    close(round, lane);
    return;
  }
  passedOver.push({ lane, task, rank: lane.heap.firstKey });
  lane.heap.remove(task);
}

/** Nothing more starts from the lane in this turn: no agent of its type is free, or no unit is left. */
function close(round: Round, lane: Lane): void {
  lane.closedIn = round.world.turns;
}

function bestLane(round: Round, group: Group): Lane | undefined {
  const { world } = round;
  const { growsWaiting } = group.queue.policy;
  let best: Lane | undefined;
  for (const lane of group.lanes) {
    if (lane.heap.size === 0 || lane.closedIn === world.turns) continue;
    if (growsWaiting === true) lane.refresh();
    if (best !== undefined && !lane.goesBefore(best)) continue;
    if (world.fleet.hasFreeSlot(lane.type) && !world.limits.isTypeUsedUp(lane.type)) best = lane;
    else close(round, lane);
  }
  return best;
}
