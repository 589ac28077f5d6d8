/**
 * What the planner is asked: tasks with durations, what they need and use, and the agents that do them; and what it answers.
 * Times are in any one unit, the same for all; the planner does not know which.
 */

export interface PlanTask {
  /** Time on an agent of speed 1; 0 or more. A task of duration 0 takes no slot and uses nothing. */
  readonly duration: number;
  /** Indices of the tasks that must be finished before it starts; without a circle. */
  readonly needs: readonly number[];
  /** For each resource of the problem, how much of it the task uses while it runs: whole numbers up to the capacity. */
  readonly uses: readonly number[];
  /** Chooses among the speeds that an agent has for types of tasks. */
  readonly type?: string;
  /** Indices of the agents that can do it; all of them when left out. */
  readonly agents?: readonly number[];
}

export interface PlanAgent {
  /** Tasks at a time, at least 1. */
  readonly slots: number;
  /** Over 0; a task takes its duration divided by this. */
  readonly speed: number;
  /** Speed for some types of tasks, in place of `speed`. */
  readonly speeds?: ReadonlyMap<string, number>;
}

export interface PlanProblem {
  readonly tasks: readonly PlanTask[];
  /** How much there is of each resource at any time: whole numbers from 0. */
  readonly capacities: readonly number[];
  /** Without agents, any number of tasks may run at a time as far as the resources allow: a project. */
  readonly agents?: readonly PlanAgent[];
}

/** How long to search; a search that has proved its plan to be the best stops earlier. */
export type PlanBudget =
  | { readonly kind: "time"; readonly ms: number; readonly nowMs: () => number }
  /** Schedules tried: the same plan for the same seed, on any machine. */
  | { readonly kind: "schedules"; readonly count: number };

export interface PlannedTask {
  readonly start: number;
  readonly finish: number;
  /** Index of the agent, and which of its slots, from 0; undefined in a project without agents and for tasks of duration 0. */
  readonly agent?: number;
  readonly slot?: number;
}

export interface Plan {
  /** By index of the task. */
  readonly tasks: readonly PlannedTask[];
  /** Indices by planned start; of equal starts, what is needed comes first. */
  readonly order: readonly number[];
  readonly makespan: number;
  /** No schedule can be shorter. */
  readonly lowerBound: number;
  /** Without a plan: every task starts as soon as it can, in the order of the list, on the fastest agent that is idle. */
  readonly listMakespan: number;
  /** Schedules that were tried. */
  readonly schedules: number;
}
