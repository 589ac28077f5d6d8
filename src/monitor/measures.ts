/**
 * What a run is measured from: records of settled tasks and of attempts that came to nothing, and the small accumulators
 * that take them one at a time in constant memory.
 */
import type { Sketch } from "../core/struct/sketch.ts";
import type { FinalState, Instant } from "../core/task.ts";
import type { Spread, TaskCounts } from "./summary.ts";

/** A task that is final. Instants are ms since 1970, 0 where something never happened; zeros of usage mean unknown. */
export interface SettledTask {
  /** As people write it (`t17`). */
  readonly taskId: string;
  readonly name: string | null;
  readonly type: string;
  readonly state: FinalState;
  /** Name of the agent of the last attempt. */
  readonly agent: string | null;
  readonly createdAt: Instant;
  /** When it was last released; 0 if it never was. */
  readonly readyAt: Instant;
  /** When it was first released, if it was released again since; default `readyAt`. */
  readonly firstReadyAt?: Instant;
  readonly assignedAt: Instant;
  readonly startedAt: Instant;
  readonly finishedAt: Instant;
  readonly dueAt?: Instant | null;
  /** Service of earlier attempts that ended in a pause. */
  readonly servedMs: number;
  /** Used by the attempt that succeeded. */
  readonly cpuMs: number;
  readonly peakMemoryBytes: number;
  readonly cost: number;
  /** Attempts started. */
  readonly attempts: number;
  /** How many of them repeated one that failed or was lost; those that went on after a pause repeat nothing. Default: all but the first. */
  readonly repeats?: number;
}

/** Of a task's attempts, those that repeated one that failed or was lost. The failure with which a task ends was not repeated, and after a pause an attempt only goes on. */
export function repeatsOf({ attempt, failures, losses }: { readonly attempt: number; readonly failures: number; readonly losses: number }, state: FinalState): number {
  return Math.min(Math.max(0, attempt - 1), Math.max(0, failures + losses - (state === "failed" ? 1 : 0)));
}

/** An attempt that did not make its task succeed: failed, timed out, lost, parked, handed back or cancelled. */
export interface SpentAttempt {
  readonly type: string;
  readonly assignedAt: Instant;
  readonly endedAt: Instant;
  readonly cpuMs: number;
  readonly peakMemoryBytes: number;
  readonly cost: number;
}

/** What attempts used, added up. */
export interface UsageTotals {
  busyMs: number;
  cpuMs: number;
  cost: number;
}

export function addUsage(totals: UsageTotals, attempt: Pick<SpentAttempt, "cpuMs" | "cost">, busyMs: number): void {
  totals.busyMs += busyMs;
  totals.cpuMs += attempt.cpuMs;
  totals.cost += attempt.cost;
}

/** Milliseconds between two instants; undefined if either never happened. A clock that stepped back counts as no time. */
export function between(from: Instant, to: Instant): number | undefined {
  return from > 0 && to > 0 ? Math.max(0, to - from) : undefined;
}

/** Usage is zero where an agent cannot tell, so a total of zero says nothing. */
export function measured(total: number): number | null {
  return total > 0 ? total : null;
}

export function record(sketch: Sketch, ms: number | undefined): void {
  if (ms !== undefined) sketch.record(ms);
}

export function spreadOf(sketch: Sketch): Spread {
  return {
    mean: sketch.mean ?? null,
    p50: sketch.quantile(0.5) ?? null,
    p95: sketch.quantile(0.95) ?? null,
    p99: sketch.quantile(0.99) ?? null,
    max: sketch.max ?? null,
  };
}

export type StateCounter = { -readonly [Name in keyof TaskCounts]: number };

export function createCounter(): StateCounter {
  return { total: 0, succeeded: 0, failed: 0, cancelled: 0, expired: 0, shed: 0, skipped: 0 };
}
