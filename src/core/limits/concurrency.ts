/**
 * Concurrency limits: at most so many attempts at once of a type, or with a limit key. A unit is taken at the match and given
 * back when the attempt has really ended, so a limit is never exceeded, not even by an attempt that nobody waits for any more.
 *
 * A queued task whose limit is used up waits at that limit, out of the way of the others in its lane; a unit that comes free
 * wakes the best of them. Whoever is woken and does not take the unit must call `wake` again, or the others would sleep on.
 */
import { assert } from "../assert.ts";
import { Heap } from "../struct/heap.ts";
import type { Task } from "../task.ts";

interface Limit {
  units: number;
  used: number;
  /** Live tasks that name it by its key. */
  named: number;
  readonly waiting: Heap<Task>;
}

const NONE: readonly string[] = [];

export class ConcurrencyLimits {
  readonly #limits = new Map<string, Limit>();
  readonly #typeLimits = new Set<string>();

  setType(type: string, units: number | null): void {
    const name = typeLimitName(type);
    if (units === null) {
      this.#typeLimits.delete(type);
      const limit = this.#limits.get(name);
      if (limit !== undefined) limit.units = Infinity;
    } else {
      this.#typeLimits.add(type);
      this.#limit(name).units = units;
    }
  }

  /** A live task names a key; the newest one decides how many units the key has. */
  nameKey(key: string, units: number): void {
    const limit = this.#limit(keyLimitName(key));
    limit.units = units;
    limit.named += 1;
  }

  /** A task that named a key has settled. Keys come and go without end: one that nobody names or holds is forgotten. */
  unnameKey(key: string): void {
    const limit = this.#limit(keyLimitName(key));
    assert(limit.named > 0, `limit key ${key} is named by the task that settles`);
    limit.named -= 1;
    this.#forget(keyLimitName(key), limit);
  }

  /** Names of the limits that a task takes a unit of. */
  namesOf(task: Task): readonly string[] {
    const key = task.extra?.limitKey;
    const hasTypeLimit = this.#typeLimits.size > 0 && this.#typeLimits.has(task.spec.type);
    if (key === undefined) return hasTypeLimit ? [typeLimitName(task.spec.type)] : NONE;
    return hasTypeLimit ? [typeLimitName(task.spec.type), keyLimitName(key)] : [keyLimitName(key)];
  }

  /** The first of the limits that has no unit left. */
  exhausted(names: readonly string[]): string | undefined {
    return names.find((name) => this.#free(name) <= 0);
  }

  take(names: readonly string[]): void {
    for (const name of names) this.#limit(name).used += 1;
  }

  giveBack(names: readonly string[]): void {
    for (const name of names) {
      const limit = this.#limit(name);
      assert(limit.used > 0, `limit ${name} has a unit to give back`);
      limit.used -= 1;
      this.#forget(name, limit);
    }
  }

  /** Puts a queued task to wait at a limit; `rank` is its place among those that wait there. */
  waitAt(name: string, task: Task, rank: number): void {
    this.#limit(name).waiting.push(task, rank, task.id);
    task.extra ??= { needsOpen: 0, childrenOpen: 0 };
    task.extra.waitsAt = name;
  }

  /** Takes a task away from the limit it waits at. */
  leave(task: Task): void {
    const name = task.extra?.waitsAt;
    assert(name !== undefined, "the task waits at a limit");
    this.#limit(name).waiting.remove(task);
    delete task.extra!.waitsAt;
  }

  /** The best task waiting at a limit that has a unit free, taken away from it. Waking one too many does no harm. */
  wake(name: string): Task | undefined {
    if (this.#free(name) <= 0) return undefined;
    const task = this.#limits.get(name)?.waiting.peek();
    if (task !== undefined) this.leave(task);
    return task;
  }

  used(name: string): number {
    return this.#limits.get(name)?.used ?? 0;
  }

  units(name: string): number {
    return this.#limits.get(name)?.units ?? Infinity;
  }

  names(): IterableIterator<string> {
    return this.#limits.keys();
  }

  #forget(name: string, limit: Limit): void {
    if (limit.named === 0 && limit.used === 0 && name.startsWith("key:")) this.#limits.delete(name);
  }

  #free(name: string): number {
    const limit = this.#limits.get(name);
    return limit === undefined ? Infinity : limit.units - limit.used;
  }

  #limit(name: string): Limit {
    let limit = this.#limits.get(name);
    if (limit === undefined) {
      limit = { units: Infinity, used: 0, named: 0, waiting: new Heap<Task>() };
      this.#limits.set(name, limit);
    }
    return limit;
  }
}

export function typeLimitName(type: string): string {
  return `type:${type}`;
}

export function keyLimitName(key: string): string {
  return `key:${key}`;
}
