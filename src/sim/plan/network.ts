/**
 * Tasks and what they need, in flat arrays that the inner loops of the planner read: successors and predecessors one after the
 * other (compressed rows), a topological order, and for each task the longest way from the start (head) and to the end (tail).
 */
import { assert } from "../../core/assert.ts";

/** A list for each task, laid end to end: those of task i are `items[starts[i]]` up to, not with, `items[starts[i + 1]]`. */
export interface Rows {
  readonly starts: Int32Array;
  readonly items: Int32Array;
}

export interface Network {
  readonly size: number;
  readonly durations: Float64Array;
  readonly needs: Rows;
  readonly dependents: Rows;
  /** Each task after all that it needs. */
  readonly order: Int32Array;
  /** Longest sum of durations before the task can start. */
  readonly heads: Float64Array;
  /** Longest sum of durations after the task's end. */
  readonly tails: Float64Array;
  /** Longest chain of the network: max of head + duration + tail. */
  readonly criticalPath: number;
}

/** `needs[i]` lists the tasks that task i needs, by their index; there is no circle and no index out of range. */
export function createNetwork(durations: ArrayLike<number>, needLists: readonly (readonly number[])[]): Network {
  const size = durations.length;
  assert(needLists.length === size, "every task has a list of needs");
  const lists = needLists.map((list) => [...new Set(list)]);
  const needs = rowsOf(lists);
  const dependents = transposed(needs, size);
  const order = topologicalOrder(needs, dependents, size);
  const times = Float64Array.from(durations);
  const heads = longestWays(times, needs, order);
  const tails = longestWays(times, dependents, order.slice().reverse());
  let criticalPath = 0;
  for (let task = 0; task < size; task++) criticalPath = Math.max(criticalPath, heads[task]! + times[task]! + tails[task]!);
  return { size, durations: times, needs, dependents, order, heads, tails, criticalPath };
}

function rowsOf(lists: readonly (readonly number[])[]): Rows {
  const starts = new Int32Array(lists.length + 1);
  lists.forEach((list, index) => (starts[index + 1] = starts[index]! + list.length));
  return { starts, items: Int32Array.from(lists.flat()) };
}

function transposed(rows: Rows, size: number): Rows {
  const starts = new Int32Array(size + 1);
  for (const item of rows.items) starts[item + 1]! += 1;
  for (let index = 0; index < size; index++) starts[index + 1]! += starts[index]!;
  const next = starts.slice();
  const items = new Int32Array(rows.items.length);
  for (let index = 0; index < size; index++) {
    for (let at = rows.starts[index]!; at < rows.starts[index + 1]!; at++) items[next[rows.items[at]!]!++] = index;
  }
  return { starts, items };
}

/** Kahn (1962): what needs nothing that is left comes next. */
function topologicalOrder(needs: Rows, dependents: Rows, size: number): Int32Array {
  const order = new Int32Array(size);
  const open = new Int32Array(size);
  let known = 0;
  for (let task = 0; task < size; task++) {
    open[task] = needs.starts[task + 1]! - needs.starts[task]!;
    if (open[task] === 0) order[known++] = task;
  }
  for (let done = 0; done < known; done++) {
    const task = order[done]!;
    for (let at = dependents.starts[task]!; at < dependents.starts[task + 1]!; at++) {
      const dependent = dependents.items[at]!;
      open[dependent]! -= 1;
      if (open[dependent] === 0) order[known++] = dependent;
    }
  }
  assert(known === size, "the needs of a network have no circle");
  return order;
}

function longestWays(durations: Float64Array, before: Rows, order: Int32Array): Float64Array {
  const ways = new Float64Array(durations.length);
  for (const task of order) {
    let longest = 0;
    for (let at = before.starts[task]!; at < before.starts[task + 1]!; at++) {
      const other = before.items[at]!;
      longest = Math.max(longest, ways[other]! + durations[other]!);
    }
    ways[task] = longest;
  }
  return ways;
}
