// When each task of a small workload ends, with the production core on virtual time. Times are whole ms.
import assert from "node:assert/strict";
import { createSimulation, type SimulateOptions } from "../../src/sim/simulate.ts";
import type { TaskSource, WorkloadTask } from "../../src/sim/workload/task.ts";

export interface Job extends Omit<WorkloadTask, "arrivalMs" | "ref" | "endsSession"> {
  /** Default 0. */
  readonly arrivalMs?: number;
}

/** The ends of the jobs, in their order. `needs` are places among them, of earlier ones. Jobs come in order of their arrival. */
export function completionsOf(jobs: readonly Job[], options: Pick<SimulateOptions, "policy" | "agents">): readonly number[] {
  const ends = new Array<number>(jobs.length).fill(Number.NaN);
  const source = new Jobs(jobs, ends);
  createSimulation({ ...options, workload: { name: "jobs", notes: [], open: () => source }, estimates: "exact" }).run();
  for (const end of ends) assert.ok(Number.isInteger(end), "every job ends, at a whole ms");
  return ends;
}

class Jobs implements TaskSource {
  readonly types: readonly string[];
  readonly hasNeeds: boolean;
  readonly #jobs: readonly Job[];
  readonly #ends: number[];
  #next = 0;

  constructor(jobs: readonly Job[], ends: number[]) {
    this.types = [...new Set(jobs.map(({ type }) => type ?? "task"))];
    this.hasNeeds = jobs.some(({ needs }) => needs !== undefined);
    this.#jobs = jobs;
    this.#ends = ends;
  }

  get nextAtMs(): number {
    return this.#next < this.#jobs.length ? (this.#jobs[this.#next]!.arrivalMs ?? 0) : Infinity;
  }

  take(): WorkloadTask {
    const arrivalMs = this.nextAtMs;
    return { ...this.#jobs[this.#next]!, arrivalMs, ref: this.#next++ };
  }

  ended(ref: number, atMs: number): void {
    this.#ends[ref] = atMs;
  }
}
