/**
 * Watches the tasks of one run as they become durable: counts for a live view, KPIs, and what a report needs. However long a
 * list, of what succeeded little is kept: beyond `MOST_ATTEMPTS` the timeline keeps the first ones and says so. What did not
 * succeed is remembered, since it may be redriven while the run goes on: a task counts once, by its last outcome.
 */
import type { Agent } from "../../core/agent.ts";
import type { EndedAttempt } from "../../core/change.ts";
import type { RiskNotice } from "../../core/foresight/risk.ts";
import { isFinal, type Instant, type Task, type TaskId } from "../../core/task.ts";
import { startedAt } from "../../engine/rows.ts";
import type { Fact, Note, Observer } from "../../engine/types.ts";
import { createRunKpis, type RunKpis } from "../../monitor/kpi.ts";
import { repeatsOf, type SettledTask } from "../../monitor/measures.ts";
import { criticalPath, type PathTask } from "../../monitor/critical-path.ts";
import type { RunSummary } from "../../monitor/summary.ts";
import { formatTaskId } from "../../protocol/ids.ts";

export const MOST_ATTEMPTS = 50_000;
const MOST_FAILURES = 100;

export interface WatchedAttempt {
  readonly taskId: string;
  readonly label: string;
  readonly type: string;
  readonly agentId: number;
  readonly readyAt: Instant;
  readonly assignedAt: Instant;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  readonly outcome: EndedAttempt["outcome"];
  readonly attempt: number;
}

export type { RiskNotice } from "../../core/foresight/risk.ts";

export interface WatchedFailure {
  /** Counts the failures, from 1; those that were redriven leave a gap. */
  readonly seq: number;
  readonly taskId: string;
  readonly label: string;
  readonly reason: string;
  readonly message: string;
}

export interface RunningTask {
  readonly taskId: string;
  readonly label: string;
  readonly agent: string;
  readonly since: Instant;
  /** 0 to 1, when the task said so. */
  progress: number | undefined;
  note: string | undefined;
}

/** One task of the run has settled; what a job log or a halt rule needs to know. */
export interface SettledFact {
  readonly task: Task;
  readonly label: string;
  readonly state: Fact["state"];
  readonly last: EndedAttempt | undefined;
  readonly result: string | undefined;
  readonly error: string | undefined;
}

export interface RunWatchOptions {
  readonly agents: () => readonly Agent[];
  readonly startedAt: Instant;
  /** Whether a task belongs to the run. */
  readonly belongs: (task: Task) => boolean;
  /** Remember what every task needed, for the critical path: only for runs whose tasks are in memory anyway. */
  readonly keepPath: boolean;
  readonly cores: number;
  readonly onSettled?: (fact: SettledFact) => void;
  /** A task that had settled runs again. */
  readonly onRedriven?: (id: TaskId) => void;
  /** A task is at risk of being late, is late, or recovered. */
  readonly onRisk?: (notice: RiskNotice, label: string) => void;
}

export class RunWatch implements Observer {
  readonly #options: RunWatchOptions;
  readonly #kpis: RunKpis;
  readonly #agentNames = new Map<number, string>();
  readonly #path = new Map<TaskId, PathTask<TaskId>>();
  /** Settled tasks that may be redriven, and so belong to the KPIs only at the end. */
  readonly #unsuccessful = new Map<TaskId, SettledTask>();
  readonly running = new Map<TaskId, RunningTask>();
  readonly attempts: WatchedAttempt[] = [];
  readonly failures: WatchedFailure[] = [];
  /** Attempts that found no room in `attempts`. */
  attemptsLeftOut = 0;
  readonly #atRisk = new Set<TaskId>();
  settled = 0;
  #serviceMs = 0;
  #served = 0;
  #failureCount = 0;
  #counts = { succeeded: 0, failed: 0, dropped: 0 };

  constructor(options: RunWatchOptions) {
    this.#options = options;
    this.#kpis = createRunKpis({ agents: options.agents().map((agent) => agent.spec), cores: options.cores, startedAt: options.startedAt });
  }

