/** Where a queued task stands: what ranks before it, of those that it shares its turn and its agents with. Only reads. */
import type { Group, TaskHeap } from "../queue.ts";
import type { Task, TaskId } from "../task.ts";
import { walkOf, type TaskWalk } from "../task-walk.ts";
import type { World } from "../world.ts";
import { asReleased } from "./rehearsal.ts";
import { ranksAsSeen } from "./ranks.ts";

export interface Place {
  /** Waiting tasks that rank before it; 0 when it is the next. Those of other tenants (under fair share) and of other queues are not counted. */
  readonly ahead: number;
  /** The first of them, at most `FIRST_SHOWN`. */
  readonly first: readonly TaskId[];
}

const FIRST_SHOWN = 3;

/** O(n) in what waits there: it counts over typed arrays, a million in about a millisecond. */
export function placeOf(world: World, task: Task): Place {
  const lane = world.queues.get(task.spec.queue)?.laneIfAny(task);
  const gate = task.extra?.waitsAt;
  const own = gate === undefined ? lane?.heap : lane?.aside.get(gate);
  if (lane === undefined || own === undefined || task.heapSlot === -1) return { ahead: 0, first: [] };
  const key = own.keyOf(task);
  const heaps = rivals(world, lane.group, lane.type, gate);
  return { ahead: heaps.reduce((sum, heap) => sum + heap.countBefore(key, task.id), 0), first: firstOf(heaps, key, task.id) };
}

/** The same count for a task that is in no queue yet. */
export function aheadOnTrial(world: World, task: Task): number {
  const queue = world.queues.get(task.spec.queue);
  const tenant = queue?.fairShare === undefined ? "" : (task.extra?.tenant ?? "");
  const group = queue?.groups.get(tenant);
  if (queue === undefined || group === undefined) return 0;
  const key = queue.policy.rank(asReleased(task, world.now), ranksAsSeen(world));
  return rivals(world, group, task.spec.type, undefined).reduce((sum, heap) => sum + heap.countBefore(key, task.id), 0);
}

/** Lanes of its group whose tasks could take the agents that it could have; at a limit, those that wait for the same. */
function rivals(world: World, group: Group, type: string, gate: string | undefined): readonly TaskHeap[] {
  if (gate !== undefined) return group.lanes.flatMap((other) => other.aside.get(gate) ?? []);
  const types = new Set(world.fleet.able(type).flatMap((agent) => agent.spec.types)).add(type);
  return group.lanes.flatMap((other) => (types.has(other.type) ? [other.heap] : []));
}

function firstOf(heaps: readonly TaskHeap[], key: number, tie: number): readonly TaskId[] {
  const walks = heaps.map(walkOf);
  const first: TaskId[] = [];
  while (first.length < FIRST_SHOWN) {
    let best: TaskWalk | undefined;
    for (const walk of walks) if (best === undefined || walk.key < best.key || (walk.key === best.key && walk.tie < best.tie)) best = walk;
    if (best?.item === undefined || best.key > key || (best.key === key && best.tie >= tie)) break;
    first.push(best.item.id);
    best.pass();
  }
  return first;
}
