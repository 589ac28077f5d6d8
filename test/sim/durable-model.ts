/**
 * What must be durable, kept by the checker from the commits that took effect, beside the store and by other means: tasks as
 * last written, who was assigned what, how attempts ended. Imports types only.
 */
import type { AgentId, FlowId, Spec, TaskId, TaskState } from "../../src/core/task.ts";
import type { AttemptRow, Commit, FlowRow, TaskInsert, TaskPatch } from "../../src/store/rows.ts";

export interface KnownTask {
  row: TaskInsert;
  spec: Spec;
  /** A redrive of it, or of one that it needs, has been asked for. */
  redriven: boolean;
  /** Its deadline had passed when it was redriven: it is done late. */
  isLate: boolean;
  /** Retention has taken it. */
  deleted: boolean;
}

/** A task that a commit inserted or changed. */
export interface Step {
  readonly task: KnownTask;
  /** Undefined when the commit inserted it. */
  readonly before: TaskInsert | undefined;
  readonly patch: TaskPatch;
}

export interface Assignment {
  readonly agentId: AgentId;
  readonly at: number;
  /** Place of its commit in the order in which commits were sent. */
  readonly sent: number;
}

const FINAL: ReadonlySet<TaskState> = new Set<TaskState>(["succeeded", "failed", "cancelled", "expired", "shed", "skipped"]);

export function isSettled(state: TaskState): boolean {
  return FINAL.has(state);
}

export function tokenOf(id: TaskId, attempt: number): string {
  return `${id}#${attempt}`;
}

export class DurableModel {
  readonly tasks = new Map<TaskId, KnownTask>();
  readonly flows = new Map<FlowId, FlowRow>();
  readonly flowTasks = new Map<FlowId, Set<TaskId>>();
  readonly agentNames = new Map<AgentId, string>();
  readonly specs = new Map<number, Spec>();
  readonly assigned = new Map<string, Assignment>();
  readonly ended = new Map<string, AttemptRow>();
  /** Live or not, the last task that was given the key. */
  readonly keyHolders = new Map<string, TaskId>();
  lastTaskId: TaskId = 0;

  apply(commit: Commit, sent: number): Step[] {
    for (const spec of commit.specs) this.specs.set(spec.id, spec);
    for (const agent of commit.agents) this.agentNames.set(agent.id, agent.name);
    for (const flow of commit.flows) this.flows.set(flow.id, flow);
    for (const id of commit.keysFreed) {
      const task = this.tasks.get(id);
      if (task !== undefined) task.row = { ...task.row, key: null };
    }
    const steps: Step[] = [];
    for (const row of commit.inserts) {
      const task: KnownTask = { row, spec: this.specs.get(row.specId)!, redriven: false, isLate: false, deleted: false };
      this.tasks.set(row.id, task);
      this.lastTaskId = Math.max(this.lastTaskId, row.id);
      if (row.key !== null) this.keyHolders.set(row.key, row.id);
      steps.push({ task, before: undefined, patch: row });
    }
    for (const patch of commit.patches) {
      const task = this.tasks.get(patch.id);
      if (task === undefined) continue;
      const before = task.row;
      task.row = {
        ...before,
        ...patch,
        result: patch.result ?? before.result,
        error: patch.error ?? before.error,
        checkpoint: patch.checkpoint ?? before.checkpoint,
        answer: patch.answer ?? before.answer,
      };
      steps.push({ task, before, patch });
    }
    for (const { task, before } of steps) {
      const { id, attempt, agentId, assignedAt, flowId } = task.row;
      if (attempt > (before?.attempt ?? 0) && agentId !== null) this.assigned.set(tokenOf(id, attempt), { agentId, at: assignedAt, sent });
      if (flowId !== null) this.#joinFlow(flowId, id);
    }
    for (const row of commit.attempts) this.ended.set(tokenOf(row.taskId, row.attempt), row);
    return steps;
  }

  state(id: TaskId): TaskState | undefined {
    return this.tasks.get(id)?.row.state;
  }

  /** Ids of the tasks in one of the states, ascending. */
  idsIn(...states: readonly TaskState[]): TaskId[] {
    return [...this.tasks.values()].filter(({ row }) => states.includes(row.state)).map(({ row }) => row.id);
  }

  live(): KnownTask[] {
    return [...this.tasks.values()].filter(({ row }) => !isSettled(row.state));
  }

  #joinFlow(flowId: FlowId, id: TaskId): void {
    let tasks = this.flowTasks.get(flowId);
    if (tasks === undefined) this.flowTasks.set(flowId, (tasks = new Set()));
    tasks.add(id);
  }
}
