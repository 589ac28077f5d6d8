/**
 * What waits in a lane under a policy that ranks by what sessions were served. Service makes the ranks of all tasks of a session grow,
 * but does not change their order, so only the first of each session stands in a heap: a session that is served costs one move, not one
 * for each of its tasks. Tasks of no session stand beside it, in a heap of their own. It looks like a `Heap` of tasks from outside; the key of a session is
 * that of its first task, and may lag behind its rank until it comes first (`refresh`).
 */
import type { SessionOrder } from "./policy/policy.ts";
import { SessionLine } from "./session-line.ts";
import type { Served } from "./sessions.ts";
import { Heap } from "./struct/heap.ts";
import type { Task } from "./task.ts";

export class SessionHeap {
  readonly lone = new Heap<Task>();
  readonly lines = new Heap<SessionLine>();
  readonly rank: (task: Task) => number;
  /** The lane has another order now. */
  isLeft = false;
  readonly #order: SessionOrder;
  #size = 0;

  constructor(order: SessionOrder, rank: (task: Task) => number) {
    this.#order = order;
    this.rank = rank;
  }

  get size(): number {
    return this.#size;
  }

  get firstKey(): number {
    return Math.min(this.lone.firstKey, this.lines.firstKey);
  }

  get firstTie(): number {
    return this.#isLoneFirst() ? this.lone.firstTie : this.lines.firstTie;
  }

  peek(): Task | undefined {
    return this.#isLoneFirst() ? this.lone.peek() : this.lines.peek()?.first;
  }

  push(task: Task, key: number, tie: number): void {
    this.#size += 1;
    const session = this.#order.sessionOf(task);
    if (session === undefined) {
      this.lone.push(task, key, tie);
      return;
    }
    const line = this.#lineOf(session);
    line.push(task);
    if (line.first === task) this.#enter(line, key, tie);
  }

  remove(task: Task): void {
    const session = this.#order.sessionOf(task);
    if (session === undefined) this.lone.remove(task);
    else this.#removeFrom(this.#lineOf(session), task);
    this.#size -= 1;
  }

  /** Ranks that have grown are looked at when their session comes first: what is behind cannot have become better. Returns whether any had. */
  refresh(): boolean {
    let hasGrown = false;
    for (let line = this.lines.peek(); line?.isStale === true; line = this.lines.peek()) {
      line.isStale = false;
      this.lines.move(line, this.rank(line.first!), line.first!.id);
      hasGrown = true;
    }
    return hasGrown;
  }

  values(): readonly Task[] {
    return this.lone.values().concat(this.lines.values().flatMap((line) => line.values()));
  }

  keyOf(task: Task): number {
    return this.rank(task);
  }

  /** How many tasks go before a key and tie. O(n): those of sessions are ranked one by one. */
  countBefore(key: number, tie: number): number {
    let count = this.lone.countBefore(key, tie);
    for (const line of this.lines.values()) {
      if (this.rank(line.first!) > key) continue;
      for (const task of line.values()) {
        const own = this.rank(task);
        if (own < key || (own === key && task.id < tie)) count += 1;
      }
    }
    return count;
  }

  #isLoneFirst(): boolean {
    const key = this.lone.firstKey;
    return key < this.lines.firstKey || (key === this.lines.firstKey && this.lone.firstTie < this.lines.firstTie);
  }

  #removeFrom(line: SessionLine, task: Task): void {
    const wasFirst = line.first === task;
    line.remove(task);
    if (!wasFirst) return;
    const { first } = line;
    if (first === undefined) this.lines.remove(line);
    else this.#enter(line, this.rank(first), first.id);
  }

  /** A line stays when it is empty: the next task of the session finds it. Those of lanes that have another order by now are dropped. */
  #lineOf(session: Served): SessionLine {
    for (let line = session.line; line !== undefined; line = line.next) if (line.heap === this) return line;
    let next = session.line;
    while (next?.heap.isLeft === true) next = next.next;
    return (session.line = new SessionLine(this, this.#order, next));
  }

  /** Its first task is another one. */
  #enter(line: SessionLine, key: number, tie: number): void {
    if (line.heapSlot === -1) this.lines.push(line, key, tie);
    else this.lines.move(line, key, tie);
  }
}
