/**
 * What is planned, with the names that people know: the problem of the planner by index, and for each index the task and the agent.
 */
import { MakespanError } from "../../protocol/errors.ts";
import { faultOf, type PlanProblemFault } from "../../sim/plan/check-problem.ts";
import type { PlanProblem } from "../../sim/plan/problem.ts";

export interface PlanInput {
  /** Of the flow. */
  readonly name: string;
  /** Times in ms; it has agents. */
  readonly problem: PlanProblem;
  /** By index in the problem. */
  readonly tasks: readonly { readonly id: string; readonly type: string }[];
  readonly agents: readonly { readonly name: string; readonly kind: string }[];
  readonly resources: readonly string[];
  /** What was assumed, as sentences. */
  readonly notes: readonly string[];
}

/** Throws `flow_cycle`, `invalid_input` or `invalid_option` if the input cannot be planned. */
export function assertPlannable(input: PlanInput): void {
  const fault = faultOf(input.problem);
  if (fault === undefined) return;
  if (fault.kind === "cycle") throw new MakespanError("flow_cycle", `Tasks need each other in a circle: ${nameAll(input, [...fault.tasks, fault.tasks[0]!])}.`, { tasks: fault.tasks.map((task) => idOf(input, task)) });
  const isOption = fault.kind === "no_agents" || fault.kind === "bad_agent" || fault.kind === "no_able_agent";
  throw new MakespanError(isOption ? "invalid_option" : "invalid_input", sentenceOf(input, fault));
}

function sentenceOf(input: PlanInput, fault: Exclude<PlanProblemFault, { kind: "cycle" }>): string {
  switch (fault.kind) {
    case "no_agents":
      return "There are no agents to plan for; expected at least one.";
    case "bad_agent":
      return `The agent ${input.agents[fault.agent]?.name ?? fault.agent} has a wrong ${fault.what}: slots are a whole number from 1, a speed is a number over 0.`;
    case "bad_capacity":
      return `The resource ${input.resources[fault.resource]} has a wrong capacity: expected a whole number from 0.`;
    case "bad_duration":
      return `The task ${idOf(input, fault.task)} has the duration ${input.problem.tasks[fault.task]?.duration}; expected a number of 0 or more.`;
    case "bad_need":
      return `The task ${idOf(input, fault.task)} needs a task that is not there.`;
    case "bad_use":
      return `The task ${idOf(input, fault.task)} uses a wrong amount of ${input.resources[fault.resource] ?? "a resource that is not there"}: expected a whole number from 0.`;
    case "above_capacity":
      return `The task ${idOf(input, fault.task)} uses more of ${input.resources[fault.resource]} than there is (${input.problem.capacities[fault.resource]}): it could never run.`;
    case "no_able_agent":
      return `No agent can do the task ${idOf(input, fault.task)} of type ${input.tasks[fault.task]?.type}.`;
  }
}

function idOf({ tasks }: PlanInput, index: number): string {
  return tasks[index]?.id ?? String(index);
}

/** A long circle is cut. */
function nameAll(input: PlanInput, indices: readonly number[]): string {
  const names = indices.map((index) => idOf(input, index));
  return names.length <= 12 ? names.join(" -> ") : [...names.slice(0, 8), `… ${names.length - 11} more …`, ...names.slice(-3)].join(" -> ");
}
