/**
 * Tasks that have settled in a turn which is not durable yet. Who asks how they ended waits for that, like one who asks of a task that
 * runs; the store would answer after it too, but by way of its thread. The ids are put together when somebody asks: under
 * load most results are asked for before.
 */
import type { Turn } from "../core/event.ts";
import { isFinal, type TaskId } from "../core/task.ts";

export class Settling {
  /** Turns on their way to the store, the oldest first. */
  readonly #turns: { readonly turn: Turn; ids: ReadonlySet<TaskId> | undefined }[] = [];

  applied(turn: Turn): void {
    this.#turns.push({ turn, ids: undefined });
  }

  /** The oldest turn is durable; to be told before observers hear of what it holds, since afterwards nothing more comes. */
  durable(): void {
    this.#turns.shift();
  }

  has(id: TaskId): boolean {
    return this.#turns.some((one) => (one.ids ??= settledIn(one.turn)).has(id));
  }
}

function settledIn({ changes }: Turn): ReadonlySet<TaskId> {
  const ids = new Set<TaskId>();
  for (const { task, state } of changes) if (isFinal(state)) ids.add(task.id);
  return ids;
}
