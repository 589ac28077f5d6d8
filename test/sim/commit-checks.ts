/** What must hold of every commit that took effect, given all commits before it. Each broken rule is one sentence. */
import type { FlowId, TaskId } from "../../src/core/task.ts";
import type { Commit, TaskInsert } from "../../src/store/rows.ts";
import { isSettled, tokenOf, type DurableModel, type KnownTask, type Step } from "./durable-model.ts";

export interface ReportLog {
  /** Whether an attempt said that it succeeded with this result. */
  saidSucceeded(token: string, result: string): boolean;
  saidFailed(token: string): boolean;
}

export interface CommitRules {
  readonly model: DurableModel;
  readonly reports: ReportLog;
  readonly broken: (sentence: string) => void;
}

/** Reasons that no handler gives. */
const OWN_REASONS: ReadonlySet<string> = new Set(["timeout", "agent_lost"]);

/** Looks at a commit before it is applied to the model. */
export function checkBefore({ model, broken }: CommitRules, commit: Commit): void {
  const freed = new Set(commit.keysFreed);
  for (const { id, key } of commit.inserts) {
    if (id <= model.lastTaskId) broken(`task ${id} is inserted after task ${model.lastTaskId}: ids go up`);
    const holder = key === null ? undefined : model.tasks.get(model.keyHolders.get(key) ?? 0);
    if (holder?.row.key === key && !freed.has(holder.row.id) && !holder.deleted) broken(`tasks ${holder.row.id} and ${id} have the same key`);
  }
  for (const row of commit.attempts) {
    const token = tokenOf(row.taskId, row.attempt);
    if (model.ended.has(token)) broken(`attempt ${token} ends twice: ${model.ended.get(token)!.outcome}, then ${row.outcome}`);
  }
}

/** Looks at what the commit changed, after it was applied. */
export function checkAfter(rules: CommitRules, commit: Commit, steps: readonly Step[]): void {
  for (const step of steps) checkStep(rules, step, commit.at);
  for (const row of commit.attempts) {
    const { timeoutMs } = rules.model.tasks.get(row.taskId)?.spec ?? {};
    if (row.outcome === "timeout" && (timeoutMs === undefined || row.endedAt - row.assignedAt < timeoutMs)) rules.broken(`attempt ${tokenOf(row.taskId, row.attempt)} timed out too early`);
  }
  const flows = new Set<FlowId>([...commit.flows.map((flow) => flow.id), ...steps.flatMap(({ task }) => task.row.flowId ?? [])]);
  for (const id of flows) checkFlow(rules, id);
}

function checkFlow({ model, broken }: CommitRules, id: FlowId): void {
  const flow = model.flows.get(id);
  if (flow === undefined) return broken(`flow ${id} has tasks and no row`);
  const open = [...(model.flowTasks.get(id) ?? [])].filter((taskId) => !isSettled(model.state(taskId)!));
  if (flow.finishedAt !== null && open.length > 0) broken(`flow ${id} is finished and task ${open[0]} of it is ${model.state(open[0]!)}`);
  if (flow.finishedAt === null && open.length === 0) broken(`flow ${id} is open and all its tasks are final`);
}

function checkStep(rules: CommitRules, { task, before, patch }: Step, at: number): void {
  const { broken } = rules;
  const { row, spec } = task;
  const attemptBefore = before?.attempt ?? 0;
  const name = `task ${row.id}`;
  if (row.attempt < attemptBefore) broken(`${name}: attempt went back from ${attemptBefore} to ${row.attempt}`);
  if (row.attempt > attemptBefore + 1) broken(`${name}: attempts ${attemptBefore + 1} to ${row.attempt} in one turn`);
  if (row.attempt > attemptBefore && row.state !== "running") broken(`${name}: attempt ${row.attempt} started and is ${row.state} in one turn`);
  if (row.attempt > attemptBefore) checkAssigned(rules, task, before);
  else if (row.state === "running" && before?.state !== "running") broken(`${name}: runs again without a new attempt`);
  if (isSettled(row.state) !== row.finishedAt > 0) broken(`${name}: is ${row.state} with finishedAt ${row.finishedAt}`);
  if (row.failures > spec.retry.limit + 1) broken(`${name}: failed ${row.failures} times with a retry limit of ${spec.retry.limit}`);
  if (row.losses > spec.retry.lossLimit + 1) broken(`${name}: lost ${row.losses} times with a limit of ${spec.retry.lossLimit}`);
  if (patch.result !== undefined && row.state !== "succeeded") broken(`${name}: has a new result and is ${row.state}`);
  if (patch.checkpoint !== undefined) checkCheckpoint(rules, patch.checkpoint, row, before);
  if (before !== undefined && isSettled(before.state) && !isSettled(row.state)) task.isLate = row.deadlineAt !== null && row.deadlineAt <= at;
  if (before !== undefined && isSettled(before.state)) checkWoken(rules, task, before, patch.result);
  else if (isSettled(row.state)) checkSettled(rules, task, before);
}

