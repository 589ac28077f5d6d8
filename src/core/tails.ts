/**
 * The tail of a task: the longest path of expected service from its start to the end of its flow, itself included (its level in
 * Hu 1961, its upward rank in Topcuoglu 2002 without communication). A task that its parent waits for has the parent behind it.
 * Computed when first asked for, for all that depends on the task in one pass, and kept; new dependents lengthen it.
 */
import { isFinal, type Task } from "./task.ts";
import { extraOf } from "./task-record.ts";

export type Expectation = (task: Task) => number;

/** In ms at speed 1. `expectedMs` gives the expected service of one task. */
export function tailOf(task: Task, expectedMs: Expectation): number {
  const known = task.extra?.tailMs;
  if (known !== undefined) return known;
  if (task.extra === undefined) return expectedMs(task);
  // By a list and not by recursion: chains may be tens of thousands long.
  const stack: Task[] = [task];
  const entered = new Set<Task>();
  for (let top = stack[0]; top !== undefined; top = stack[stack.length - 1]) {
    const isNew = top.extra?.tailMs === undefined && !entered.has(top);
    if (isNew) {
      entered.add(top);
      for (const next of followers(top)) if (next.extra?.tailMs === undefined && !entered.has(next)) stack.push(next);
      continue;
    }
    stack.pop();
    // A child that needs its own parent closes a circle; what is on the way is then left out.
    const extra = extraOf(top);
    extra.tailMs ??= expectedMs(top) + longest(top);
  }
  return task.extra.tailMs!;
}

/** Tasks have got another dependent: tails that are known and became longer are set anew, up to the roots. Returns those that did. */
export function lengthenTails(from: readonly Task[], needsOf: (task: Task) => Iterable<Task>, expectedMs: Expectation): readonly Task[] {
  const changed: Task[] = [];
  const open = [...from];
  // Each once: a child that needs its own parent would lengthen both for ever.
  const seen = new Set<Task>();
  for (let task = open.pop(); task !== undefined; task = open.pop()) {
    if (task.extra?.tailMs === undefined || seen.has(task)) continue;
    seen.add(task);
    // What follows may not have been asked for yet.
    for (const next of followers(task)) tailOf(next, expectedMs);
    const tailMs = expectedMs(task) + longest(task);
    if (tailMs <= task.extra.tailMs) continue;
    task.extra.tailMs = tailMs;
    changed.push(task);
    open.push(...needsOf(task));
  }
  return changed;
}

/** The same without keeping anything: for those who only look. `memo` holds what was found out on the way. */
export function tailAsSeen(task: Task, expectedMs: Expectation, memo: Map<Task, number>): number {
  const known = (one: Task): number | undefined => one.extra?.tailMs ?? memo.get(one);
  const stack: Task[] = [task];
  const entered = new Set<Task>();
  for (let top = stack[0]; top !== undefined; top = stack[stack.length - 1]) {
    if (known(top) === undefined && !entered.has(top)) {
      entered.add(top);
      for (const next of followers(top)) if (known(next) === undefined && !entered.has(next)) stack.push(next);
      continue;
    }
    stack.pop();
    if (known(top) === undefined) memo.set(top, expectedMs(top) + followers(top).reduce((most, next) => Math.max(most, known(next) ?? 0), 0));
  }
  return known(task)!;
}

function longest(task: Task): number {
  let longestMs = 0;
  for (const next of followers(task)) longestMs = Math.max(longestMs, next.extra?.tailMs ?? 0);
  return longestMs;
}

function followers(task: Task): readonly Task[] {
  const { dependents, parent } = task.extra ?? {};
  const waits = parent !== undefined && !isFinal(parent.state) ? [parent] : [];
  return dependents === undefined ? waits : waits.length === 0 ? dependents : [...dependents, ...waits];
}
