/** The waiting tasks of a lane in their order, one by one, without changing anything: the first k cost O(k log k). The lane must stay as it is meanwhile. */
import type { TaskHeap } from "./queue.ts";
import { SessionHeap } from "./session-heap.ts";
import type { SessionLine } from "./session-line.ts";
import { Heap, type HeapItem } from "./struct/heap.ts";
import { HeapWalk } from "./struct/heap-walk.ts";
import type { Task } from "./task.ts";

export interface TaskWalk {
  /** Tasks that were not passed yet. */
  readonly left: number;
  /** The task it stands at; undefined at the end. */
  readonly item: Task | undefined;
  /** Key and tie of that task; Infinity at the end. */
  readonly key: number;
  readonly tie: number;
  /** Passes the task it stands at. */
  pass(): void;
}

export function walkOf(heap: TaskHeap): TaskWalk {
  return heap instanceof SessionHeap ? new SessionWalk(heap) : new HeapWalk(heap);
}

/** A session of which a task was passed. */
interface Opened extends HeapItem {
  readonly task: Task;
  readonly rest: Iterator<Task, undefined>;
}

/** Who is next is the first of three: of the tasks without a session, of the sessions that were not come to yet, and of the others. */
class SessionWalk implements TaskWalk {
  readonly #rank: (task: Task) => number;
  readonly #lone: HeapWalk<Task>;
  readonly #lines: HeapWalk<SessionLine>;
  readonly #opened = new Heap<Opened>();
  left: number;

  constructor(heap: SessionHeap) {
    this.#rank = heap.rank;
    this.#lone = new HeapWalk(heap.lone);
    this.#lines = new HeapWalk(heap.lines);
    this.left = heap.size;
  }

  get item(): Task | undefined {
    switch (this.#next()) {
      case "lone":
        return this.#lone.item;
      case "line":
        return this.#lines.item?.first;
      case "opened":
        return this.#opened.peek()?.task;
    }
  }

  get key(): number {
    return Math.min(this.#lone.key, this.#lines.key, this.#opened.firstKey);
  }

  get tie(): number {
    return this.item?.id ?? Infinity;
  }

  pass(): void {
    if (this.left === 0) return;
    this.left -= 1;
    switch (this.#next()) {
      case "lone":
        return this.#lone.pass();
      case "line": {
        const rest = this.#lines.item!.inOrder();
        this.#lines.pass();
        rest.next();
        return this.#open(rest);
      }
      case "opened":
        return this.#open(this.#opened.pop()!.rest);
    }
  }

  #open(rest: Iterator<Task, undefined>): void {
    const task = rest.next().value;
    if (task !== undefined) this.#opened.push({ task, rest, heapSlot: -1 }, this.#rank(task), task.id);
  }

  #next(): "lone" | "line" | "opened" {
    const key = this.key;
    const loneTie = this.#lone.key === key ? this.#lone.tie : Infinity;
    const lineTie = this.#lines.key === key ? this.#lines.tie : Infinity;
    const openedTie = this.#opened.firstKey === key ? this.#opened.firstTie : Infinity;
    if (openedTie < Math.min(loneTie, lineTie)) return "opened";
    return lineTie < loneTie ? "line" : "lone";
  }
}
