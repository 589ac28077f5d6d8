/**
 * The tasks of one session that wait in a lane, in an order that stands still whatever the session is served. Most lines are short: a
 * sorted list does for them, and costs next to nothing to make. A longer one is a heap.
 */
import { assert } from "./assert.ts";
import type { SessionOrder } from "./policy/policy.ts";
import type { SessionHeap } from "./session-heap.ts";
import { Heap, type HeapItem } from "./struct/heap.ts";
import { HeapWalk } from "./struct/heap-walk.ts";
import type { Task } from "./task.ts";

/** Tasks behind the first that a list holds at most. */
const FEW = 16;

export class SessionLine implements HeapItem {
  /** The heap that it belongs to, and its slot there; -1 while nobody waits. */
  readonly heap: SessionHeap;
  heapSlot = -1;
  /** The next line of the same session, in another lane. */
  next: SessionLine | undefined;
  /** The session was served since the line was put there. */
  isStale = false;
  first: Task | undefined = undefined;
  readonly #order: SessionOrder;
  /** Those behind the first, in order; all of them are in the heap once there is one. */
  #few: Task[] | undefined = undefined;
  #many: Heap<Task> | undefined = undefined;

  constructor(heap: SessionHeap, order: SessionOrder, next: SessionLine | undefined) {
    this.heap = heap;
    this.#order = order;
    this.next = next;
  }

  push(task: Task): void {
    const { first } = this;
    if (first === undefined) this.#lead(task);
    else if (this.#goesBefore(task, first)) {
      first.heapSlot = -1;
      this.#follow(first);
      this.#lead(task);
    } else this.#follow(task);
  }

  remove(task: Task): void {
    if (task === this.first) {
      this.first = undefined;
      const next = this.#many === undefined ? this.#few?.shift() : this.#many.pop();
      if (next !== undefined) this.#lead(next);
    } else if (this.#many === undefined) {
      const at = this.#few?.indexOf(task) ?? -1;
      assert(at >= 0, "the task is in this line");
      this.#few!.splice(at, 1);
    } else this.#many.remove(task);
    task.heapSlot = -1;
  }

  /** All of it, in no particular order. */
  values(): readonly Task[] {
    return this.first === undefined ? [] : [this.first, ...(this.#many?.values() ?? this.#few ?? [])];
  }

  /** One after the other, without changing it; it must stay as it is meanwhile. */
  *inOrder(): Generator<Task, undefined> {
    if (this.first !== undefined) yield this.first;
    if (this.#many === undefined) yield* this.#few ?? [];
    else for (const walk = new HeapWalk(this.#many); walk.item !== undefined; walk.pass()) yield walk.item;
  }

  #lead(task: Task): void {
    this.first = task;
    task.heapSlot = 0;
  }

  #follow(task: Task): void {
    if (this.#many === undefined && (this.#few === undefined || this.#few.length < FEW)) {
      task.heapSlot = 0;
      const few = (this.#few ??= []);
      let at = few.push(task) - 1;
      for (; at > 0 && this.#goesBefore(task, few[at - 1]!); at--) few[at] = few[at - 1]!;
      few[at] = task;
    } else this.#heapOf().push(task, this.#order.within(task), task.id);
  }

  /** The list has become too long to be searched. */
  #heapOf(): Heap<Task> {
    if (this.#many !== undefined) return this.#many;
    this.#many = new Heap<Task>();
    for (const task of this.#few ?? []) {
      task.heapSlot = -1;
      this.#many.push(task, this.#order.within(task), task.id);
    }
    this.#few = undefined;
    return this.#many;
  }

  #goesBefore(task: Task, other: Task): boolean {
    const key = this.#order.within(task);
    const otherKey = this.#order.within(other);
    return key < otherKey || (key === otherKey && task.id < other.id);
  }
}
