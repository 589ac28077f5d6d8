/**
 * Plans a flow for the run that follows. The place of a task in the planned order becomes its priority, so of the tasks that may start,
 * the one that is planned first goes first. When tasks take longer or shorter than planned, the order still holds where times do not.
 */
import type { FlowPlan, PlannedTask } from "../../protocol/task-plan.ts";
import { flowProblem } from "./flow-problem.ts";
import { makePlan } from "./make-plan.ts";

/** What a plan promises; times in ms. */
export interface Planned {
  readonly makespanMs: number;
  readonly lowerBoundMs: number;
  /** In the order of the file. */
  readonly unplannedMs: number;
  readonly schedules: number;
  /** What was assumed, as sentences. */
  readonly notes: readonly string[];
}

const BUDGET_MS = 1_000;

export interface PlanFlowOptions {
  /** Slots of agents whose size the flow does not say. */
  readonly jobs: number | undefined;
  /** Default one second. */
  readonly budgetMs: number | undefined;
}

export interface PlannedFlow {
  readonly tasks: readonly PlannedTask[];
  /** The policy under which the priorities are the order: for this run, whatever else is chosen for the queue. */
  readonly policy: string;
  readonly planned: Planned;
}

/** The tasks of the flow with their places in the plan as priorities, 1 for the first; priorities of their own are replaced. */
export function planFlow(flow: FlowPlan, { jobs, budgetMs = BUDGET_MS }: PlanFlowOptions): PlannedFlow {
  const input = flowProblem(flow, { ...(jobs !== undefined && { jobs }) });
  const plan = makePlan(input, { budgetMs });
  const places = new Map(plan.order.map((task, place) => [task, place + 1] as const));
  return {
    tasks: flow.tasks.map((task, index) => ({ ...task, spec: { ...task.spec, priority: places.get(index)! } })),
    // Nothing of a flow waits for ever, so nobody needs to age.
    policy: "priority:aging=off",
    planned: { makespanMs: plan.makespan, lowerBoundMs: plan.lowerBound, unplannedMs: plan.listMakespan, schedules: plan.schedules, notes: input.notes },
  };
}
