/**
 * Whether a plan keeps every rule of its problem, found out without anything that the planner is made of: needs, durations on the agents,
 * the slots of each agent and the capacity of each resource at every moment.
 */
import type { Plan, PlanProblem, PlannedTask } from "./problem.ts";

/** Times are sums, and sums of fractions in another order differ in their last digits. */
const ROUNDING = 1e-9;

/** The first broken rule as a sentence, or undefined. */
export function brokenRule(problem: PlanProblem, plan: Plan): string | undefined {
  const { tasks } = problem;
  const slack = ROUNDING * Math.max(1, plan.makespan);
  if (plan.tasks.length !== tasks.length) return `${plan.tasks.length} tasks are planned, not ${tasks.length}`;
  for (const [index, planned] of plan.tasks.entries()) {
    const broken = brokenByTask(problem, plan, index, planned, slack);
    if (broken !== undefined) return broken;
  }
  const last = plan.tasks.reduce((latest, { finish }) => Math.max(latest, finish), 0);
  if (Math.abs(last - plan.makespan) > slack) return `the makespan is ${plan.makespan}, but the last task ends at ${last}`;
  if (plan.makespan < plan.lowerBound - slack) return `the makespan ${plan.makespan} is below the lower bound ${plan.lowerBound}`;
  return brokenByOrder(problem, plan) ?? brokenByCapacity(problem, plan, slack) ?? brokenBySlots(problem, plan, slack);
}

function brokenByTask({ tasks, agents }: PlanProblem, plan: Plan, index: number, planned: PlannedTask, slack: number): string | undefined {
  const task = tasks[index]!;
  const { start, finish, agent, slot } = planned;
  if (!(start >= 0)) return `task ${index} starts at ${start}`;
  for (const need of task.needs) {
    if (plan.tasks[need]!.finish > start + slack) return `task ${index} starts at ${start}, before task ${need} ends`;
  }
  let duration = task.duration;
  if (agents !== undefined && task.duration > 0) {
    const doer = agents[agent ?? -1];
    if (doer === undefined || slot === undefined || slot < 0 || slot >= doer.slots) return `task ${index} has no agent and slot`;
    if (task.agents !== undefined && !task.agents.includes(agent!)) return `task ${index} is with agent ${agent}, which cannot do it`;
    duration = task.duration / (doer.speeds?.get(task.type ?? "") ?? doer.speed);
  }
  return Math.abs(finish - start - duration) > slack ? `task ${index} takes ${finish - start}, not ${duration}` : undefined;
}

function brokenByOrder({ tasks }: PlanProblem, { order }: Plan): string | undefined {
  const places = new Map(order.map((task, place) => [task, place] as const));
  if (order.length !== tasks.length || places.size !== tasks.length) return "the order does not have each task once";
  for (const [index, { needs }] of tasks.entries()) {
    const early = needs.find((need) => places.get(need)! > places.get(index)!);
    if (early !== undefined) return `in the order, task ${index} comes before task ${early}, which it needs`;
  }
  return undefined;
}

/** At the start of every task, all that run then together; use can only rise at a start. */
function brokenByCapacity({ tasks, capacities }: PlanProblem, plan: Plan, slack: number): string | undefined {
  for (const [resource, capacity] of capacities.entries()) {
    const users = tasks.flatMap(({ uses, duration }, index) => ((uses[resource] ?? 0) > 0 && duration > 0 ? index : []));
    for (const one of users) {
      const { start } = plan.tasks[one]!;
      let used = 0;
      for (const other of users) {
        const at = plan.tasks[other]!;
        if (at.start <= start + slack / 2 && at.finish > start + slack) used += tasks[other]!.uses[resource]!;
      }
      if (used > capacity) return `at ${start}, ${used} of resource ${resource} are used, and there are ${capacity}`;
    }
  }
  return undefined;
}

function brokenBySlots({ agents, tasks }: PlanProblem, plan: Plan, slack: number): string | undefined {
  if (agents === undefined) return undefined;
  const lanes = new Map<string, number[]>();
  plan.tasks.forEach(({ agent, slot }, index) => {
    if (tasks[index]!.duration === 0) return;
    const lane = `${agent}/${slot}`;
    lanes.set(lane, [...(lanes.get(lane) ?? []), index]);
  });
  for (const [lane, members] of lanes) {
    const sorted = members.sort((a, b) => plan.tasks[a]!.start - plan.tasks[b]!.start);
    const clash = sorted.findIndex((task, place) => place > 0 && plan.tasks[sorted[place - 1]!]!.finish > plan.tasks[task]!.start + slack);
    if (clash !== -1) return `tasks ${sorted[clash - 1]} and ${sorted[clash]} overlap on agent and slot ${lane}`;
  }
  return undefined;
}
