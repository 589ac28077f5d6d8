/**
 * The critical path of a flow (Kelley and Walker 1959): the chain of dependencies with the most service on it. It bounds the
 * makespan from below whatever the number of agents. One pass in topological order, so 100,000 tasks take milliseconds.
 */
import { assert } from "../core/assert.ts";

export interface PathTask<Id> {
  readonly id: Id;
  /** Tasks that had to be done first; those that are not in the list count for nothing. */
  readonly needs: readonly Id[];
  readonly serviceMs: number;
}

export interface CriticalPath<Id> {
  /** In order of execution; empty when there are no tasks. */
  readonly ids: readonly Id[];
  readonly totalMs: number;
}

/** Ids must be unique and the needs without a circle. Of equal paths, the one whose tasks are listed first. */
export function criticalPath<Id>(tasks: readonly PathTask<Id>[]): CriticalPath<Id> {
  const indexOf = new Map(tasks.map(({ id }, index) => [id, index] as const));
  assert(indexOf.size === tasks.length, "tasks of a critical path have different ids");
  const { order, needs } = topological(tasks, indexOf);
  /** Service along the longest path up to and including a task, and the task before it on that path. */
  const endMs = new Float64Array(tasks.length);
  const before = new Int32Array(tasks.length).fill(-1);
  let last = -1;
  for (const index of order) {
    let readyMs = 0;
    for (const need of needs[index] ?? []) {
      const end = endMs[need] ?? 0;
      const isLater = end > readyMs || before[index] === -1;
      if (!isLater) continue;
      readyMs = end;
      before[index] = need;
    }
    const end = readyMs + (tasks[index]?.serviceMs ?? 0);
    endMs[index] = end;
    const best = last === -1 ? -1 : (endMs[last] ?? 0);
    if (end > best || (end === best && index < last)) last = index;
  }
  const ids: Id[] = [];
  for (let index = last; index !== -1; index = before[index] ?? -1) {
    const task = tasks[index];
    if (task !== undefined) ids.push(task.id);
  }
  return { ids: ids.reverse(), totalMs: last === -1 ? 0 : (endMs[last] ?? 0) };
}

/** Task numbers, each after all that it needs (Kahn 1962), and the needs as numbers. */
function topological<Id>(
  tasks: readonly PathTask<Id>[],
  indexOf: ReadonlyMap<Id, number>,
): { readonly order: readonly number[]; readonly needs: readonly (readonly number[])[] } {
  const needs = tasks.map((task) => task.needs.flatMap((id) => indexOf.get(id) ?? []));
  const open = needs.map((list) => list.length);
  const dependents: number[][] = tasks.map(() => []);
  needs.forEach((list, index) => list.forEach((need) => dependents[need]?.push(index)));
  const order = open.flatMap((count, index) => (count === 0 ? [index] : []));
  // The array grows while it is walked: what is freed is appended.
  for (const done of order) {
    for (const dependent of dependents[done] ?? []) {
      const left = (open[dependent] ?? 0) - 1;
      open[dependent] = left;
      if (left === 0) order.push(dependent);
    }
  }
  assert(order.length === tasks.length, "the needs of a flow have no circle");
  return { order, needs };
}
