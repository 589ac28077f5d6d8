/**
 * Everything that a report of a run is made from, whoever gathered it: the page and the text both take this and nothing else.
 * Instants are ms since 1970, durations ms.
 */
import type { RunSummary } from "../../monitor/summary.ts";

export const ATTEMPT_OUTCOMES = [
  "succeeded", "failed", "timeout", "lost", "expired", "cancelled", "parked", "released", "running", "planned",
] as const;
/** How an attempt ended; `running` when it had not when the report was made, `planned` when it has not begun. */
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

export interface ReportAgent {
  readonly id: number;
  readonly name: string;
  readonly kind: string;
  readonly slots: number;
}

export interface ReportAttempt {
  /** As people write it (`t17`). */
  readonly taskId: string;
  readonly label: string;
  readonly type: string;
  readonly agentId: number;
  /** When the task was released for it; without it the report shows no waiting. */
  readonly readyAt?: number;
  readonly assignedAt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly outcome: AttemptOutcome;
  /** 1 for the first. */
  readonly attempt: number;
}

export interface PathStep {
  readonly taskId: string;
  readonly label: string;
  /** After the start of the run, in ms. */
  readonly startMs: number;
  readonly serviceMs: number;
}

export interface ReportFailure {
  readonly taskId: string;
  readonly label: string;
  /** The short code (`exit_code`, `timeout`, …). */
  readonly reason: string;
  readonly message: string;
}

export interface RunReportData {
  readonly title: string;
  readonly generatedAt: number;
  /** The command line that made the run. */
  readonly command?: string;
  /** When the run began; default: the first release or assignment. */
  readonly startedAt?: number;
  readonly summary: RunSummary;
  /** Tasks that wait for the next start, because the run was stopped; default 0. */
  readonly left?: number;
  readonly agents: readonly ReportAgent[];
  readonly attempts: readonly ReportAttempt[];
  /** In order of execution. */
  readonly criticalPath: readonly PathStep[];
  readonly failures: readonly ReportFailure[];
  /** Shown at the end as they are. */
  readonly notes: readonly string[];
}

/** As much of it as the timeline needs, which a plan has as well. */
export type TimelineData = Pick<RunReportData, "startedAt" | "agents" | "attempts" | "criticalPath"> & { readonly summary: Pick<RunSummary, "makespan_ms"> };

/** When the run began; 0 when it had no attempts and nobody said. */
export function runStart(data: TimelineData): number {
  if (data.startedAt !== undefined) return data.startedAt;
  let first = Infinity;
  for (const { readyAt = Infinity, assignedAt } of data.attempts) first = Math.min(first, readyAt, assignedAt);
  return first === Infinity ? 0 : first;
}

/** Slot time used on each agent, for the findings. */
export function agentUse(data: RunReportData): readonly { readonly kind: string; readonly slots: number; readonly busyMs: number }[] {
  const busyMs = new Map<number, number>();
  for (const { agentId, assignedAt, endedAt } of data.attempts) {
    busyMs.set(agentId, (busyMs.get(agentId) ?? 0) + Math.max(0, endedAt - assignedAt));
  }
  return data.agents.map(({ id, kind, slots }) => ({ kind, slots, busyMs: busyMs.get(id) ?? 0 }));
}