  facts(facts: readonly Fact[], at: Instant): void {
    for (const fact of facts) if (this.#options.belongs(fact.task)) this.#fact(fact, at);
  }

  risks(notices: readonly RiskNotice[]): void {
    for (const notice of notices) {
      if (!this.#options.belongs(notice.task)) continue;
      if (notice.kind !== "recovered") this.#atRisk.add(notice.task.id);
      this.#options.onRisk?.(notice, labelOf(notice.task));
    }
  }

  /** Tasks that were reported to be at risk of being late, or late. */
  get atRisk(): number {
    return this.#atRisk.size;
  }

  note(note: Note): void {
    if (note.kind !== "progress") return;
    const running = this.running.get(note.id);
    if (running === undefined) return;
    running.progress = note.fraction;
    running.note = note.note;
  }

  /** Of the run, once it has ended. Tasks that an earlier start finished count as tasks of the run that succeeded; nothing was measured of them here. */
  summary(resumed: number): RunSummary {
    for (const task of this.#unsuccessful.values()) this.#kpis.task(task);
    this.#unsuccessful.clear();
    const criticalPathMs = this.#options.keepPath ? criticalPath([...this.#path.values()]).totalMs : null;
    const summary = this.#kpis.summary({ resumed, criticalPathMs, atRisk: this.atRisk });
    const tasks = { ...summary.tasks, total: summary.tasks.total + resumed, succeeded: summary.tasks.succeeded + resumed };
    const spentMs = summary.service_ms.max;
    return {
      ...summary,
      tasks,
      success_ratio: tasks.total === 0 ? null : tasks.succeeded / tasks.total,
      // Tasks of a list need nothing: the longest one bounds the makespan.
      critical_path_ms: criticalPathMs ?? spentMs,
    };
  }

  /** Settled tasks: `failed` holds the expired ones, `dropped` what was cancelled, shed or skipped. */
  counts(): { readonly succeeded: number; readonly failed: number; readonly dropped: number } {
    return this.#counts;
  }

  /** Mean service of the tasks that ran to an end, in ms; undefined before the first. */
  meanServiceMs(): number | undefined {
    return this.#served === 0 ? undefined : this.#serviceMs / this.#served;
  }

  /** Attempts on the critical path, in order: the last one of each task. */
  criticalAttempts(): readonly WatchedAttempt[] {
    const last = new Map(this.attempts.map((attempt) => [attempt.taskId, attempt]));
    return criticalPath([...this.#path.values()]).ids.flatMap((id) => last.get(formatTaskId(id)) ?? []);
  }

  #fact(fact: Fact, at: Instant): void {
    const { task, state } = fact;
    if (this.#unsuccessful.has(task.id)) this.#redriven(task.id);
    if (state === "running") {
      this.running.set(task.id, { taskId: formatTaskId(task.id), label: labelOf(task), agent: this.#agentName(task.run?.agent), since: at, progress: undefined, note: undefined });
    } else this.running.delete(task.id);
    for (const ended of fact.ended) this.#ended(task, ended);
    if (isFinal(state)) this.#settle(fact, at);
  }

  #ended(task: Task, ended: EndedAttempt): void {
    if (ended.outcome !== "succeeded") {
      this.#kpis.attempt({
        type: task.spec.type,
        assignedAt: ended.assignedAt,
        endedAt: ended.endedAt,
        cpuMs: ended.usage?.cpuMs ?? 0,
        peakMemoryBytes: ended.usage?.peakMemoryBytes ?? 0,
        cost: ended.usage?.cost ?? 0,
      });
    }
    if (this.attempts.length >= MOST_ATTEMPTS) this.attemptsLeftOut += 1;
    else {
      this.attempts.push({
        taskId: formatTaskId(task.id),
        label: labelOf(task),
        type: task.spec.type,
        agentId: ended.agentId,
        readyAt: task.readyAt,
        assignedAt: ended.assignedAt,
        startedAt: startedAt(ended),
        endedAt: ended.endedAt,
        outcome: ended.outcome,
        attempt: ended.attempt,
      });
    }
  }

  #settle(fact: Fact, at: Instant): void {
    const { task, state } = fact;
    if (!isFinal(state)) return;
    const last = fact.ended[fact.ended.length - 1];
    const servedMs = task.extra?.servedMs ?? 0;
    this.settled += 1;
    const settled: SettledTask = {
      taskId: formatTaskId(task.id),
      name: task.extra?.name ?? null,
      type: task.spec.type,
      state,
      agent: last === undefined ? null : this.#nameOf(last.agentId),
      createdAt: this.#options.startedAt,
      readyAt: task.readyAt,
      ...(task.extra?.firstReadyAt !== undefined && { firstReadyAt: task.extra.firstReadyAt }),
      assignedAt: last?.assignedAt ?? 0,
      startedAt: last === undefined ? 0 : startedAt(last),
      finishedAt: at,
      dueAt: task.extra?.dueAt ?? null,
      servedMs,
      cpuMs: last?.usage?.cpuMs ?? 0,
      peakMemoryBytes: last?.usage?.peakMemoryBytes ?? 0,
      cost: last?.usage?.cost ?? 0,
      attempts: task.attempt,
      repeats: repeatsOf(task, state),
    };
    if (state === "succeeded") this.#kpis.task(settled);
    else this.#unsuccessful.set(task.id, settled);
    const serviceMs = servedMs + (last === undefined ? 0 : Math.max(0, last.endedAt - startedAt(last)));
    if (this.#options.keepPath) this.#path.set(task.id, { id: task.id, needs: needsOf(task), serviceMs });
    if (state === "succeeded" || state === "failed") {
      this.#serviceMs += serviceMs;
      this.#served += 1;
    }
    if (state === "succeeded") this.#counts.succeeded += 1;
    else if (state === "failed" || state === "expired") this.#fail(fact);
    else this.#counts.dropped += 1;
    this.#options.onSettled?.({ task, label: labelOf(task), state, last, result: fact.result, error: fact.error });
  }

  /** Its earlier outcome counts for nothing; what its attempts used stays used. */
  #redriven(id: TaskId): void {
    const { taskId, state } = this.#unsuccessful.get(id)!;
    this.#unsuccessful.delete(id);
    this.#path.delete(id);
    this.settled -= 1;
    if (state === "failed" || state === "expired") {
      this.#counts.failed -= 1;
      const place = this.failures.findIndex((failure) => failure.taskId === taskId);
      if (place !== -1) this.failures.splice(place, 1);
    } else this.#counts.dropped -= 1;
    this.#options.onRedriven?.(id);
  }

  #fail(fact: Fact): void {
    this.#counts.failed += 1;
    this.#failureCount += 1;
    if (this.failures.length >= MOST_FAILURES) return;
    this.failures.push({
      seq: this.#failureCount,
      taskId: formatTaskId(fact.task.id),
      label: labelOf(fact.task),
      reason: fact.reason ?? fact.state,
      message: messageOf(fact.error),
    });
  }

  #agentName(agent: Agent | undefined): string {
    if (agent === undefined) return "";
    this.#agentNames.set(agent.id, agent.spec.name);
    return agent.spec.name;
  }

  #nameOf(agentId: number): string | null {
    return this.#agentNames.get(agentId) ?? this.#options.agents().find((agent) => agent.id === agentId)?.spec.name ?? null;
  }
}

/** What it needed; for a child also its parent's needs, since it could not start before those were done. */
function needsOf(task: Task): readonly TaskId[] {
  const own = task.extra?.needs ?? [];
  const children = task.extra?.children ?? [];
  const parents = task.extra?.parent?.extra?.needs ?? [];
  return [...own, ...children, ...parents];
}

export function labelOf(task: Task): string {
  return task.extra?.name ?? task.spec.type;
}

function messageOf(error: string | undefined): string {
  if (error === undefined) return "";
  const parsed: unknown = JSON.parse(error);
  return typeof parsed === "object" && parsed !== null && "message" in parsed ? String(parsed.message) : error;
}
