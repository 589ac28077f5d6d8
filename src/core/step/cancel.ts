/** Step: tasks are cancelled, one by one, by flow or by filter; running ones are fenced off at once and told to stop. */
import type { Selection } from "../event.ts";
import { isFinal, type Task } from "../task.ts";
import type { World } from "../world.ts";
import { settle } from "./settle.ts";

/** Returns how many tasks were cancelled (not counting those that follow from it). */
export function cancel(world: World, select: Selection, reason: string): number {
  // Collected first: settling changes the lists that are walked.
  const chosen = [...candidates(world, select)].filter((task) => !isFinal(task.state) && matches(task, select));
  let count = 0;
  for (const task of chosen) {
    if (isFinal(task.state)) continue;
    settle(world, task, "cancelled", reason);
    count += 1;
  }
  return count;
}

function candidates(world: World, select: Selection): Iterable<Task> {
  if (select.ids !== undefined) return select.ids.flatMap((id) => world.tasks.get(id) ?? []);
  if (select.flowId !== undefined) return world.flows.get(select.flowId)?.tasks ?? [];
  return world.tasks.values();
}

function matches(task: Task, select: Selection): boolean {
  return (
    (select.flowId === undefined || task.extra?.flow?.id === select.flowId) &&
    (select.types === undefined || select.types.includes(task.spec.type)) &&
    (select.queue === undefined || task.spec.queue === select.queue) &&
    (select.tenant === undefined || task.extra?.tenant === select.tenant) &&
    (select.session === undefined || task.extra?.session?.name === select.session) &&
    (select.states === undefined || select.states.includes(task.state))
  );
}
