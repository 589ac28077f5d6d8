/**
 * Concurrency limits: at most so many attempts at once of a type, or with a limit key. A unit is taken at the match and given
 * back when the attempt has really ended, so a limit is never exceeded, not even by an attempt that nobody waits for any more.
 *
 * A type limit closes whole lanes, so its tasks just wait in them. A key closes single tasks: one whose key is used up steps
 * aside, out of the way of the others in its lane. For every key and lane this holds: as many of its tasks are in the lane
 * proper as the key has units free, or all of them. So whatever keeps one lane from starting its tasks (a pause, busy agents, a
 * type limit) never keeps another lane from the units, and nothing need be woken when that ends.
 */
import { assert } from "../assert.ts";
import type { Lane } from "../queue.ts";
import type { Task } from "../task.ts";

interface Limit {
  units: number;
  used: number;
}

interface KeyLimit extends Limit {
  /** Live tasks that name it. */
  named: number;
  /** Lanes in which tasks stepped aside; made when the first one does. */
  lanes: Set<Lane> | undefined;
}

export class ConcurrencyLimits {
  readonly #types = new Map<string, Limit>();
  readonly #keys = new Map<string, KeyLimit>();

  /** `running` counts the attempts of the type that are on agents now; null lifts the limit. */
  setType(type: string, units: number | null, running: number): void {
    const limit = this.#types.get(type);
    if (units === null) this.#types.delete(type);
    else if (limit === undefined) this.#types.set(type, { units, used: running });
    else limit.units = units;
  }

  /** A live task names a key; the newest one decides how many units the key has. */
  nameKey(key: string, units: number): void {
    const limit = this.#keys.get(key);
    if (limit === undefined) {
      this.#keys.set(key, { units, used: 0, named: 1, lanes: undefined });
      return;
    }
    const freeBefore = Math.max(limit.units - limit.used, 0);
    limit.units = units;
    limit.named += 1;
    this.#wake(key, limit, units - limit.used - freeBefore);
  }

  /** A task that named a key has settled. Keys come and go without end: one that nobody names or holds is forgotten. */
  unnameKey(key: string): void {
    const limit = this.#keyLimit(key);
    assert(limit.named > 0, `limit key ${key} is named by the task that settles`);
    limit.named -= 1;
    this.#forget(key, limit);
  }

  isTypeUsedUp(type: string): boolean {
    if (this.#types.size === 0) return false;
    const limit = this.#types.get(type);
    return limit !== undefined && limit.used >= limit.units;
  }

  /** The limit that keeps a task from starting now, by its name; undefined when none does. Type limits, which close whole lanes, are not asked. */
  gateOf(task: Task): string | undefined {
    const key = task.extra?.limitKey;
    if (key === undefined) return undefined;
    const limit = this.#keyLimit(key);
    return limit.used >= limit.units ? key : undefined;
  }

  /** An attempt starts: one unit of each limit of its task. */
  take(task: Task): void {
    const type = this.#types.size === 0 ? undefined : this.#types.get(task.spec.type);
    if (type !== undefined) type.used += 1;
    const key = task.extra?.limitKey;
    if (key !== undefined) this.#keyLimit(key).used += 1;
  }

  /** An attempt has ended. */
  giveBack(task: Task): void {
    const type = this.#types.size === 0 ? undefined : this.#types.get(task.spec.type);
    if (type !== undefined) {
      assert(type.used > 0, `the limit of type ${task.spec.type} has a unit to give back`);
      type.used -= 1;
    }
    const key = task.extra?.limitKey;
    if (key === undefined) return;
    const limit = this.#keyLimit(key);
    assert(limit.used > 0, `limit key ${key} has a unit to give back`);
    limit.used -= 1;
    if (limit.used < limit.units) this.#wake(key, limit, 1);
    this.#forget(key, limit);
  }

  /** The task at the head of a lane leaves it until its key has a unit free. */
  stepAside(key: string, lane: Lane, task: Task): void {
    const limit = this.#keyLimit(key);
    assert(limit.used >= limit.units, "a task steps aside only for a key that is used up");
    lane.stepAside(key, task);
    (limit.lanes ??= new Set()).add(lane);
  }

  /** A task that could have taken a free unit is gone from its lane: the next of that lane gets its chance. */
  passOn(key: string, lane: Lane): void {
    const limit = this.#keyLimit(key);
    if (limit.used < limit.units && limit.lanes?.has(lane) === true) this.#wakeIn(key, limit, lane);
  }

  /** Units in use and in all, by limit (`type:…`, `key:…`). */
  list(): { readonly name: string; readonly used: number; readonly units: number }[] {
    const types = [...this.#types].map(([type, { used, units }]) => ({ name: `type:${type}`, used, units }));
    return [...types, ...[...this.#keys].map(([key, { used, units }]) => ({ name: `key:${key}`, used, units }))];
  }

  /** The best `count` tasks of each lane come back into it. */
  #wake(key: string, limit: KeyLimit, count: number): void {
    if (limit.lanes === undefined) return;
    for (let woken = 0; woken < count && limit.lanes.size > 0; woken++) {
      for (const lane of limit.lanes) this.#wakeIn(key, limit, lane);
    }
  }

  #wakeIn(key: string, limit: KeyLimit, lane: Lane): void {
    if (!lane.comeBack(key)) limit.lanes!.delete(lane);
  }

  #forget(key: string, limit: KeyLimit): void {
    if (limit.named === 0 && limit.used === 0) this.#keys.delete(key);
  }

  #keyLimit(key: string): KeyLimit {
    const limit = this.#keys.get(key);
    assert(limit !== undefined, `limit key ${key} is known while a task names or holds it`);
    return limit;
  }
}
