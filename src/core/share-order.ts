/**
 * The tenants of a queue in the order of fair share (`fair-share.ts`), so that a start costs O(log tenants) instead of a look at
 * every tenant: a heap of the eligible by when their next task would be paid off, and one of the others by their clocks. A tenant is
 * entered anew only when its clock or its first task has changed; what is learned of durations in between counts from then on.
 *
 * Tenants come and go without end. One that has nothing waiting and nothing running is forgotten when its clock no longer tells
 * it from a new one; until then it rests, by its clock.
 */
import type { Charge } from "./attempt.ts";
import type { FairShare } from "./fair-share.ts";
import type { Group } from "./queue.ts";
import { Heap } from "./struct/heap.ts";
import { Stack } from "./struct/stack.ts";

export class ShareOrder {
  readonly #share: FairShare;
  readonly #eligible = new Heap<Group>();
  readonly #ahead = new Heap<Group>();
  readonly #resting = new Heap<Group>();
  /** Those whose clock or first task has changed since they were entered. */
  readonly #changed = new Stack<Group>();
  /** Tenants with waiting tasks, and the sum of their weights. */
  #count = 0;
  #weights = 0;

  constructor(share: FairShare) {
    this.#share = share;
  }

  /** What waits in the group, which of it is first, or the group's clock may have changed. */
  change(group: Group): void {
    if (group.place.isChanged) return;
    group.place.isChanged = true;
    this.#changed.push(group);
  }

  /** The tenant that is next among those with waiting tasks which have not passed. */
  next(): Group | undefined {
    this.update();
    for (let first = this.#resting.peek(); first !== undefined && this.#share.hasCaughtUp(first); first = this.#resting.peek()) this.#rest(first);
    while (this.#ahead.size > 0 && this.#ahead.firstKey <= this.#share.dueMs) {
      const group = this.#ahead.peek()!;
      this.#stand(group, this.#eligible, this.#share.paidOffAt(group));
    }
    // When something took less than it was charged, the queue's clock goes back.
    for (let first = this.#eligible.peek(); first !== undefined && !this.#share.isEligible(first); first = this.#eligible.peek()) this.#stand(first, this.#ahead, first.virtualMs);
    return this.#eligible.peek() ?? this.#ahead.peek();
  }

  /** Nothing of the group can start: others have the turn until it comes back. */
  pass(group: Group): void {
    this.#leave(group);
    group.place.isPassed = true;
  }

  comeBack(group: Group): void {
    group.place.isPassed = false;
    this.change(group);
  }

  /** A task of the tenant starts and is expected to take so long. Called while the task still counts as waiting. */
  charge(group: Group, expectedMs: number): Charge {
    this.update();
    this.#share.advance(group, expectedMs, this.#weights);
    this.change(group);
    return { group, ms: expectedMs, weights: this.#weights, share: this.#share };
  }

  /** What was charged has ended, and took that much more (or less). Accounts that were closed meanwhile stay closed. */
  settle({ group, weights, share }: Charge, differenceMs: number): void {
    if (share === this.#share) share.settle(group, differenceMs, weights);
    this.change(group);
  }

  /** Enters those that have changed where they belong now. */
  update(): void {
    for (let group = this.#changed.pop(); group !== undefined; group = this.#changed.pop()) {
      const { place } = group;
      place.isChanged = false;
      this.#countIn(group);
      if (group.waiting === 0) this.#rest(group);
      else if (place.isPassed) this.#leave(group);
      else if (this.#share.isEligible(group)) this.#stand(group, this.#eligible, this.#share.paidOffAt(group));
      else this.#stand(group, this.#ahead, group.virtualMs);
    }
  }

  /** Nothing of the group waits. */
  #rest(group: Group): void {
    this.#leave(group);
    if (group.isRunning) return;
    if (this.#share.hasCaughtUp(group)) group.queue.forget(group);
    else this.#stand(group, this.#resting, group.virtualMs);
  }

  #stand(group: Group, heap: Heap<Group>, key: number): void {
    const { place } = group;
    if (place.heap === heap) {
      if (place.key !== key) heap.move(group, key, group.number);
    } else {
      this.#leave(group);
      heap.push(group, key, group.number);
    }
    place.heap = heap;
    place.key = key;
  }

  #leave(group: Group): void {
    group.place.heap?.remove(group);
    group.place.heap = undefined;
  }

  #countIn(group: Group): void {
    const waits = group.waiting > 0;
    if (waits === group.place.isCounted) return;
    group.place.isCounted = waits;
    this.#count += waits ? 1 : -1;
    // With nobody left the sum begins anew, so that rounding does not add up.
    this.#weights = this.#count === 0 ? 0 : this.#weights + (waits ? 1 : -1) * group.weight;
  }
}
