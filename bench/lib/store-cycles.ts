/**
 * Drives a store's commit path as the engine does under full load: every commit carries new tasks that start at once and the
 * results of those of the commit before, and two commits are under way at a time.
 */
import type { Commit, TaskInsert, TaskPatch } from "../../src/store/rows.ts";
import type { Store } from "../../src/store/store.ts";

export interface StoreCycles {
  /** Tasks inserted running and completed, a second. */
  readonly cyclesPerS: number;
  /** CPU time of this thread spent on handing rows over and on acknowledgements, a task, in microseconds; rows are made before. */
  readonly mainThreadUsPerTask: number;
}

const IN_FLIGHT = 2;

/** Not counted: the thread of the file is new and its code not compiled yet, while the raw loop is compiled after its first run. */
const WARM_UP_TASKS = 20_000;

export async function storeCycles(store: Store, taskCount: number, tasksInCommit: number): Promise<StoreCycles> {
  const { epoch } = await store.open();
  const warmUp = Math.floor(WARM_UP_TASKS / tasksInCommit);
  const commits: Commit[] = [];
  const at = Date.now();
  const specs = [{ id: 1, type: "noop", queue: "default", priority: 3, retry: RETRY, onDependencyFailure: "skip" as const }];
  const lastTask = warmUp * tasksInCommit + taskCount;
  for (let first = 1; first <= lastTask + tasksInCommit; first += tasksInCommit) {
    const ids = Array.from({ length: tasksInCommit }, (_, index) => first + index);
    const inserts = first > lastTask ? [] : ids.map((id) => running(id, at));
    const patches = first === 1 ? [] : ids.map((id) => succeeded(id - tasksInCommit, at));
    commits.push({ ...EMPTY, epoch, at, inserts, patches, specs: first === 1 ? specs : [], liveFrom: Math.max(1, first - tasksInCommit) });
  }
  for (const commit of commits.splice(0, warmUp)) await store.commit(commit);
  const cpuBefore = process.threadCpuUsage();
  const startedAt = performance.now();
  const underWay: Promise<void>[] = [];
  for (const commit of commits) {
    if (underWay.length >= IN_FLIGHT) await underWay.shift();
    underWay.push(store.commit(commit));
  }
  await Promise.all(underWay);
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = process.threadCpuUsage(cpuBefore);
  await store.close();
  return { cyclesPerS: taskCount / seconds, mainThreadUsPerTask: (cpu.user + cpu.system) / taskCount };
}

const RETRY = { limit: 0, backoff: "fixed", delayMs: 0, maxDelayMs: 0, jitter: 0, lossLimit: 3 } as const;

const EMPTY: Commit = {
  epoch: 0, at: 0, specs: [], agents: [], flows: [], inserts: [], patches: [], keysFreed: [], attempts: [], logs: [], settings: [],
  requestsDone: [], liveFrom: 1,
};

function succeeded(id: number, at: number): TaskPatch {
  return {
    id, state: "succeeded", attempt: 1, failures: 0, losses: 0, flowId: null, firstReadyAt: at, readyAt: at, releaseAt: null, parkedFor: null,
    answered: false, agentId: 1, assignedAt: at, startedAt: at, finishedAt: at, servedMs: 0, cpuMs: 0, peakMemoryBytes: 0, cost: 0, reason: null,
    result: '{"ok":true}', error: undefined, checkpoint: undefined, answer: undefined,
  };
}

function running(id: number, at: number): TaskInsert {
  return {
    id, state: "running", attempt: 1, failures: 0, losses: 0, flowId: null, firstReadyAt: at, readyAt: at, releaseAt: null, parkedFor: null,
    answered: false, agentId: 1, assignedAt: at, startedAt: 0, finishedAt: 0, servedMs: 0, cpuMs: 0, peakMemoryBytes: 0, cost: 0, reason: null,
    result: undefined, error: undefined, checkpoint: undefined, answer: undefined,
    specId: 1, parentId: null, name: null, key: null, limitKey: null, limitOfKey: null, needs: null, createdAt: at, dueAt: null,
    deadlineAt: null, estimateMs: null, tenant: null, session: null, weight: null, size: null, region: null, uses: null, input: `{"n":${id}}`,
  };
}