function checkAssigned({ model, broken }: CommitRules, { row, spec, redriven }: KnownTask, before: TaskInsert | undefined): void {
  const token = tokenOf(row.id, row.attempt);
  if (row.agentId === null) broken(`attempt ${token} is on no agent`);
  for (const id of row.needs ?? []) {
    const need = model.tasks.get(id);
    if (need === undefined || need.redriven) continue;
    if (!isSettled(need.row.state)) broken(`attempt ${token} started while task ${id}, which it needs, was ${need.row.state}`);
    else if (need.row.state !== "succeeded" && spec.onDependencyFailure !== "continue") broken(`attempt ${token} started although task ${id}, which it needs, is ${need.row.state}`);
  }
  if (row.deadlineAt !== null && row.assignedAt >= row.deadlineAt && !redriven) broken(`attempt ${token} started after its deadline`);
  const releaseAt = before === undefined ? row.releaseAt : before.state === "scheduled" || before.state === "blocked" ? before.releaseAt : null;
  if (releaseAt !== null && row.assignedAt < releaseAt && !redriven) broken(`attempt ${token} started ${releaseAt - row.assignedAt} ms before its release`);
}

/** A checkpoint counts only from the attempt that ran when it came. */
function checkCheckpoint({ broken }: CommitRules, checkpoint: string, row: TaskInsert, before: TaskInsert | undefined): void {
  const { by } = JSON.parse(checkpoint) as { by: string };
  if (before?.state !== "running" || by !== tokenOf(row.id, before.attempt)) {
    broken(`task ${row.id}: a checkpoint of attempt ${by} was kept when it was ${before?.state} at attempt ${before?.attempt}`);
  }
}

function checkWoken({ model, broken }: CommitRules, task: KnownTask, before: TaskInsert, result: string | undefined): void {
  const { row } = task;
  if (before.state === "succeeded") {
    if (row.state !== "succeeded") broken(`task ${row.id} had succeeded and is ${row.state}`);
    if (result !== undefined && result !== before.result) broken(`task ${row.id} has a second result`);
    return;
  }
  if (task.redriven || (before.state === "skipped" && needsRedriven(model, row, new Set()))) {
    task.redriven = true;
    return;
  }
  if (row.state !== before.state) broken(`task ${row.id} was ${before.state} and is ${row.state}, and nobody redrove it`);
}

/** It was skipped because of a task that was redriven, or because of one that was skipped because of it, and so on. */
function needsRedriven(model: DurableModel, row: TaskInsert, seen: Set<TaskId>): boolean {
  if (seen.has(row.id)) return false;
  seen.add(row.id);
  return (row.needs ?? []).some((id) => {
    const need = model.tasks.get(id);
    return need !== undefined && (need.redriven || needsRedriven(model, need.row, seen));
  });
}

function checkSettled({ model, reports, broken }: CommitRules, { row, redriven, isLate }: KnownTask, before: TaskInsert | undefined): void {
  const name = `task ${row.id}`;
  const token = tokenOf(row.id, row.attempt);
  if (row.state === "succeeded") {
    if (before?.state !== "running" || before.attempt !== row.attempt) broken(`${name} succeeded from ${before?.state} at attempt ${before?.attempt}`);
    if (row.result === undefined || !reports.saidSucceeded(token, row.result)) broken(`${name} has the result ${row.result}, which attempt ${token} never gave`);
    return;
  }
  if (row.reason === null) broken(`${name} is ${row.state} for no reason`);
  if (row.state === "failed" && row.reason !== null && !OWN_REASONS.has(row.reason) && !reports.saidFailed(token)) broken(`${name} failed (${row.reason}) and attempt ${token} never said so`);
  if (row.state === "expired" && (row.deadlineAt === null || row.finishedAt < row.deadlineAt)) broken(`${name} expired before its deadline`);
  if (row.state === "expired" && isLate) broken(`${name} was redriven after its deadline and expired by it again`);
  if (row.state === "skipped") {
    if (row.attempt > 0 && !redriven) broken(`${name} was skipped after it had run`);
    if (!(row.needs ?? []).some((id) => model.state(id) !== "succeeded")) broken(`${name} was skipped although all that it needs has succeeded`);
  }
}
