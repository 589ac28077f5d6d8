/**
 * The same measures for each task type. Types are meant to be few; from the 201st on they are counted together, so that a
 * list which gives every task a type of its own cannot fill the memory.
 */
import { Sketch } from "../core/struct/sketch.ts";
import {
  addUsage, createCounter, measured, record, spreadOf, type SettledTask, type SpentAttempt, type StateCounter, type UsageTotals,
} from "./measures.ts";
import type { TypeSummary } from "./summary.ts";

const TYPE_LIMIT = 200;
const OTHERS = "(other types)";

interface OfType {
  readonly counts: StateCounter;
  attempts: number;
  readonly wait: Sketch;
  readonly service: Sketch;
  readonly used: UsageTotals;
}

export class ByType {
  readonly #types = new Map<string, OfType>();

  task(task: SettledTask, waitMs: number | undefined, serviceMs: number | undefined): void {
    const own = this.#of(task.type);
    own.counts.total += 1;
    own.counts[task.state] += 1;
    own.attempts += task.attempts;
    record(own.wait, waitMs);
    record(own.service, serviceMs);
  }

  used(attempt: Pick<SpentAttempt, "type" | "cpuMs" | "cost">, busyMs: number): void {
    addUsage(this.#of(attempt.type).used, attempt, busyMs);
  }

  /** The most slot time first; then by name. */
  summaries(): readonly TypeSummary[] {
    return [...this.#types]
      .toSorted(([a, x], [b, y]) => y.used.busyMs - x.used.busyMs || (a < b ? -1 : 1))
      .map(([type, { counts, attempts, wait, service, used }]) => ({
        type,
        tasks: { ...counts },
        attempts,
        wait_ms: spreadOf(wait),
        service_ms: spreadOf(service),
        busy_ms: used.busyMs,
        cpu_ms: measured(used.cpuMs),
        cost_total: measured(used.cost),
      }));
  }

  #of(type: string): OfType {
    const name = this.#types.has(type) || this.#types.size < TYPE_LIMIT ? type : OTHERS;
    let own = this.#types.get(name);
    if (own === undefined) {
      own = { counts: createCounter(), attempts: 0, wait: new Sketch(), service: new Sketch(), used: { busyMs: 0, cpuMs: 0, cost: 0 } };
      this.#types.set(name, own);
    }
    return own;
  }
}
