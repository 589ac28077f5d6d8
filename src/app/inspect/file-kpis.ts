/**
 * What a file's tasks measure up to: every settled task and every spent attempt fed to the same KPIs as in a run, page by page,
 * so that a file of any size takes the same memory but for the critical path.
 */
import { isFinal, type FinalState, type TaskId } from "../../core/task.ts";
import { criticalPath, type PathTask } from "../../monitor/critical-path.ts";
import { createRunKpis } from "../../monitor/kpi.ts";
import { repeatsOf, type SettledTask } from "../../monitor/measures.ts";
import type { RunSummary } from "../../monitor/summary.ts";
import { formatTaskId } from "../../protocol/ids.ts";
import { isExpander } from "../run/groups.ts";
import type { AgentRow, AttemptRow, TaskRow } from "../../store/rows.ts";
import { hasSpentAttempts } from "./attempts.ts";
import { serviceMsOf } from "./measures.ts";

/** Beyond this many tasks the critical path is not computed, since it needs them all in memory. */
const PATH_TASKS_MAX = 500_000;
/** Failed tasks named; the others are only counted. */
const FAILED_MAX = 100;

export interface FileKpisSource {
  readonly pages: Iterable<readonly TaskRow[]>;
  readonly agents: ReadonlyMap<number, AgentRow>;
  readonly attempts: (taskId: TaskId) => readonly AttemptRow[];
}

/** What an agent did. */
export interface AgentUse {
  readonly agent: AgentRow;
  /** Attempts that ended. */
  readonly attempts: number;
  /** Time from assignment to end of all of them, in ms. */
  readonly busyMs: number;
}

export interface FileKpis {
  readonly summary: RunSummary;
  /** Agents that had an attempt. */
  readonly agents: readonly AgentRow[];
  /** The same with what they did. */
  readonly use: readonly AgentUse[];
  /** In order of execution. */
  readonly criticalPath: readonly TaskId[];
  /** The first hundred. */
  readonly failed: readonly TaskId[];
  /** Tasks that have not settled; they are not in the summary. */
  readonly open: number;
}

export function fileKpis({ pages, agents, attempts }: FileKpisSource): FileKpis {
  const used: AgentRow[] = [];
  const kpis = createRunKpis({ agents: used });
  const done = new Map<AgentRow, { attempts: number; busyMs: number }>();
  /** An attempt on the agent took so long; without a time it is counted elsewhere. */
  const use = (task: TaskRow, agentId: number | null, busyMs?: number): AgentRow | undefined => {
    const agent = agentId === null ? undefined : agents.get(agentId);
    // As in a run: what expands groups only waits and submits, and its slots would make everything look idle.
    if (agent === undefined || isExpander(task.spec)) return agent;
    let its = done.get(agent);
    if (its === undefined) {
      done.set(agent, (its = { attempts: 0, busyMs: 0 }));
      used.push(agent);
    }
    if (busyMs !== undefined) {
      its.attempts += 1;
      its.busyMs += Math.max(0, busyMs);
    }
    return agent;
  };
  const path: FilePathTask[] = [];
  const needs = new Map<TaskId, readonly TaskId[]>();
  const failed: TaskId[] = [];
  let settled = 0;
  let open = 0;
  for (const task of flat(pages)) {
    const { state } = task;
    if (hasSpentAttempts(task)) {
      for (const spent of attempts(task.id)) {
        use(task, spent.agentId, spent.endedAt - spent.assignedAt);
        kpis.attempt({ ...spent, type: task.spec.type });
      }
    }
    if (task.needs !== null && settled <= PATH_TASKS_MAX) needs.set(task.id, task.needs);
    if (!isFinal(state)) {
      open += 1;
      continue;
    }
    settled += 1;
    kpis.task(settledTask(task, state, use(task, task.agentId, state === "succeeded" ? task.finishedAt - task.assignedAt : undefined)?.name ?? null));
    if (settled <= PATH_TASKS_MAX) path.push({ id: task.id, parentId: task.parentId, serviceMs: serviceMsOf(task) ?? 0, finishedAt: task.finishedAt });
    if ((state === "failed" || state === "expired") && failed.length < FAILED_MAX) failed.push(task.id);
  }
  const critical = settled === 0 || settled > PATH_TASKS_MAX ? undefined : criticalPath(withFamilies(path, needs));
  return {
    summary: kpis.summary({ criticalPathMs: critical?.totalMs ?? null }),
    agents: used,
    use: used.map((agent) => ({ agent, ...done.get(agent)! })),
    criticalPath: critical?.ids ?? [],
    failed,
    open,
  };
}

interface FilePathTask {
  readonly id: TaskId;
  readonly parentId: TaskId | null;
  readonly serviceMs: number;
  readonly finishedAt: number;
}

/**
 * With what each task needed; for a child also its parent's needs, since it could not start before those were done, and for a
 * parent the children that it outlived. A child with needs of its own may need what needs its parent: it stays out, or
 * there would be a circle.
 */
function withFamilies(tasks: readonly FilePathTask[], needs: ReadonlyMap<TaskId, readonly TaskId[]>): readonly PathTask<TaskId>[] {
  const finishedAt = new Map(tasks.map((task) => [task.id, task.finishedAt]));
  const children = new Map<TaskId, TaskId[]>();
  for (const task of tasks) {
    if (task.parentId === null || needs.has(task.id) || task.finishedAt > (finishedAt.get(task.parentId) ?? 0)) continue;
    const siblings = children.get(task.parentId);
    if (siblings === undefined) children.set(task.parentId, [task.id]);
    else siblings.push(task.id);
  }
  return tasks.map(({ id, parentId, serviceMs }) => {
    const parents = parentId === null ? undefined : needs.get(parentId);
    return { id, serviceMs, needs: [...(needs.get(id) ?? []), ...(children.get(id) ?? []), ...(parents ?? [])] };
  });
}

function* flat(pages: Iterable<readonly TaskRow[]>): Generator<TaskRow> {
  for (const page of pages) yield* page;
}

function settledTask(task: TaskRow, state: FinalState, agent: string | null): SettledTask {
  const { name, createdAt, readyAt, firstReadyAt, assignedAt, startedAt, finishedAt, dueAt, servedMs, cpuMs, peakMemoryBytes, cost } = task;
  return {
    taskId: formatTaskId(task.id), name, type: task.spec.type, state, agent,
    createdAt, readyAt, firstReadyAt, assignedAt, startedAt, finishedAt, dueAt,
    servedMs, cpuMs, peakMemoryBytes, cost, attempts: task.attempt,
    repeats: repeatsOf(task, state),
  };
}
