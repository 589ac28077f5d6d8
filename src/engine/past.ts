/** Finished tasks read back for a redrive, each with the rest of its flow, since the flow decides what else runs again. */
import type { FlowSnapshot } from "../core/event.ts";
import type { FlowId, TaskId } from "../core/task.ts";
import type { TaskRow } from "../store/rows.ts";
import type { Store } from "../store/store.ts";

export class Past {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async load(ids: readonly TaskId[]): Promise<{ readonly tasks: readonly TaskRow[]; readonly flows: readonly FlowSnapshot[] }> {
    const rows = await this.#store.taskGet(ids, false);
    const flowIds = [...new Set(rows.flatMap((row) => row.flowId ?? []))];
    if (flowIds.length === 0) return { tasks: rows, flows: [] };
    const [flows, flowTasks] = await Promise.all([this.#flows(flowIds), this.#store.flowTaskIds(flowIds).then((all) => this.#store.taskGet(all, false))]);
    const alone = rows.filter((row) => row.flowId === null);
    return { tasks: [...alone, ...flowTasks], flows };
  }

  async #flows(ids: readonly FlowId[]): Promise<FlowSnapshot[]> {
    const found = await Promise.all(ids.map((id) => this.#store.flowList(id - 1, 1)));
    return found.flat().map(({ id, name, createdAt }) => ({ id, name, createdAt }));
  }
}
