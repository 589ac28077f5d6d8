/**
 * Tasks and attempts as the command line writes them for programs: snake_case, instants as ISO 8601 in UTC, durations in ms,
 * null for what is not known; the same names as in the view `tasks` of a store file.
 */
import { serviceMsOf, sojournMsOf, waitMsOf, type AttemptView, type Inspector, type TaskRow } from "../app/inspect.ts";
import { formatFlowId, formatTaskId } from "../protocol/ids.ts";

/** Names of the values of a task, in the order in which they are written. */
export const TASK_FIELDS = [
  "id", "name", "state", "reason", "type", "queue", "priority", "flow", "parent", "needs", "key", "limit_key", "limit_of_key",
  "tenant", "session", "weight", "size", "region", "preemptible",
  "attempts", "failures", "losses", "agent", "parked_for", "has_checkpoint",
  "created_at", "first_ready_at", "ready_at", "release_at", "due_at", "deadline_at", "assigned_at", "started_at", "finished_at",
  "wait_ms", "service_ms", "sojourn_ms", "estimate_ms", "cpu_ms", "peak_memory_bytes", "cost",
] as const;

export type TaskJson = Readonly<Record<(typeof TASK_FIELDS)[number], string | number | boolean | null | readonly string[]>>;

export function taskJson(task: TaskRow, inspector: Inspector): TaskJson {
  return {
    id: formatTaskId(task.id),
    name: task.name,
    state: task.state,
    reason: task.reason,
    type: task.spec.type,
    queue: task.spec.queue,
    priority: task.spec.priority,
    flow: task.flowId === null ? null : formatFlowId(task.flowId),
    parent: task.parentId === null ? null : formatTaskId(task.parentId),
    needs: (task.needs ?? []).map(formatTaskId),
    key: task.key,
    limit_key: task.limitKey,
    limit_of_key: task.limitOfKey,
    tenant: task.tenant,
    session: task.session,
    weight: task.weight ?? 1,
    size: task.size,
    region: task.region,
    preemptible: task.spec.preemptible === true,
    attempts: task.attempt,
    failures: task.failures,
    losses: task.losses,
    agent: inspector.agentName(task.agentId) ?? null,
    parked_for: task.parkedFor,
    has_checkpoint: task.hasCheckpoint,
    created_at: instant(task.createdAt),
    first_ready_at: instant(task.firstReadyAt),
    ready_at: instant(task.readyAt),
    release_at: instant(task.releaseAt),
    due_at: instant(task.dueAt),
    deadline_at: instant(task.deadlineAt),
    assigned_at: instant(task.assignedAt),
    started_at: instant(task.startedAt),
    finished_at: instant(task.finishedAt),
    wait_ms: waitMsOf(task) ?? null,
    service_ms: serviceMsOf(task) ?? null,
    sojourn_ms: sojournMsOf(task) ?? null,
    estimate_ms: task.estimateMs,
    cpu_ms: measured(task.cpuMs),
    peak_memory_bytes: measured(task.peakMemoryBytes),
    cost: measured(task.cost),
  };
}

export function attemptJson(attempt: AttemptView, inspector: Inspector): Readonly<Record<string, unknown>> {
  const { startedAt, endedAt } = attempt;
  return {
    attempt: attempt.attempt,
    outcome: attempt.outcome,
    agent: inspector.agentName(attempt.agentId) ?? null,
    assigned_at: instant(attempt.assignedAt),
    started_at: instant(startedAt),
    ended_at: instant(endedAt),
    service_ms: startedAt > 0 && endedAt > 0 ? Math.max(0, endedAt - startedAt) : null,
    cpu_ms: measured(attempt.cpuMs),
    peak_memory_bytes: measured(attempt.peakMemoryBytes),
    cost: measured(attempt.cost),
    error: parsed(attempt.error),
  };
}

/** The value of a payload, or its text should it not be JSON. */
export function parsed(payload: string | null | undefined): unknown {
  if (payload === null || payload === undefined) return null;
  try {
    return JSON.parse(payload) as unknown;
  } catch {
    return payload;
  }
}

export function instant(at: number | null): string | null {
  return at === null || at <= 0 ? null : new Date(at).toISOString();
}

/** Usage is zero where an agent could not tell. */
function measured(amount: number): number | null {
  return amount > 0 ? amount : null;
}
