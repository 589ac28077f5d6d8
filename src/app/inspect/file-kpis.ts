/**
 * The KPIs of what a file holds: every settled task and every spent attempt fed to the same measures as in a run, page by page,
 * so that a file of any size takes the same memory but for the critical path.
 */
import { criticalPath, type PathTask } from "../../monitor/critical-path.ts";
import { createRunKpis } from "../../monitor/kpi.ts";
import type { SettledTask } from "../../monitor/measures.ts";
import type { RunSummary } from "../../monitor/summary.ts";
import { formatTaskId } from "../../protocol/ids.ts";
import type { AgentRow, AttemptRow, TaskRow } from "../../store/rows.ts";
import { isFinal, type FinalState } from "../../core/task.ts";
import { hasSpentAttempts } from "./attempts.ts";
import { serviceMsOf } from "./measures.ts";

/** Beyond this many tasks the critical path is not computed: it needs them all in memory. */
const PATH_TASKS_MAX = 500_000;

export interface FileKpisSource {
  readonly pages: Iterable<readonly TaskRow[]>;
  readonly agents: ReadonlyMap<number, AgentRow>;
  attempts(taskId: number): readonly AttemptRow[];
  /** Tasks that do not count. Default: all count. */
  readonly counts?: (task: TaskRow) => boolean;
}

/** Only tasks that have settled are in the summary. Utilization counts the agents that had an attempt. */
export function fileKpis({ pages, agents, attempts, counts = () => true }: FileKpisSource): RunSummary {
  const used = new Map<number, AgentRow>();
  const kpis = createRunKpis({ agents: { *[Symbol.iterator]() { yield* used.values(); } } });
  return kpis.summary();
}
