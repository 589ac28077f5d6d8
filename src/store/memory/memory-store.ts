/**
 * A store in the memory of the process: for tests, for simulations, and for work that need not outlive the process. It gives
 * the same answers as the others, and keeps its content when it is closed, so that a second engine can go on where one ended.
 */
import { TASK_STATES, isFinal, type TaskState } from "../../core/task.ts";
import { MakespanError } from "../../protocol/errors.ts";
import type { LogRow, TaskInsert, TaskRow } from "../rows.ts";
import type { Store, StoreState, TaskFilter } from "../store.ts";
import { servedBy } from "./served-by.ts";
import { MemoryTables } from "./memory-tables.ts";

export interface MemoryStore extends Store {
  /** Leaves a request for the engine, as another process does with a file; returns its id. `at` in ms since 1970. */
  requestAppend(request: string, at: number): number;
}

export function createMemoryStore(): MemoryStore {
  return new Memory();
}

class Memory implements MemoryStore {
  readonly #tables = new MemoryTables();
  #open = false;
  #failure: Error | undefined;

  async open(): Promise<StoreState> {
    if (this.#open) throw new MakespanError("store_in_use", "This memory store is open already. Close it before opening it again.");
    this.#open = true;
    this.#failure = undefined;
    const tables = this.#tables;
    tables.epoch++;
    return {
      epoch: tables.epoch,
      specs: byNumber(tables.specs.values(), (spec) => spec.id),
      agents: byNumber(tables.agents.values(), (agent) => agent.id),
      flows: byNumber(tables.flows.values(), (flow) => flow.id).filter((flow) => flow.finishedAt === null),
      settings: [...tables.settings.values()].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))),
      served: servedBy(tables),
      lastTaskId: tables.lastTaskId,
      lastFlowId: tables.lastFlowId,
    };
  }

  requestAppend(request: string, at: number): number {
    const id = ++this.#tables.lastRequestId;
    this.#tables.requests.set(id, { id, at, request });
    return id;
  }

  commit: Store["commit"] = async (commit): Promise<void> => this.#write(commit.epoch, () => this.#tables.apply(commit));

  retain: Store["retain"] = async (rule, epoch) =>
    this.#write(epoch, () => {
      const tables = this.#tables;
      const gone = tables.taskIds.filter((id) => {
        const task = tables.tasks.get(id)!;
        return isFinal(task.state) && !tables.isFlowOpen(task.flowId);
      });
      const isAged = (id: number) => tables.tasks.get(id)!.finishedAt < rule.finishedBefore;
      const aged = gone.filter(isAged).slice(0, rule.limit);
      const others = aged.length < rule.limit ? gone.filter((id) => !isAged(id)) : [];
      const surplus = Math.min(Math.max(0, others.length - rule.keep), rule.limit - aged.length);
      const ids = [...aged, ...others.slice(0, surplus)];
      tables.delete(ids);
      return ids.length;
    });

  liveLoad: Store["liveLoad"] = async (after, limit) =>
    this.#read(({ tasks, taskIds, liveFrom }) => {
      const rows: TaskRow[] = [];
      for (let at = firstAbove(taskIds, Math.max(after, liveFrom - 1)); at < taskIds.length && rows.length < limit; at++) {
        const task = tasks.get(taskIds[at]!)!;
        if (!isFinal(task.state) || this.#tables.isFlowOpen(task.flowId)) rows.push(this.#row(task, false));
      }
      return rows;
    });

  payloadLoad: Store["payloadLoad"] = async (requests) =>
    this.#read(({ tasks }) => requests.map(({ id, kind }) => tasks.get(id)?.[kind] ?? null));

  keyFind: Store["keyFind"] = async (keys) =>
    this.#read(({ tasks, tasksByKey }) =>
      keys.map((key) => {
        const task = tasks.get(tasksByKey.get(key) ?? 0);
        return task === undefined ? null : { id: task.id, state: task.state };
      }),
    );

  taskGet: Store["taskGet"] = async (ids, payloads) =>
    this.#read(({ tasks }) =>
      ids.flatMap((id) => {
        const task = tasks.get(id);
        return task === undefined ? [] : [this.#row(task, payloads)];
      }),
    );

  taskList: Store["taskList"] = async ({ filter, after, limit, descending }) =>
    this.#read(({ tasks, taskIds }) => {
      const rows: TaskRow[] = [];
      const step = descending ? -1 : 1;
      let at = descending ? taskIds.length - 1 : 0;
      if (after !== undefined) at = descending ? firstAbove(taskIds, after - 1) - 1 : firstAbove(taskIds, after);
      for (; at >= 0 && at < taskIds.length && rows.length < limit; at += step) {
        const task = tasks.get(taskIds[at]!)!;
        if (this.#matches(task, filter)) rows.push(this.#row(task, false));
      }
      return rows;
    });

  flowTaskIds: Store["flowTaskIds"] = async (flowIds) =>
    this.#read(({ tasks, taskIds }) => {
      const wanted = new Set<number | null>(flowIds);
      return taskIds.filter((id) => wanted.has(tasks.get(id)!.flowId));
    });

  flowList: Store["flowList"] = async (after, limit) =>
    this.#read(({ flows }) => byNumber(flows.values(), (flow) => flow.id).filter((flow) => flow.id > after).slice(0, limit));

  attemptList: Store["attemptList"] = async (taskId) =>
    this.#read(({ attempts }) => byNumber(attempts.get(taskId)?.values() ?? [], (attempt) => attempt.attempt));

  logList: Store["logList"] = async (taskId, after, limit) =>
    this.#read(({ logs }): readonly LogRow[] => (logs.get(taskId) ?? []).slice(after, after + limit));

  agentList: Store["agentList"] = async () => this.#read(({ agents }) => byNumber(agents.values(), (agent) => agent.id));

  requestList: Store["requestList"] = async (limit) => this.#read(({ requests }) => [...requests.values()].slice(0, limit));

  info: Store["info"] = async () =>
    this.#read(({ tasks }) => {
      const counts = Object.fromEntries(TASK_STATES.map((state) => [state, 0])) as Record<TaskState, number>;
      let bytes = 0;
      for (const task of tasks.values()) {
        counts[task.state]++;
        bytes += (task.input.length + (task.result?.length ?? 0) + (task.error?.length ?? 0)) * 2;
      }
      return { tasks: counts, bytes, schemaVersion: 0 };
    });

  close: Store["close"] = async () => {
    this.#open = false;
  };

  #read<Result>(read: (tables: MemoryTables) => Result): Result {
    if (!this.#open) throw new MakespanError("engine_closed", "The memory store is not open. Open it first.");
    return read(this.#tables);
  }

  #write<Result>(epoch: number, write: () => Result): Result {
    return this.#read((tables) => {
      if (this.#failure !== undefined) throw this.#failure;
      if (epoch !== tables.epoch) {
        throw new MakespanError("store_fenced", `A commit came with epoch ${epoch}, but the store is at epoch ${tables.epoch}: another engine has taken over. Stop this one.`, {
          epoch: tables.epoch,
        });
      }
      try {
        return write();
      } catch (error) {
        this.#failure = error as Error;
        throw error;
      }
    });
  }

  #row(task: TaskInsert, payloads: boolean): TaskRow {
    return {
      ...task,
      spec: this.#tables.specs.get(task.specId)!,
      hasCheckpoint: task.checkpoint !== undefined,
      hasInput: true,
      input: "",
      result: payloads ? task.result : undefined,
      error: payloads ? task.error : undefined,
      checkpoint: undefined,
      answer: undefined,
    };
  }

  #matches(task: TaskInsert, { states, types, queue, flowId, parentId, nameContains, tenant, session }: TaskFilter): boolean {
    const spec = this.#tables.specs.get(task.specId)!;
    return (
      (states === undefined || states.includes(task.state)) &&
      (types === undefined || types.includes(spec.type)) &&
      (queue === undefined || spec.queue === queue) &&
      (flowId === undefined || task.flowId === flowId) &&
      (parentId === undefined || task.parentId === parentId) &&
      (nameContains === undefined || task.name?.includes(nameContains) === true) &&
      (tenant === undefined || task.tenant === tenant) &&
      (session === undefined || task.session === session)
    );
  }
}

function byNumber<Row>(rows: Iterable<Row>, number: (row: Row) => number): Row[] {
  return [...rows].sort((a, b) => number(a) - number(b));
}

/** Index of the first id greater than `id`. */
function firstAbove(ids: readonly number[], id: number): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ids[middle]! <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}
