/**
 * Step: what runs gives way to what waits. Preemption is cooperative: the attempt is asked to save a checkpoint and hand its task
 * back, and goes on counting as running until it has. Who is asked:
 *
 * - only attempts of preemptible types, of the same queue and group, on agents that can do what waits;
 * - only when what waits ranks before what runs would rank if it were queued again now, by the policy's margin. So whoever
 *   is stopped does not stop its successor in turn: no ping-pong. Where running does not raise the rank, every preemption is
 *   caused by one release; where it does (least slack, attained service), a task gives way at most once in each margin of running;
 * - one attempt for each waiting task that is better, counting those that were asked before and have not ended: no more victims than
 *   needed. One that does not react within the grace time is not counted on any more.
 */
import type { Agent } from "../agent.ts";
import type { Attempt } from "../attempt.ts";
import type { Group, Lane, Queue } from "../queue.ts";
import type { Task } from "../task.ts";
import type { World } from "../world.ts";
import { askToLeave, setSlice } from "./attempts.ts";

/** Attempts that are compared for each lane: with more than these under way, one nearly as good as the best may go. */
const VICTIMS_COMPARED = 256;

/** So many tasks without room at a limit are passed for those behind them. */
const AT_LIMITS_MAX = 64;
/** What will have fallen behind is looked at again no sooner: the last bit of a sum must not make a turn for each. */
const SOONEST_REVIEW_MS = 1;

/** Out of its lane for a while. */
interface SetAside {
  readonly lane: Lane;
  readonly task: Task;
  readonly rank: number;
}

export function preempt(world: World, queue: Queue): void {
  for (const group of queue.groups.values()) if (group.waiting > 0) preemptIn(world, group);
}

function preemptIn(world: World, group: Group): void {
  let leaving = leavingFrom(world, group);
  // The slots of those that are leaving are for the best that wait; they are set aside while it is seen whether more must go.
  const served: SetAside[] = [];
  // Whoever cannot be helped by a victim does not keep others from being helped.
  const atLimits: SetAside[] = [];
  const hopeless: Lane[] = [];
  for (;;) {
    const lane = firstLane(world, group, hopeless);
    if (lane === undefined) break;
    const task = lane.heap.peek()!;
    if (world.limits.gateOf(task, lane) !== undefined) {
      // It has no room at a limit; those behind it may. It does not step aside: that is for the match to say.
      if (atLimits.length >= AT_LIMITS_MAX) hopeless.push(lane);
      else setAside(atLimits, lane, task);
      continue;
    }
    if (served.length >= leaving) {
      const victim = world.limits.isTypeUsedUp(lane.type) ? undefined : victimFor(world, group, lane);
      if (victim === undefined) {
        hopeless.push(lane);
        continue;
      }
      askToLeave(world, victim, "preempted");
      leaving += 1;
    }
    setAside(served, lane, task);
  }
  for (const { lane, task, rank } of [...served, ...atLimits]) lane.heap.push(task, rank, task.id);
}

function setAside(list: SetAside[], lane: Lane, task: Task): void {
  list.push({ lane, task, rank: lane.heap.firstKey });
  lane.heap.remove(task);
}

/** Attempts that were asked to give way a short while ago. */
function leavingFrom(world: World, group: Group): number {
  let count = 0;
  for (const lane of group.lanes) for (const attempt of lane.leaving) if (attempt.askedAt + world.stopGraceMs > world.now) count += 1;
  return count;
}

/** The lane with the best waiting task. Where an agent is free, the task waits for something else than a slot. */
function firstLane(world: World, group: Group, hopeless: readonly Lane[]): Lane | undefined {
  let best: Lane | undefined;
  for (const lane of group.lanes) {
    if (group.queue.policy.sessions !== undefined) lane.refresh();
    if (lane.heap.size === 0 || hopeless.includes(lane) || (best !== undefined && !lane.goesBefore(best))) continue;
    if (!world.fleet.hasFreeSlot(lane.type)) best = lane;
  }
  return best;
}

/**
 * The attempt to go for the first task of a lane; undefined when none should. Those first to go in each lane are looked at, in the
 * order of keys only roughly: on agents of other speeds ranks move at other paces, and some agents are no use to the task.
 */
function victimFor(world: World, group: Group, waiting: Lane): Attempt | undefined {
  const { policy } = group.queue;
  const preemption = policy.preemption!;
  const rankToPass = waiting.heap.firstKey + preemption.margin;
  let victim: Attempt | undefined;
  let victimRank = rankToPass;
  for (const { preemptible } of group.lanes) {
    let useful = 0;
    for (let place = 0; place < preemptible.size && useful < VICTIMS_COMPARED; place++) {
      const attempt = preemptible.itemAt(place);
      if (!canDo(attempt.agent, waiting.type)) continue;
      useful += 1;
      const rank = policy.rankAfter(attempt, world);
      const pace = preemption.pace?.(attempt, world) ?? 0;
      if (pace > 0) world.preemptAt = Math.min(world.preemptAt, world.now + Math.max(SOONEST_REVIEW_MS, (rankToPass - rank) / pace));
      // Ranks are as of the release: by what was learned since, one that has just started may rank after one that waits.
      if (attempt.turn === world.turns) continue;
      if (rank > victimRank) {
        victim = attempt;
        victimRank = rank;
      }
    }
  }
  return victim;
}

function canDo(agent: Agent, type: string): boolean {
  return !agent.draining && agent.spec.types.includes(type);
}

/**
 * Time slices that are over, looked at after the match, when what waits has found no agent free: an attempt gives way if something
 * waits that would go before it; else it gets another slice.
 */
export function endSlices(world: World): void {
  for (let attempt = world.slicesOver.pop(); attempt !== undefined; attempt = world.slicesOver.pop()) {
    const { group } = attempt.lane!;
    const { policy, paused } = group.queue;
    if (attempt.stopping !== undefined || attempt.task.run !== attempt || policy.sliceMs === undefined) continue;
    const goes = !paused && !world.draining && givesWay(world, attempt, group);
    if (goes) askToLeave(world, attempt, "preempted");
    else setSlice(world, attempt, policy.sliceMs);
  }
}

/** Something waits that would go before it and could have its slot, and is not helped by those already on their way. */
function givesWay(world: World, attempt: Attempt, group: Group): boolean {
  const { policy } = group.queue;
  const rank = policy.rankAfter(attempt, world);
  let waiting = 0;
  let isBefore = false;
  for (const lane of group.lanes) {
    if (policy.sessions !== undefined) lane.refresh();
    if (lane.heap.size === 0 || !canDo(attempt.agent, lane.type) || world.fleet.hasFreeSlot(lane.type)) continue;
    waiting += lane.heap.size;
    isBefore ||= lane.heap.firstKey < rank;
  }
  return isBefore && waiting > leavingFrom(world, group);
}
