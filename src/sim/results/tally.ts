/** The figures of a group of tasks (all, a type, a tenant, an agent), gathered as they end, in memory that does not grow with them. */
import type { FinalState } from "../../core/task.ts";
import { Sketch } from "../../core/struct/sketch.ts";
import type { GroupResult, Spread } from "./result.ts";

/** How one task went, in ms. */
export interface TaskEnd {
  state: FinalState;
  /** First release → end. */
  sojournMs: number;
  /** First release → start of the first attempt. */
  waitMs: number;
  /** Time that its attempts held agents. */
  serviceMs: number;
  /** What it takes at speed 1. */
  workMs: number;
  /** NaN without a due date. */
  latenessMs: number;
  cost: number;
}

export class Tally {
  completed = 0;
  failed = 0;
  expired = 0;
  /** Skipped, cancelled or shed. */
  dropped = 0;
  withDueDate = 0;
  misses = 0;
  cost = 0;
  readonly sojourn = new Sketch();
  readonly wait = new Sketch();
  readonly service = new Sketch();
  readonly slowdown = new Sketch();
  tardiness: Sketch | undefined;
  #slowdownSquares = 0;

  add(end: TaskEnd): void {
    this.cost += end.cost;
    if (end.latenessMs === end.latenessMs) this.#addDue(end);
    if (end.state !== "succeeded") {
      if (end.state === "failed") this.failed += 1;
      else if (end.state === "expired") this.expired += 1;
      else this.dropped += 1;
      return;
    }
    this.completed += 1;
    this.sojourn.record(end.sojournMs);
    this.wait.record(end.waitMs);
    this.service.record(end.serviceMs);
    if (end.workMs > 0) {
      const slowdown = end.sojournMs / end.workMs;
      this.slowdown.record(slowdown);
      this.#slowdownSquares += slowdown * slowdown;
    }
  }

  merge(other: Tally): void {
    this.completed += other.completed;
    this.failed += other.failed;
    this.expired += other.expired;
    this.dropped += other.dropped;
    this.withDueDate += other.withDueDate;
    this.misses += other.misses;
    this.cost += other.cost;
    this.sojourn.merge(other.sojourn);
    this.wait.merge(other.wait);
    this.service.merge(other.service);
    this.slowdown.merge(other.slowdown);
    if (other.tardiness !== undefined) (this.tardiness ??= new Sketch()).merge(other.tardiness);
    this.#slowdownSquares += other.#slowdownSquares;
  }

  get tasks(): number {
    return this.completed + this.failed + this.expired + this.dropped;
  }

  /** Jain's index over the slowdowns of single tasks (Jain, Chiu and Hawe 1984): 1 when all are slowed alike. */
  get slowdownFairness(): number | null {
    const { count, sum } = this.slowdown;
    return count === 0 ? null : (sum * sum) / (count * this.#slowdownSquares);
  }

  /** @param overMs the time that was measured, for the throughput. */
  result(overMs: number): GroupResult {
    return {
      tasks: this.tasks,
      completed: this.completed,
      failed: this.failed,
      expired: this.expired,
      dropped: this.dropped,
      sojourn_ms: spreadOf(this.sojourn),
      wait_ms: spreadOf(this.wait),
      service_ms: spreadOf(this.service),
      slowdown: spreadOf(this.slowdown),
      deadline_misses: this.misses,
      tasks_with_due_date: this.withDueDate,
      tardiness_ms: spreadOf(this.tardiness),
      throughput_per_s: overMs > 0 ? (this.completed / overMs) * 1000 : null,
      cost: this.cost,
      cost_per_completed_task: this.completed === 0 ? null : this.cost / this.completed,
    };
  }

  /** A task that did not succeed missed its due date; of how late it was, only ends in success tell. */
  #addDue(end: TaskEnd): void {
    this.withDueDate += 1;
    if (end.latenessMs > 0 || end.state !== "succeeded") this.misses += 1;
    if (end.state === "succeeded") (this.tardiness ??= new Sketch()).record(Math.max(0, end.latenessMs));
  }
}

export function spreadOf(sketch: Sketch | undefined): Spread {
  return {
    mean: sketch?.mean ?? null,
    p50: sketch?.quantile(0.5) ?? null,
    p95: sketch?.quantile(0.95) ?? null,
    p99: sketch?.quantile(0.99) ?? null,
    max: sketch?.max ?? null,
  };
}

/** Jain's index of fairness over positive numbers: from 1/n (one gets all) to 1 (all get the same); null of none. */
export function jainIndex(values: readonly number[]): number | null {
  const sum = values.reduce((total, value) => total + value, 0);
  const squares = values.reduce((total, value) => total + value * value, 0);
  return squares === 0 ? null : (sum * sum) / (values.length * squares);
}
