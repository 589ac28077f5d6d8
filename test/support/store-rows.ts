/**
 * Rows for tests of stores, with every field at its default unless given.
 */
import type { Spec } from "../../src/core/task.ts";
import type { AgentRow, AttemptRow, Commit, FlowRow, TaskInsert, TaskPatch } from "../../src/store/rows.ts";
import type { TaskPage } from "../../src/store/store.ts";

export function specOf(id: number, given: Partial<Spec> = {}): Spec {
  const retry = { limit: 2, backoff: "exponential", delayMs: 100, maxDelayMs: 5_000, jitter: 0.5, lossLimit: 3 } as const;
  return { id, type: `type-${id}`, queue: "default", priority: 3, retry, onDependencyFailure: "skip", ...given };
}

export function patchOf(id: number, given: Partial<TaskPatch> = {}): TaskPatch {
  return {
    id, state: "queued", attempt: 0, failures: 0, losses: 0, flowId: null, firstReadyAt: 0, readyAt: 0, releaseAt: null, parkedFor: null,
    answered: false, agentId: null, assignedAt: 0, startedAt: 0, finishedAt: 0, servedMs: 0, cpuMs: 0, peakMemoryBytes: 0, cost: 0, reason: null,
    result: undefined, error: undefined, checkpoint: undefined, answer: undefined,
    ...given,
  };
}

export function insertOf(id: number, given: Partial<TaskInsert> = {}): TaskInsert {
  return {
    ...patchOf(id),
    specId: 1, parentId: null, name: null, key: null, limitKey: null, limitOfKey: null, needs: null, createdAt: 1_000 + id, dueAt: null,
    deadlineAt: null, estimateMs: null, tenant: null, session: null, weight: null, size: null, region: null, uses: null, input: `{"n":${id}}`,
    ...given,
  };
}

export function agentOf(id: number, given: Partial<AgentRow> = {}): AgentRow {
  return { id, name: `agent ${id}`, kind: "function", slots: 1, costPerHour: 0, weight: 1, region: null, speed: 1, speeds: null, joinedAt: 3, ...given };
}

export function attemptOf(taskId: number, attempt: number, given: Partial<AttemptRow> = {}): AttemptRow {
  return {
    taskId, attempt, agentId: 1, assignedAt: 10, startedAt: 11, endedAt: 12, outcome: "failed", cpuMs: 0, peakMemoryBytes: 0, cost: 0, error: null,
    ...given,
  };
}

export function flowOf(id: number, given: Partial<FlowRow> = {}): FlowRow {
  return { id, name: `flow ${id}`, createdAt: 5, finishedAt: null, ...given };
}

export function commitOf(epoch: number, given: Partial<Commit> = {}): Commit {
  return {
    epoch, at: 1_000, specs: [], agents: [], flows: [], inserts: [], patches: [], keysFreed: [], attempts: [], logs: [], settings: [],
    requestsDone: [], liveFrom: 1,
    ...given,
  };
}

export function pageOf(given: Partial<TaskPage> = {}): TaskPage {
  return { filter: {}, after: undefined, limit: 1_000, descending: false, ...given };
}
