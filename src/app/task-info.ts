/** A task as people and programs outside see it: ids as text, times as dates, payloads parsed. */
import type { TaskState } from "../core/task.ts";
import { formatFlowId, formatTaskId } from "../protocol/ids.ts";
import type { AttemptRow, LogRow, TaskRow } from "../store/rows.ts";
import type { TaskError } from "./task-failed-error.ts";

export interface TaskSummary {
  /** As `t17`. */
  readonly id: string;
  readonly type: string;
  readonly name: string | undefined;
  readonly state: TaskState;
  /** Why it ended as it did, when it did not succeed. */
  readonly reason: string | undefined;
  readonly queue: string;
  /** Lower goes first. */
  readonly priority: number;
  readonly key: string | undefined;
  readonly tenant: string | undefined;
  /** Undefined when none was given: then its flow is its session. */
  readonly session: string | undefined;
  /** 1 unless it was given another one. */
  readonly weight: number;
  readonly size: number | undefined;
  readonly region: string | undefined;
  readonly preemptible: boolean;
  /** As `f3`. */
  readonly flow: string | undefined;
  /** The task that added it as its child. */
  readonly parent: string | undefined;
  readonly needs: readonly string[];
  /** Attempts started. */
  readonly attempts: number;
  /** Of the running or last attempt. */
  readonly agent: string | undefined;
  readonly createdAt: Date;
  readonly releaseAt: Date | undefined;
  readonly dueAt: Date | undefined;
  readonly deadlineAt: Date | undefined;
  readonly startedAt: Date | undefined;
  readonly finishedAt: Date | undefined;
  /** What a parked task waits for. */
  readonly parkedFor: "children" | "answer" | undefined;
}

export interface TaskInfo extends TaskSummary {
  readonly input: unknown;
  /** Undefined unless it succeeded. */
  readonly result: unknown;
  /** Of the last attempt that failed. */
  readonly error: TaskError | undefined;
  /** What it left for its next attempt. */
  readonly checkpoint: unknown;
}

/** An attempt that did not make its task succeed. */
export interface AttemptInfo {
  readonly attempt: number;
  readonly outcome: string;
  readonly agent: string | undefined;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly cpuMs: number;
  readonly peakMemoryBytes: number;
  readonly cost: number;
  readonly error: TaskError | undefined;
}

export interface LogLine {
  readonly attempt: number;
  readonly at: Date;
  readonly level: LogRow["level"];
  readonly text: string;
}

type AgentName = (id: number) => string | undefined;

export function summaryOf(row: TaskRow, agentName: AgentName): TaskSummary {
  return {
    id: formatTaskId(row.id),
    type: row.spec.type,
    name: row.name ?? undefined,
    state: row.state,
    reason: row.reason ?? undefined,
    queue: row.spec.queue,
    priority: row.spec.priority,
    key: row.key ?? undefined,
    tenant: row.tenant ?? undefined,
    session: row.session ?? undefined,
    weight: row.weight ?? 1,
    size: row.size ?? undefined,
    region: row.region ?? undefined,
    preemptible: row.spec.preemptible === true,
    flow: row.flowId === null ? undefined : formatFlowId(row.flowId),
    parent: row.parentId === null ? undefined : formatTaskId(row.parentId),
    needs: row.needs?.map(formatTaskId) ?? [],
    attempts: row.attempt,
    agent: row.agentId === null ? undefined : agentName(row.agentId),
    createdAt: new Date(row.createdAt),
    releaseAt: dateOf(row.releaseAt),
    dueAt: dateOf(row.dueAt),
    deadlineAt: dateOf(row.deadlineAt),
    startedAt: dateOf(row.startedAt),
    finishedAt: dateOf(row.finishedAt),
    parkedFor: row.parkedFor ?? undefined,
  };
}

export function attemptOf(row: AttemptRow, agentName: AgentName): AttemptInfo {
  return {
    attempt: row.attempt,
    outcome: row.outcome,
    agent: agentName(row.agentId),
    startedAt: new Date(row.startedAt),
    endedAt: new Date(row.endedAt),
    cpuMs: row.cpuMs,
    peakMemoryBytes: row.peakMemoryBytes,
    cost: row.cost,
    error: row.error === null ? undefined : (JSON.parse(row.error) as TaskError),
  };
}

export function logLineOf({ attempt, at, level, text }: LogRow): LogLine {
  return { attempt, at: new Date(at), level, text };
}

function dateOf(at: number | null): Date | undefined {
  return at === null || at === 0 ? undefined : new Date(at);
}
