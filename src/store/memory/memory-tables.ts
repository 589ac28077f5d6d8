/**
 * What a memory store holds, and how a commit changes it: looked through first, so that it is applied whole or not at all.
 */
import { assert } from "../../core/assert.ts";
import type { AgentId, FlowId, Spec, TaskId } from "../../core/task.ts";
import type { AgentRow, AttemptRow, Commit, FlowRow, LogRow, RequestRow, SettingRow, TaskInsert, TaskPatch } from "../rows.ts";

export class MemoryTables {
  epoch = 0;
  liveFrom: TaskId = 1;
  lastTaskId: TaskId = 0;
  lastFlowId: FlowId = 0;
  lastRequestId = 0;
  readonly specs = new Map<number, Spec>();
  readonly agents = new Map<AgentId, AgentRow>();
  readonly flows = new Map<FlowId, FlowRow>();
  readonly tasks = new Map<TaskId, TaskInsert>();
  /** Ids of all tasks, ascending. */
  readonly taskIds: TaskId[] = [];
  readonly tasksByKey = new Map<string, TaskId>();
  readonly attempts = new Map<TaskId, Map<number, AttemptRow>>();
  readonly logs = new Map<TaskId, LogRow[]>();
  readonly settings = new Map<string, SettingRow>();
  readonly requests = new Map<number, RequestRow>();

  apply(commit: Commit): void {
    this.#check(commit);
    for (const spec of commit.specs) this.specs.set(spec.id, spec);
    for (const agent of commit.agents) this.agents.set(agent.id, agent);
    for (const flow of commit.flows) this.#putFlow(flow);
    for (const id of commit.keysFreed) this.#freeKey(id);
    for (const task of commit.inserts) this.#insert(task);
    for (const patch of commit.patches) this.#patch(patch);
    for (const attempt of commit.attempts) entry(this.attempts, attempt.taskId, () => new Map()).set(attempt.attempt, attempt);
    for (const line of commit.logs) entry(this.logs, line.taskId, () => []).push(line);
    for (const setting of commit.settings) this.settings.set(setting.name, setting);
    for (const id of commit.requestsDone) this.requests.delete(id);
    this.liveFrom = commit.liveFrom;
  }

  /** Forgets tasks with all that belongs to them, and finished flows that have none left. */
  delete(ids: readonly TaskId[]): void {
    const flows = new Set<FlowId>();
    for (const id of ids) {
      const task = this.tasks.get(id);
      if (task === undefined) continue;
      if (task.flowId !== null) flows.add(task.flowId);
      this.#freeKey(id);
      this.tasks.delete(id);
      this.attempts.delete(id);
      this.logs.delete(id);
    }
    let kept = 0;
    for (const id of this.taskIds) if (this.tasks.has(id)) this.taskIds[kept++] = id;
    this.taskIds.length = kept;
    for (const { flowId } of this.tasks.values()) if (flowId !== null) flows.delete(flowId);
    for (const id of flows) this.flows.delete(id);
  }

  isFlowOpen(id: FlowId | null): boolean {
    return id !== null && this.flows.get(id)?.finishedAt === null;
  }

  #check({ inserts, keysFreed }: Commit): void {
    const freed = new Set(keysFreed);
    const ids = new Set<TaskId>();
    const keys = new Set<string>();
    for (const { id, key } of inserts) {
      assert(!this.tasks.has(id) && !ids.has(id), `task ${id} is inserted once`);
      ids.add(id);
      if (key === null) continue;
      const holder = this.tasksByKey.get(key);
      assert(!keys.has(key) && (holder === undefined || freed.has(holder)), `the key of task ${id} is free`);
      keys.add(key);
    }
  }

  #putFlow(flow: FlowRow): void {
    this.flows.set(flow.id, flow);
    this.lastFlowId = Math.max(this.lastFlowId, flow.id);
  }

  #freeKey(id: TaskId): void {
    const task = this.tasks.get(id);
    if (task === undefined || task.key === null) return;
    this.tasksByKey.delete(task.key);
    this.tasks.set(id, { ...task, key: null });
  }

  #insert(task: TaskInsert): void {
    this.tasks.set(task.id, task);
    if (task.key !== null) this.tasksByKey.set(task.key, task.id);
    const last = this.taskIds.at(-1) ?? 0;
    this.taskIds.push(task.id);
    if (task.id < last) this.taskIds.sort((a, b) => a - b);
    this.lastTaskId = Math.max(this.lastTaskId, task.id);
  }

  #patch(patch: TaskPatch): void {
    const task = this.tasks.get(patch.id);
    if (task === undefined) return;
    this.tasks.set(patch.id, {
      ...task,
      ...patch,
      result: patch.result ?? task.result,
      error: patch.error ?? task.error,
      checkpoint: patch.checkpoint ?? task.checkpoint,
      answer: patch.answer ?? task.answer,
    });
  }
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
