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

/** Starts as many tasks as agents, limits and policies allow, and asks what runs to give way where a policy says so. */
export function dispatch(world: World): void {
  // Also when nothing waits any more: what was to be reviewed is not.
  world.fleet.balancer.begin?.(world);
  world.preemptAt = Infinity;
  if (world.draining || world.counts.queued === 0) return;
  const round: Round = { world, passedOver: undefined };
  const only = world.queueList.length === 1 ? world.queueList[0]! : undefined;
  if (only !== undefined) startAll(round, only);
  else do takeTurns(round, openQueues(world)); while (world.limits.takeFreed());
  if (round.passedOver !== undefined) comeBack(round.passedOver);
  for (const queue of world.queueList) if (queue.policy.preemption !== undefined && isOpen(queue)) preempt(world, queue);
}

/** Whether there is anything to look for: a task and an agent. */
function canStart(world: World): boolean {
  return world.fleet.hasRoom && world.counts.queued > 0;
}

function isOpen(queue: Queue): boolean {
  return !queue.paused && queue.waiting > 0;
}

/** The common case of one queue: whoever may come back when something starts is of the same queue. */
function startAll(round: Round, queue: Queue): void {
  while (isOpen(queue) && canStart(round.world) && startNext(round, queue));
}

/** Queues that may start tasks. Whoever has waited longest for its turn comes first: with one slot free a dispatch, the first queue would take them all. */
function openQueues(world: World): Queue[] {
  return world.queueList.filter(isOpen).sort((a, b) => a.lastTurn - b.lastTurn);
}

function takeTurns(round: Round, open: Queue[]): void {
  let at = 0;
  while (open.length > 0 && canStart(round.world)) {
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
  const { order } = queue;
  if (order === undefined) return startOf(round, queue.only);
  let passed: Group[] | undefined;
  let started = false;
  while (!started && (passed === undefined || hasRoom(round.world, queue))) {
    const group = order.next();
    if (group === undefined) break;
    started = startOf(round, group);
    if (started) continue;
    order.pass(group);
    (passed ??= []).push(group);
  }
  if (passed !== undefined) for (const group of passed) order.comeBack(group);
  return started;
}

/** Whether any type of the queue can start: else nobody more needs to be asked, however many tenants there are. */
function hasRoom(world: World, queue: Queue): boolean {
  for (const type of queue.types) if (world.fleet.hasFreeSlot(type) && !world.limits.isTypeUsedUp(type)) return true;
  return false;
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
    // A comparison of an object with a text would be left to a function of V8.
    else if (typeof agent === "string") passOver(round, lane, task);
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
  // It waits for an agent: those behind it may take what is free of their limits.
  round.world.limits.passOn(lane, task);
}

function comeBack(passedOver: NonNullable<Round["passedOver"]>): void {
  for (const { lane, task, rank } of passedOver) {
    lane.heap.push(task, rank, task.id);
    lane.group.changed();
  }
}

/** Nothing more starts from the lane in this turn: no agent of its type is free, or no unit is left. */
function close(round: Round, lane: Lane): void {
  lane.closedIn = round.world.turns;
}

function bestLane(round: Round, group: Group): Lane | undefined {
  const { world } = round;
  const { sessions } = group.queue.policy;
  let best: Lane | undefined;
  for (const lane of group.lanes) {
    if (lane.heap.size === 0 || lane.closedIn === world.turns) continue;
    if (sessions !== undefined) lane.refresh();
    if (best !== undefined && !lane.goesBefore(best)) continue;
    if (world.fleet.hasFreeSlot(lane.type) && !world.limits.isTypeUsedUp(lane.type)) best = lane;
    else close(round, lane);
  }
  return best;
}
