/**
 * Finished tasks read back for a redrive, each with the rest of its flow, since the flow decides what else runs again, and with
 * what they need of other flows, since its outcome decides whether they may run.
 */
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
    const tasks = new Map<TaskId, TaskRow>();
    const flows = new Map<FlowId, FlowSnapshot>();
    const asked = new Set<TaskId>();
    for (let wanted = [...new Set(ids)]; wanted.length > 0; ) {
      for (const id of wanted) asked.add(id);
      const rows = await this.#store.taskGet(wanted, false);
      const flowIds = [...new Set(rows.flatMap((row) => row.flowId ?? []))].filter((id) => !flows.has(id));
      const [found, flowRows] = await Promise.all([this.#flows(flowIds), this.#tasksOf(flowIds)]);
      for (const flow of found) flows.set(flow.id, flow);
      const read = [...rows, ...flowRows];
      for (const row of read) tasks.set(row.id, row);
      wanted = [...new Set(read.flatMap((row) => row.needs ?? []))].filter((id) => !tasks.has(id) && !asked.has(id));
    }
    return { tasks: [...tasks.values()], flows: [...flows.values()] };
  }

  async #tasksOf(flowIds: readonly FlowId[]): Promise<readonly TaskRow[]> {
    return flowIds.length === 0 ? [] : this.#store.taskGet(await this.#store.flowTaskIds(flowIds), false);
  }

  async #flows(ids: readonly FlowId[]): Promise<FlowSnapshot[]> {
    const found = await Promise.all(ids.map((id) => this.#store.flowList(id - 1, 1)));
    return found.flat().map(({ id, name, createdAt }) => ({ id, name, createdAt }));
  }
}
