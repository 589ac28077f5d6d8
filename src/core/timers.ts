/**
 * What the scheduler must do at a later instant. A heap by time, then by the order in which the timers were set, so that two
 * timers of the same instant always fire in the same order. Releases have a heap of their own: a rehearsal looks at them alone, and
 * must not walk through the timers of every dated task to find them.
 */
import { Heap, type HeapItem } from "./struct/heap.ts";
import { HeapWalk } from "./struct/heap-walk.ts";
import type { Agent } from "./agent.ts";
import type { Attempt } from "./attempt.ts";
import type { Limit } from "./limits/limit.ts";
import type { Instant, Task } from "./task.ts";

export type Due =
  | { readonly kind: "release"; readonly task: Task }
  | { readonly kind: "deadline"; readonly task: Task }
  /** Its due date may be at risk. */
  | { readonly kind: "due"; readonly task: Task }
  | { readonly kind: "timeout"; readonly attempt: Attempt }
  | { readonly kind: "slice"; readonly attempt: Attempt }
  | { readonly kind: "grace"; readonly attempt: Attempt }
  | { readonly kind: "room"; readonly limit: Limit }
  | { readonly kind: "silence"; readonly agent: Agent };

export interface Timer extends HeapItem {
  readonly at: Instant;
  readonly due: Due;
}

export class Timers {
  readonly #heap = new Heap<Timer>();
  readonly #releases = new Heap<Timer>();
  #count = 0;
  /** When the next timer is due; Infinity without one. A field, since it is read several times a turn. */
  nextAt = Infinity;

  set(at: Instant, due: Due): Timer {
    const timer: Timer = { at, due, heapSlot: -1 };
    this.#heapOf(timer).push(timer, at, this.#count++);
    if (at < this.nextAt) this.nextAt = at;
    return timer;
  }

  /** Cancelling one that has fired, or none, does nothing. */
  cancel(timer: Timer | undefined): void {
    if (timer === undefined || timer.heapSlot === -1) return;
    this.#heapOf(timer).remove(timer);
    if (timer.at === this.nextAt) this.#look();
  }

  /** Takes the next timer that is due at `now`. */
  takeDue(now: Instant): Due | undefined {
    if (this.nextAt > now) return undefined;
    const { due } = this.#next.pop()!;
    this.#look();
    return due;
  }

  /** The releases to come, in order, without taking them. */
  walkReleases(): HeapWalk<Timer> {
    return new HeapWalk(this.#releases);
  }

  #look(): void {
    this.nextAt = Math.min(this.#heap.firstKey, this.#releases.firstKey);
  }

  /** The heap that holds the next timer. */
  get #next(): Heap<Timer> {
    const others = this.#heap;
    const releases = this.#releases;
    if (releases.firstKey !== others.firstKey) return releases.firstKey < others.firstKey ? releases : others;
    return releases.firstTie < others.firstTie ? releases : others;
  }

  #heapOf({ due }: Timer): Heap<Timer> {
    return due.kind === "release" ? this.#releases : this.#heap;
  }
}
