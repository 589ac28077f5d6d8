/**
 * What a blocked task waits for at least: the longest path of expected service through the tasks that it needs, as if there were
 * slots for all of them (its level from below: Hu 1961). Only reads; by a list and not by recursion, since chains may be long.
 */
import { isFinal, type Task, type TaskId } from "../task.ts";
import type { World } from "../world.ts";

export interface LongestPath {
  /** From now to its own end, in ms at speed 1. */
  readonly ms: number;
  /** The open task among those it needs by which the path goes; undefined when nothing is open. */
  readonly through: TaskId | undefined;
}

/** `known` keeps the paths of tasks on the way, for whoever asks for several at one instant. */
export function longestPath(world: World, task: Task, known: Map<Task, number> = new Map()): LongestPath {
  const entered = new Set<Task>();
  const stack: Task[] = [task];
  for (let top = stack[0]; top !== undefined; top = stack[stack.length - 1]) {
    if (!known.has(top) && !entered.has(top)) {
      entered.add(top);
      for (const need of openNeeds(world, top)) if (!known.has(need) && !entered.has(need)) stack.push(need);
      continue;
    }
    stack.pop();
    if (!known.has(top)) known.set(top, longest(world, top, known)?.ms ?? leastMs(world, top));
  }
  const through = longest(world, task, known)?.need;
  return { ms: known.get(task)!, through: through?.id };
}

/** The tasks it needs that are not final. */
export function openNeeds(world: World, task: Task): readonly Task[] {
  if (task.state !== "blocked") return [];
  return (task.extra?.needs ?? []).flatMap((id) => {
    const need = world.tasks.get(id);
    return need === undefined || isFinal(need.state) ? [] : [need];
  });
}

function longest(world: World, task: Task, known: ReadonlyMap<Task, number>): { readonly need: Task; readonly ms: number } | undefined {
  let best: { need: Task; ms: number } | undefined;
  for (const need of openNeeds(world, task)) {
    const ms = (known.get(need) ?? 0) + world.remainingMs(task);
    if (best === undefined || ms > best.ms) best = { need, ms };
  }
  return best;
}

/** From now to the end of a task that needs nothing any more. */
function leastMs(world: World, task: Task): number {
  if (task.run !== undefined) return world.endsAt(task.run) - world.now;
  const waitMs = task.state === "scheduled" ? Math.max(0, (task.extra?.releaseAt ?? 0) - world.now) : 0;
  return waitMs + world.remainingMs(task);
}
