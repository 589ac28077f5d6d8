/** A plan as `--json` prints it: times in seconds from the start, tasks in the planned order. */
import type { PlanInput } from "../../app/plan/plan-input.ts";
import type { Plan } from "../../sim/plan/problem.ts";

export interface MadePlan {
  readonly input: PlanInput;
  readonly plan: Plan;
  /** How long the search took. */
  readonly searchMs: number;
}

export function planJson({ input, plan, searchMs }: MadePlan, seed: number): Readonly<Record<string, unknown>> {
  return {
    name: input.name,
    makespan_s: seconds(plan.makespan),
    lower_bound_s: seconds(plan.lowerBound),
    ratio: ratioOf(plan),
    is_proved_best: isProvedBest(plan),
    unplanned_makespan_s: seconds(plan.listMakespan),
    schedules: plan.schedules,
    search_ms: Math.round(searchMs),
    seed,
    agents: input.problem.agents?.map(({ slots, speed }, index) => ({ name: input.agents[index]!.name, slots, speed })) ?? [],
    resources: Object.fromEntries(input.resources.map((name, index) => [name, input.problem.capacities[index]])),
    order: plan.order.map((task) => input.tasks[task]!.id),
    tasks: plan.order.map((task) => {
      const { start, finish, agent, slot } = plan.tasks[task]!;
      return { id: input.tasks[task]!.id, start_s: seconds(start), finish_s: seconds(finish), agent: agent === undefined ? null : input.agents[agent]!.name, slot: slot ?? null };
    }),
    notes: input.notes,
  };
}

/** Makespan over lower bound; 1 when there is nothing to do. */
export function ratioOf({ makespan, lowerBound }: Plan): number {
  return makespan === 0 ? 1 : Number((makespan / lowerBound).toFixed(4));
}

export function isProvedBest({ makespan, lowerBound }: Plan): boolean {
  return makespan <= lowerBound * (1 + 1e-9);
}

/** To the microsecond. */
function seconds(ms: number): number {
  return Number((ms / 1000).toFixed(6));
}
