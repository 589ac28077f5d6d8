/**
 * Fair share: tenants of a queue get service in proportion to their weights, whatever they submit; inside a tenant the queue's
 * policy decides. Earliest eligible virtual deadline first (Stoica and Abdel-Wahab 1995; for equal tasks this is the chairman
 * assignment of Tijdeman 1980, so that no tenant is ever a whole task away from its share). Each tenant has a virtual clock: what it
 * was charged ÷ its weight. It is eligible when that has not run ahead of the queue's own; of the eligible, the one whose next
 * task would be paid off first is next. A task is charged at its start with what it is expected to take, and when it ends the
 * difference to what it took is settled.
 */
import type { Group } from "./queue.ts";
import { Heap } from "./struct/heap.ts";

export class FairShare {
  /** Weights by tenant; one that is not named weighs 1. */
  readonly weights: ReadonlyMap<string, number>;
  /** Virtual time of the queue, in ms: what a tenant of weight 1 is due so far. */
  #nowMs = 0;
  /** Tenants with waiting tasks: the eligible by when their next task would be paid off, the others by their clocks. */
  readonly #eligible = new Heap<Group>();
  readonly #ahead = new Heap<Group>();
  /** Those whose clock or first task has changed since they were entered. */
  readonly #changed: Group[] = [];
  /** Of the tenants with waiting tasks. */
  #count = 0;
  #weights = 0;

  constructor(weights: ReadonlyMap<string, number>) {
    this.weights = weights;
  }

  weightOf(tenant: string): number {
    return this.weights.get(tenant) ?? 1;
  }

  /** A tenant that had nothing waiting has again. What it did not use is gone; what it had ahead of its share still counts. */
  join(group: Group): void {
    group.virtualMs = Math.max(group.virtualMs, this.#nowMs);
  }

  /** What waits in the group, or which of it is first, may have changed. */
  change(group: Group): void {
    if (group.share.isChanged) return;
    group.share.isChanged = true;
    this.#changed.push(group);
  }

  /** The tenant that is next among those with waiting tasks which have not passed. O(log tenants) for each that changed. */
  next(): Group | undefined {
    this.update();
    // Rounding must not make somebody wait who is due to the last bit.
    const due = this.#nowMs + 1e-9 * (1 + this.#nowMs);
    while (this.#ahead.firstKey <= due) this.#enterEligible(this.#ahead.pop()!);
    return this.#eligible.peek() ?? this.#ahead.peek();
  }

  /** Nothing of the group can start: others have the turn until it comes back. */
  pass(group: Group): void {
    this.#leave(group);
    group.share.isPassed = true;
  }

  comeBack(group: Group): void {
    group.share.isPassed = false;
    this.change(group);
  }

  /** A task of the tenant starts and is expected to take so long. Called while the task still counts as waiting. */
  charge(group: Group, expectedMs: number): void {
    this.update();
    group.virtualMs += expectedMs / this.weightOf(group.tenant);
    this.#nowMs += expectedMs / this.#weights;
    this.change(group);
  }

  /** It took that much more (or less) than it was charged. */
  settle(group: Group, differenceMs: number): void {
    group.virtualMs += differenceMs / this.weightOf(group.tenant);
    this.change(group);
  }

  /** Enters those that have changed where they belong now. */
  update(): void {
    for (let group = this.#changed.pop(); group !== undefined; group = this.#changed.pop()) {
      group.share.isChanged = false;
      this.#leave(group);
      this.#countIn(group);
      if (group.waiting === 0 || group.share.isPassed) continue;
      // Those that are not ahead move on when the next one is asked for.
      group.share.isAhead = true;
      this.#ahead.push(group, group.virtualMs, group.number);
    }
  }

  #enterEligible(group: Group): void {
    group.share.isAhead = false;
    this.#eligible.push(group, group.virtualMs + group.firstMs() / this.weightOf(group.tenant), group.number);
  }

  #leave(group: Group): void {
    if (group.heapIndex !== -1) (group.share.isAhead ? this.#ahead : this.#eligible).remove(group);
  }

  #countIn(group: Group): void {
    const waits = group.waiting > 0;
    if (waits === group.share.isCounted) return;
    group.share.isCounted = waits;
    this.#count += waits ? 1 : -1;
    // With nobody left the sum begins anew, so that rounding does not add up.
    this.#weights = this.#count === 0 ? 0 : this.#weights + (waits ? 1 : -1) * this.weightOf(group.tenant);
  }
}
