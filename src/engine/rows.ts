/**
 * From what a turn changed to the rows of its commit. The row of a task holds its running or last attempt; attempts that did
 * not succeed get a row of their own when they end, so a task that succeeds at once is written as one row, twice.
 */
import type { Agent } from "../core/agent.ts";
import type { Change, EndedAttempt } from "../core/change.ts";
import type { NewTask } from "../core/event.ts";
import { DOWNGRADED, isFinal, REDRIVEN_LATE, type AgentId, type Instant, type TaskExtra } from "../core/task.ts";
import type { AttemptRow, TaskInsert, TaskPatch } from "../store/rows.ts";

const MS_PER_HOUR = 3_600_000;

/** Finds an agent that may have left in the same turn. */
export type AgentLookup = (id: AgentId) => Agent | undefined;

export interface ChangeRows {
  readonly inserts: TaskInsert[];
  readonly patches: TaskPatch[];
  readonly attempts: AttemptRow[];
  readonly keysFreed: number[];
}

export function rowsOf(changes: readonly Change[], agentOf: AgentLookup, now: Instant): ChangeRows {
  const rows: ChangeRows = { inserts: [], patches: [], attempts: [], keysFreed: [] };
  for (const change of changes) {
    if (change.created === undefined) rows.patches.push(patchOf(change, agentOf, now));
    else rows.inserts.push(insertOf(change, change.created, agentOf, now));
    if (change.supersedes !== undefined) rows.keysFreed.push(change.supersedes);
    if (change.ended === undefined) continue;
    for (const ended of change.ended) {
      if (ended.outcome !== "succeeded") rows.attempts.push(attemptOf(change, ended, agentOf));
    }
  }
  return rows;
}

function patchOf(change: Change, agentOf: AgentLookup, now: Instant): TaskPatch {
  const { task } = change;
  const { run, extra } = task;
  const last = lastEnded(change);
  const settled = isFinal(change.state);
  return {
    id: task.id,
    state: change.state,
    attempt: task.attempt,
    failures: task.failures,
    losses: task.losses,
    flowId: extra?.flow === undefined ? null : extra.flow.id,
    firstReadyAt: extra?.firstReadyAt ?? task.readyAt,
    readyAt: task.readyAt,
    releaseAt: extra?.releaseAt ?? null,
    parkedFor: extra?.parkedFor ?? null,
    answered: extra?.answered === true,
    agentId: run !== undefined ? run.agent.id : last !== undefined ? last.agentId : null,
    assignedAt: run !== undefined ? run.assignedAt : last !== undefined ? last.assignedAt : 0,
    startedAt: last === undefined ? 0 : startedAt(last),
    finishedAt: settled ? now : 0,
    servedMs: extra?.servedMs ?? 0,
    cpuMs: last?.usage?.cpuMs ?? 0,
    peakMemoryBytes: last?.usage?.peakMemoryBytes ?? 0,
    cost: last === undefined ? 0 : costOf(last, agentOf),
    reason: reasonOf(extra, settled),
    result: change.result,
    error: change.error,
    checkpoint: change.checkpoint,
    answer: change.answer,
  };
}

/** The same, and what never changes. Written out: a spread of the patch would make each row twice. */
function insertOf(change: Change, from: NewTask, agentOf: AgentLookup, now: Instant): TaskInsert {
  const { task } = change;
  const { run, extra } = task;
  const last = lastEnded(change);
  const settled = isFinal(change.state);
  return {
    id: task.id,
    state: change.state,
    attempt: task.attempt,
    failures: task.failures,
    losses: task.losses,
    flowId: extra?.flow === undefined ? null : extra.flow.id,
    firstReadyAt: extra?.firstReadyAt ?? task.readyAt,
    readyAt: task.readyAt,
    releaseAt: extra?.releaseAt ?? null,
    parkedFor: extra?.parkedFor ?? null,
    answered: extra?.answered === true,
    agentId: run !== undefined ? run.agent.id : last !== undefined ? last.agentId : null,
    assignedAt: run !== undefined ? run.assignedAt : last !== undefined ? last.assignedAt : 0,
    startedAt: last === undefined ? 0 : startedAt(last),
    finishedAt: settled ? now : 0,
    servedMs: extra?.servedMs ?? 0,
    cpuMs: last?.usage?.cpuMs ?? 0,
    peakMemoryBytes: last?.usage?.peakMemoryBytes ?? 0,
    cost: last === undefined ? 0 : costOf(last, agentOf),
    reason: reasonOf(extra, settled),
    result: change.result,
    error: change.error,
    checkpoint: change.checkpoint,
    answer: change.answer,
    specId: task.spec.id,
    parentId: extra?.parent?.id ?? null,
    name: from.name ?? null,
    key: from.key ?? null,
    limitKey: from.limitKey ?? null,
    limitOfKey: from.limitOfKey ?? null,
    needs: extra?.needs ?? null,
    createdAt: change.createdAt,
    dueAt: from.dueAt ?? null,
    deadlineAt: from.deadlineAt ?? null,
    estimateMs: from.estimateMs ?? null,
    tenant: from.tenant ?? null,
    session: from.session ?? null,
    weight: from.weight ?? null,
    size: from.size ?? null,
    region: from.region ?? null,
    uses: from.uses ?? null,
    input: from.input,
  };
}

/** The attempt that the row tells of when none runs: the last that ended in this turn. */
function lastEnded({ task, ended }: Change): EndedAttempt | undefined {
  return task.run === undefined && ended !== undefined ? ended[ended.length - 1] : undefined;
}

function reasonOf(extra: TaskExtra | undefined, settled: boolean): string | null {
  if (settled) return extra?.reason ?? null;
  if (extra?.isBestEffort === true) return DOWNGRADED;
  return extra?.isLate === true ? REDRIVEN_LATE : null;
}

function attemptOf(change: Change, ended: EndedAttempt, agentOf: AgentLookup): AttemptRow {
  return {
    taskId: change.task.id,
    attempt: ended.attempt,
    agentId: ended.agentId,
    assignedAt: ended.assignedAt,
    startedAt: startedAt(ended),
    endedAt: ended.endedAt,
    outcome: ended.outcome,
    cpuMs: ended.usage?.cpuMs ?? 0,
    peakMemoryBytes: ended.usage?.peakMemoryBytes ?? 0,
    cost: costOf(ended, agentOf),
    error: ended.error ?? null,
  };
}

/** The agent's own word for it, kept between assignment and end: clocks differ. */
export function startedAt(ended: EndedAttempt): Instant {
  if (ended.usage === undefined) return ended.assignedAt;
  return Math.min(Math.max(ended.usage.startedAt, ended.assignedAt), ended.endedAt);
}

function costOf(ended: EndedAttempt, agentOf: AgentLookup): number {
  const costPerHour = agentOf(ended.agentId)?.spec.costPerHour ?? 0;
  return (ended.usage?.cost ?? 0) + (costPerHour === 0 ? 0 : (costPerHour * (ended.endedAt - startedAt(ended))) / MS_PER_HOUR);
}
