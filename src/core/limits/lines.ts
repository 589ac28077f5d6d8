/**
 * Who waits aside for a limit, out of the way of the others in its lane. Tasks of a lane that use the same limits and have the same
 * key stand in one line, in rank order. A line whose key is used up waits at the key; else it stands in the crowd of all lines of
 * the lane that use the same limits, and only the best of a crowd is looked at when there is room.
 *
 *   lane proper ──(no room)──▶ line ─┬─ its key is used up ──▶ waits at the key ──(unit given back)──┐
 *        ▲                           └─▶ crowd, ordered by the best of each line ◀───────────────────┘
 *        └──(room for the best of the crowd: the scout)──┘
 *
 * The task that comes back into its lane is the scout of its crowd: while it waits there for an agent, or for its queue to go on, no
 * other need come. When it starts, leaves or steps aside again, the next one gets its chance. So for each lane and crowd: either
 * the best of it finds no room, or a scout is in the lane proper; whatever keeps one lane from starting its tasks (a pause, busy
 * agents, a type limit) never keeps another lane from the units, and nothing need be woken when that ends. Between crowds of one
 * lane the better rank goes first at a limit that both use: a small task does not overtake a large one that waits there.
 */
import type { Lane } from "../queue.ts";
import type { Heap, HeapItem } from "../struct/heap.ts";
import type { Task } from "../task.ts";
import type { Limit } from "./limit.ts";

export interface Line extends HeapItem {
  readonly lane: Lane;
  /** Names the tasks that wait aside in the lane. */
  readonly name: string;
  readonly key: Limit | undefined;
  /** Undefined when its tasks use nothing but the key. */
  readonly crowd: Crowd | undefined;
  /** Rank of its best task and the task's id, as when it was put in its place: ranks may change while tasks wait, and whoever compares must see one order. */
  rank: number;
  tie: number;
  /** The scout of a line without a crowd. */
  scout: Task | undefined;
  /** The key that it waits at. */
  heldBy: Limit | undefined;
}

export interface Crowd {
  readonly lane: Lane;
  readonly name: string;
  readonly limits: readonly Limit[];
  /** Lines that wait for room, by the rank of the best of each. */
  readonly lines: Heap<Line>;
  /** All of its lines, those at their keys included. */
  lineCount: number;
  scout: Task | undefined;
  /** The limit that the best of it waits at. */
  heldBy: Limit | undefined;
}

/** What waits aside in a lane. */
export interface Aside {
  readonly lines: Map<string, Line>;
  readonly crowds: Map<string, Crowd>;
}

/** Tasks with the same limits stand together. */
export function crowdNameOf(task: Task): string | undefined {
  const uses = task.extra?.uses;
  if (uses === undefined || uses.length === 0) return undefined;
  if (uses.length === 1) return uses[0]!.limit;
  return uses.map(({ limit }) => limit).sort().join("\n");
}

export function lineNameOf(key: string | undefined, crowdName: string | undefined): string {
  return `${key ?? ""}\n\n${crowdName ?? ""}`;
}

/** A place in the order of a lane. */
export interface Standing {
  readonly rank: number;
  readonly tie: number;
}

/** Where a task would stand if it stepped aside now. */
export function standingOf(task: Task, lane: Lane): Standing {
  const { policy, ranks } = lane.group.queue;
  return { rank: policy.rank(task, ranks), tie: task.id };
}

export function goesBefore(one: Standing, other: Standing): boolean {
  return one.rank < other.rank || (one.rank === other.rank && one.tie < other.tie);
}
