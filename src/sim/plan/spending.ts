/** How much of the budget is gone, in time or in schedules. */
import type { PlanBudget } from "./problem.ts";

export class Spending {
  schedules = 0;
  readonly #budget: PlanBudget;
  readonly #startedAt: number;

  constructor(budget: PlanBudget) {
    this.#budget = budget;
    this.#startedAt = budget.kind === "time" ? budget.nowMs() : 0;
  }

  /** The part of the budget that is gone; 1 or more when it is over. */
  share(): number {
    const budget = this.#budget;
    return budget.kind === "schedules" ? this.schedules / budget.count : (budget.nowMs() - this.#startedAt) / budget.ms;
  }
}
