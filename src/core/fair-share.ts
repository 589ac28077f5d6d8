/**
 * Fair share: tenants of a queue get service in proportion to their weights, whatever they submit; inside a tenant the queue's
 * policy decides. Earliest eligible virtual deadline first (Stoica and Abdel-Wahab 1995; for equal tasks this is the chairman
 * assignment of Tijdeman 1980, so that no tenant is ever a whole task away from its share). Each tenant has a virtual clock: what it
 * was charged ÷ its weight. It is eligible when that has not run ahead of the queue's own; of the eligible, the one whose next
 * task would be paid off first is next. A task is charged at its start with what it is expected to take, and when it ends the
 * difference to what it took is settled.
 */

/** What takes part: a group of a queue, or one of a rehearsal. */
export interface Sharer {
  readonly tenant: string;
  /** As the fair share has it (`weightOf`). */
  readonly weight: number;
  /** Tasks that wait in it. */
  readonly waiting: number;
  /** Service charged so far ÷ weight, in virtual ms. */
  virtualMs: number;
  /** Expected service of its first task, in ms. */
  firstMs(): number;
}

export class FairShare {
  /** Weights by tenant; one that is not named weighs 1. */
  readonly weights: ReadonlyMap<string, number>;
  /** Virtual time of the queue, in ms: what a tenant of weight 1 is due so far. */
  #nowMs = 0;

  constructor(weights: ReadonlyMap<string, number>) {
    this.weights = weights;
  }

  /** One that goes on from where this one is, on its own. */
  copy(): FairShare {
    const copy = new FairShare(this.weights);
    copy.#nowMs = this.#nowMs;
    return copy;
  }

  weightOf(tenant: string): number {
    return this.weights.get(tenant) ?? 1;
  }

  /** A tenant that had nothing waiting has again. What it did not use is gone; what it had ahead of its share still counts. */
  join(group: Sharer): void {
    group.virtualMs = Math.max(group.virtualMs, this.#nowMs);
  }

  /** Whether its clock has not run ahead of the queue's. */
  isEligible(group: Sharer): boolean {
    return group.virtualMs <= this.dueMs;
  }

  /** Whether the tenant would come back with the clock of one that was never here. */
  hasCaughtUp(group: Sharer): boolean {
    return group.virtualMs <= this.#nowMs;
  }

  /** Up to which a tenant's clock counts as due: rounding must not make somebody wait who is due to the last bit. */
  get dueMs(): number {
    return this.#nowMs + 1e-9 * (1 + this.#nowMs);
  }

  /** What its clock will show when its first task is paid. */
  paidOffAt(group: Sharer): number {
    return group.virtualMs + group.firstMs() / group.weight;
  }

  /** The tenant that is next among those with waiting tasks which are not in `passed`. O(tenants · types): for questions; dispatch has `share-order.ts`. */
  next<Group extends Sharer>(groups: Iterable<Group>, passed: ReadonlySet<Group>): Group | undefined {
    let best: Group | undefined;
    let bestEnd = Infinity;
    let first: Group | undefined;
    for (const group of groups) {
      if (group.waiting === 0 || passed.has(group)) continue;
      if (first === undefined || group.virtualMs < first.virtualMs) first = group;
      const end = this.paidOffAt(group);
      if (this.isEligible(group) && end < bestEnd) {
        best = group;
        bestEnd = end;
      }
    }
    return best ?? first;
  }

  /** A task of the tenant starts and is expected to take so long. Called while the task still counts as waiting. */
  charge(groups: Iterable<Sharer>, group: Sharer, expectedMs: number): void {
    let weights = 0;
    for (const other of groups) if (other.waiting > 0) weights += other.weight;
    this.advance(group, expectedMs, weights);
  }

  /** The same where the weights of all that wait are summed up already. */
  advance(group: Sharer, expectedMs: number, weights: number): void {
    group.virtualMs += expectedMs / group.weight;
    this.#nowMs += expectedMs / weights;
  }

  /**
   * It took that much more (or less) than it was charged, when tenants of so much weight in all shared the queue. The queue's clock is
   * corrected as well, or whoever comes later would start from a time that has nothing to do with the service given.
   */
  settle(group: Sharer, differenceMs: number, weights: number): void {
    group.virtualMs += differenceMs / group.weight;
    this.#nowMs += differenceMs / weights;
  }
}
