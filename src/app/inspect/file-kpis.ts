/**
 * What a file's tasks measure up to: every settled task and every spent attempt fed to the same KPIs as in a run, page by page,
 * so that a file of any size takes the same memory but for the critical path.
 */
import { isFinal, type FinalState, type TaskId } from "../../core/task.ts";
import { criticalPath, type PathTask } from "../../monitor/critical-path.ts";
import { createRunKpis } from "../../monitor/kpi.ts";
import type { SettledTask } from "../../monitor/measures.ts";
import type { RunSummary } from "../../monitor/summary.ts";
import { formatTaskId } from "../../protocol/ids.ts";
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
  const use = (agentId: number | null, busyMs?: number): AgentRow | undefined => {
    const agent = agentId === null ? undefined : agents.get(agentId);
    if (agent === undefined) return undefined;
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
  const path: PathTask<TaskId>[] = [];
  const failed: TaskId[] = [];
  let settled = 0;
  let open = 0;
  for (const task of flat(pages)) {
    const { state } = task;
    if (hasSpentAttempts(task)) {
      for (const spent of attempts(task.id)) {
        use(spent.agentId, spent.endedAt - spent.assignedAt);
        kpis.attempt({ ...spent, type: task.spec.type });
      }
    }
    if (!isFinal(state)) {
      open += 1;
      continue;
    }
    settled += 1;
    kpis.task(settledTask(task, state, use(task.agentId, state === "succeeded" ? task.finishedAt - task.assignedAt : undefined)?.name ?? null));
    if (settled <= PATH_TASKS_MAX) path.push({ id: task.id, needs: task.needs ?? [], serviceMs: serviceMsOf(task) ?? 0 });
    if ((state === "failed" || state === "expired") && failed.length < FAILED_MAX) failed.push(task.id);
  }
  const critical = settled === 0 || settled > PATH_TASKS_MAX ? undefined : criticalPath(path);
  return {
    summary: kpis.summary({ criticalPathMs: critical?.totalMs ?? null }),
    agents: used,
    use: used.map((agent) => ({ agent, ...done.get(agent)! })),
    criticalPath: critical?.ids ?? [],
    failed,
    open,
  };
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
    repeats: Math.min(Math.max(0, task.attempt - 1), task.failures + task.losses),
  };
}
