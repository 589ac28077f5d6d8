/**
 * The KPIs of a run, from settled tasks and spent attempts fed one at a time; memory stays constant however long the run.
 * As in a store, the attempt that succeeded is known from its task, and every other attempt is a record of its own: feed
 * each task to `task` once, and each attempt that did not succeed to `attempt`.
 */
import { Sketch } from "../core/struct/sketch.ts";
import type { Instant } from "../core/task.ts";
import { ByType } from "./by-type.ts";
import {
  addUsage, between, createCounter, measured, record, spreadOf, type SettledTask, type SpentAttempt, type UsageTotals,
} from "./measures.ts";
import { Slowest } from "./slowest.ts";
import type { RunSummary } from "./summary.ts";

export interface RunKpiOptions {
  /** The agents of the run; utilization is null without any. */
  readonly agents: readonly { readonly slots: number }[];
  /** Cores that the run could use; `cpu_utilization` is null without it. */
  readonly cores?: number;
  /** When the run began; default: when the first of its tasks was created. */
  readonly startedAt?: Instant;
}

export interface SummaryOptions {
  /** Tasks taken over finished from an earlier run; default 0. */
  readonly resumed?: number;
  /** From `criticalPath`; default null. */
  readonly criticalPathMs?: number | null;
  /** Tasks that were reported to be at risk; default null, not watched. */
  readonly atRisk?: number;
}

export interface RunKpis {
  /** A task that settled, once each. */
  task(task: SettledTask): void;
  /** An attempt that did not make its task succeed. */
  attempt(attempt: SpentAttempt): void;
  /** The KPIs of what was fed so far; feeding may go on. */
  summary(options?: SummaryOptions): RunSummary;
}

export function createRunKpis(options: RunKpiOptions): RunKpis {
  return new Kpis(options);
}

/** A task that was cancelled or never ran is not late. */
const LATE_STATES: ReadonlySet<string> = new Set(["succeeded", "failed", "expired"]);

class Kpis implements RunKpis {
  readonly #options: RunKpiOptions;
  readonly #counts = createCounter();
  readonly #wait = new Sketch();
  readonly #service = new Sketch();
  readonly #latency = new Sketch();
  readonly #sojourn = new Sketch();
  readonly #used: UsageTotals = { busyMs: 0, cpuMs: 0, cost: 0 };
  readonly #types = new ByType();
  readonly #slowest = new Slowest();
  #attempts = 0;
  #retries = 0;
  #ran = 0;
  #inTime = 0;
  #late = 0;
  #peakMemoryBytes = 0;
  #firstAt = Infinity;
  #lastAt = 0;

  constructor(options: RunKpiOptions) {
    this.#options = options;
  }

  task(task: SettledTask): void {
    this.#counts.total += 1;
    this.#counts[task.state] += 1;
    this.#attempts += task.attempts;
    this.#retries += task.repeats ?? Math.max(0, task.attempts - 1);
    this.#firstAt = Math.min(this.#firstAt, task.createdAt);
    this.#lastAt = Math.max(this.#lastAt, task.finishedAt);
    if (task.state === "succeeded" && (typeof task.dueAt !== "number" || task.finishedAt <= task.dueAt)) this.#inTime += 1;
    if (typeof task.dueAt === "number" && task.finishedAt > task.dueAt && LATE_STATES.has(task.state)) this.#late += 1;
    const ran = task.state === "succeeded" || task.state === "failed";
    const waitMs = between(task.readyAt, task.startedAt);
    const lastMs = ran ? between(task.startedAt, task.finishedAt) : undefined;
    const serviceMs = lastMs === undefined ? undefined : lastMs + task.servedMs;
    record(this.#wait, waitMs);
    this.#types.task(task, waitMs, serviceMs);
    if (serviceMs !== undefined) this.#completed(task, serviceMs, waitMs);
    if (task.state === "succeeded") this.#use(task, between(task.assignedAt, task.finishedAt) ?? 0);
  }

  attempt(attempt: SpentAttempt): void {
    this.#lastAt = Math.max(this.#lastAt, attempt.endedAt);
    this.#use(attempt, between(attempt.assignedAt, attempt.endedAt) ?? 0);
  }

  summary({ resumed = 0, criticalPathMs = null, atRisk }: SummaryOptions = {}): RunSummary {
    const makespanMs = this.#makespanMs();
    const perS = (count: number): number | null => (makespanMs === null || makespanMs === 0 ? null : (count * 1000) / makespanMs);
    const share = (usedMs: number | null, of: number): number | null =>
      usedMs === null || makespanMs === null || makespanMs === 0 || of <= 0 ? null : Math.min(1, usedMs / (of * makespanMs));
    const slots = this.#options.agents.reduce((sum, agent) => sum + agent.slots, 0);
    const cpuMs = measured(this.#used.cpuMs);
    const cost = measured(this.#used.cost);
    const { total, succeeded } = this.#counts;
    return {
      tasks: { ...this.#counts },
      attempts: this.#attempts,
      retries: this.#retries,
      makespan_ms: makespanMs,
      throughput_per_s: perS(this.#ran),
      goodput_per_s: perS(this.#inTime),
      late: this.#late,
      at_risk: atRisk ?? null,
      wait_ms: spreadOf(this.#wait),
      service_ms: spreadOf(this.#service),
      latency_ms: spreadOf(this.#latency),
      sojourn_ms: spreadOf(this.#sojourn),
      utilization: share(this.#used.busyMs, slots),
      cpu_utilization: share(cpuMs, this.#options.cores ?? 0),
      cpu_ms: cpuMs,
      peak_memory_bytes: measured(this.#peakMemoryBytes),
      success_ratio: total === 0 ? null : succeeded / total,
      cost_total: cost,
      cost_per_completed_task: cost === null || succeeded === 0 ? null : cost / succeeded,
      critical_path_ms: criticalPathMs,
      resumed,
      by_type: this.#types.summaries(),
      slowest: this.#slowest.list(),
    };
  }

  #completed(task: SettledTask, serviceMs: number, waitMs: number | undefined): void {
    this.#ran += 1;
    this.#service.record(serviceMs);
    record(this.#latency, between(task.assignedAt, task.finishedAt));
    record(this.#sojourn, between(task.firstReadyAt ?? task.readyAt, task.finishedAt));
    this.#slowest.add(task, serviceMs, waitMs);
  }

  #use(attempt: Pick<SpentAttempt, "type" | "cpuMs" | "peakMemoryBytes" | "cost">, busyMs: number): void {
    addUsage(this.#used, attempt, busyMs);
    this.#types.used(attempt, busyMs);
    this.#peakMemoryBytes = Math.max(this.#peakMemoryBytes, attempt.peakMemoryBytes);
  }

  #makespanMs(): number | null {
    const from = this.#options.startedAt ?? this.#firstAt;
    return this.#lastAt > 0 && from < Infinity ? Math.max(0, this.#lastAt - from) : null;
  }
}
