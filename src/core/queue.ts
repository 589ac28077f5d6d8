/**
 * Queues and their lanes. A queue is what users name and set a policy for; inside it each task type has a lane, since a task
 * can only go to an agent that does its type and must not hold up others while none is free. Each lane is one heap by rank,
 * and beside it a heap for each limit key whose tasks have stepped aside until a unit comes free (`limits/concurrency.ts`).
 */
import { assert } from "./assert.ts";
import { Heap } from "./struct/heap.ts";
import { DEFAULT_POLICY } from "./policy/policies.ts";
import type { Policy, RankContext } from "./policy/policy.ts";
import type { Task } from "./task.ts";

export class Lane {
  readonly queue: Queue;
  readonly type: string;
  /** Tasks to be tried, best first. */
  readonly heap = new Heap<Task>();
  readonly #aside = new Map<string, Heap<Task>>();

  constructor(queue: Queue, type: string) {
    this.queue = queue;
    this.type = type;
  }

  push(task: Task): void {
    this.heap.push(task, this.queue.policy.rank(task, this.queue.ranks), task.id);
  }

  /** Takes a waiting task out, wherever in the lane it waits. */
  remove(task: Task): void {
    const key = task.extra?.waitsAt;
    if (key === undefined) {
      this.heap.remove(task);
      return;
    }
    const aside = this.#aside.get(key);
    assert(aside !== undefined, "a task that stepped aside is in its lane");
    aside.remove(task);
    if (aside.size === 0) this.#aside.delete(key);
    task.extra!.waitsAt = undefined;
  }

  stepAside(key: string, task: Task): void {
    this.heap.remove(task);
    let aside = this.#aside.get(key);
    if (aside === undefined) {
      aside = new Heap<Task>();
      this.#aside.set(key, aside);
    }
    aside.push(task, this.queue.policy.rank(task, this.queue.ranks), task.id);
    task.extra!.waitsAt = key;
  }

  /** The best task that stepped aside for a key is to be tried again. False when none is left aside. */
  comeBack(key: string): boolean {
    const task = this.#aside.get(key)?.peek();
    if (task === undefined) return false;
    this.remove(task);
    this.push(task);
    return this.#aside.has(key);
  }

  /** Ranks what waits anew. All of it is to be tried: those that a free unit was for may not be the best any more. */
  rankAnew(): void {
    const waiting = [this.heap, ...this.#aside.values()].flatMap((heap) => [...heap.values()]);
    for (const task of waiting) this.remove(task);
    for (const task of waiting) this.push(task);
  }
}

export class Queue {
  readonly name: string;
  readonly lanes = new Map<string, Lane>();
  policy: Policy = DEFAULT_POLICY;
  paused = false;
  /** Counts the turns that queues had; the one with the lowest has waited longest for its next. */
  lastTurn = 0;
  readonly ranks: RankContext;

  constructor(name: string, ranks: RankContext) {
    this.name = name;
    this.ranks = ranks;
  }

  lane(type: string): Lane {
    let lane = this.lanes.get(type);
    if (lane === undefined) {
      lane = new Lane(this, type);
      this.lanes.set(type, lane);
    }
    return lane;
  }

  /** Ranks what waits anew under another policy. */
  setPolicy(policy: Policy): void {
    this.policy = policy;
    for (const lane of this.lanes.values()) lane.rankAnew();
  }
}
