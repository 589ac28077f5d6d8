/** What is wrong with a problem, before any planning: the planner itself trusts what it is given. */
import { findCycle } from "../../core/struct/graph.ts";
import { CAPACITY_LIMIT } from "./packed-demands.ts";
import type { PlanAgent, PlanProblem, PlanTask } from "./problem.ts";
import { durationOn } from "./work.ts";

export type PlanProblemFault =
  | { readonly kind: "no_agents" }
  | { readonly kind: "bad_agent"; readonly agent: number; readonly what: "slots" | "speed" }
  | { readonly kind: "bad_capacity"; readonly resource: number }
  | { readonly kind: "bad_duration"; readonly task: number }
  | { readonly kind: "bad_need"; readonly task: number; readonly need: number }
  | { readonly kind: "bad_use"; readonly task: number; readonly resource: number }
  | { readonly kind: "above_capacity"; readonly task: number; readonly resource: number }
  | { readonly kind: "no_able_agent"; readonly task: number }
  /** Tasks that need each other, in order. */
  | { readonly kind: "cycle"; readonly tasks: readonly number[] };

/** The first fault of a problem, or undefined. */
export function faultOf(problem: PlanProblem): PlanProblemFault | undefined {
  const { tasks, capacities, agents } = problem;
  if (agents?.length === 0) return { kind: "no_agents" };
  for (const [agent, value] of agents?.entries() ?? []) {
    const what = agentFault(value);
    if (what !== undefined) return { kind: "bad_agent", agent, what };
  }
  const resource = capacities.findIndex((capacity) => !isAmount(capacity));
  if (resource !== -1) return { kind: "bad_capacity", resource };
  for (const [index, task] of tasks.entries()) {
    const fault = taskFault(problem, task, index);
    if (fault !== undefined) return fault;
  }
  const cycle = findCycle(tasks.map(({ needs }) => needs));
  return cycle === undefined ? undefined : { kind: "cycle", tasks: cycle };
}

function agentFault({ slots, speed, speeds }: PlanAgent): "slots" | "speed" | undefined {
  if (!isAmount(slots) || slots === 0) return "slots";
  return [speed, ...(speeds?.values() ?? [])].every((one) => one > 0 && Number.isFinite(one)) ? undefined : "speed";
}

function taskFault({ tasks, capacities, agents }: PlanProblem, task: PlanTask, index: number): PlanProblemFault | undefined {
  if (!(task.duration >= 0 && Number.isFinite(task.duration))) return { kind: "bad_duration", task: index };
  const need = task.needs.find((one) => tasks[one] === undefined);
  if (need !== undefined) return { kind: "bad_need", task: index, need };
  for (const [resource, amount] of task.uses.entries()) {
    if (!isAmount(amount) || resource >= capacities.length) return { kind: "bad_use", task: index, resource };
    if (amount > capacities[resource]!) return { kind: "above_capacity", task: index, resource };
  }
  const isDoable = agents === undefined || agents.some((agent, which) => durationOn(task, agent, which) < Infinity);
  return isDoable ? undefined : { kind: "no_able_agent", task: index };
}

function isAmount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= CAPACITY_LIMIT;
}
