/**
 * The planner: for tasks whose durations are known, the shortest schedule that it finds within a budget. Pure: the clock is passed in
 * with the budget, and chance follows from the seed.
 */
import { assert } from "../../core/assert.ts";
import { faultOf } from "./check-problem.ts";
import { Decoder } from "./decoder.ts";
import { listSchedule } from "./list-schedule.ts";
import { lowerBoundOf } from "./lower-bound.ts";
import type { Plan, PlanBudget, PlanProblem } from "./problem.ts";
import { Search } from "./search.ts";
import { assignSlots } from "./slots.ts";
import { Spending } from "./spending.ts";
import { prepareWork, type Work } from "./work.ts";

export interface PlanOptions {
  readonly budget: PlanBudget;
  /** Any whole number; the same seed and a budget in schedules give the same plan. Default 1. */
  readonly seed?: number;
}

/** The problem must be without fault (`faultOf`). However small the budget, at least one schedule is made. */
export function planSchedule(problem: PlanProblem, { budget, seed = 1 }: PlanOptions): Plan {
  const fault = faultOf(problem);
  assert(fault === undefined, `a problem without fault is planned, not one with ${fault?.kind}`);
  const spending = new Spending(budget);
  const work = prepareWork(problem);
  const lowerBound = lowerBoundOf(problem, work);
  const given = listSchedule(problem, work, "given");
  const known = [listSchedule(problem, work, "critical-path"), given];
  spending.schedules += known.length;
  const search = new Search({ work, spending, seed, lowerBound, known });
  search.run();
  return toPlan(problem, work, search, { lowerBound, listMakespan: given.makespan, schedules: spending.schedules });
}

function toPlan(problem: PlanProblem, work: Work, { best }: Search, rest: Pick<Plan, "lowerBound" | "listMakespan" | "schedules">): Plan {
  const decoder = new Decoder(work);
  const makespan = decoder.decode(best.list, work.network.needs, best.choices);
  const { starts, finishes } = decoder;
  const places = new Int32Array(work.size);
  best.list.forEach((task, place) => (places[task] = place));
  const order = [...best.list].sort((a, b) => starts[a]! - starts[b]! || finishes[a]! - finishes[b]! || places[a]! - places[b]!);
  const slots = problem.agents === undefined ? [] : assignSlots(work, problem.agents, order, decoder);
  const tasks = Array.from(starts, (start, task) => ({ start, finish: finishes[task]!, ...slots[task] }));
  return { tasks, order, makespan, ...rest };
}
