/**
 * How much of the budget is gone. Reading a clock costs as much as scheduling a small project, so it is read once for some schedules.
 */
import type { PlanBudget } from "./problem.ts";

const CLOCK_EVERY = 8;

export class Spending {
  schedules = 0;
  readonly #budget: PlanBudget;
  readonly #startedAt: number;
  #readAgainAt = 0;
  #share = 0;

  constructor(budget: PlanBudget) {
    this.#budget = budget;
    this.#startedAt = budget.kind === "time" ? budget.nowMs() : 0;
  }

  /** The part of the budget that is gone; 1 or more when it is over. */
  share(): number {
    const budget = this.#budget;
    if (budget.kind === "schedules") return this.schedules / budget.count;
    if (this.schedules >= this.#readAgainAt) {
      this.#readAgainAt = this.schedules + CLOCK_EVERY;
      this.#share = (budget.nowMs() - this.#startedAt) / budget.ms;
    }
    return this.#share;
  }
}
