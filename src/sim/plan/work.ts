/**
 * A problem made ready for the inner loops. Agents that are alike form a class; the slots of a class are one more resource, which
 * is enough to schedule, and who does what is settled afterwards (intervals of which never more than k overlap can always be
 * given to k slots). So plain projects, equal agents and unequal agents are one thing: tasks with a duration and demands in each class.
 */
import { createNetwork, type Network } from "./network.ts";
import { packDemands, type PackedDemands } from "./packed-demands.ts";
import type { PlanAgent, PlanProblem, PlanTask } from "./problem.ts";

/** Agents that differ in nothing that matters here. */
export interface AgentClass {
  readonly agents: readonly number[];
  readonly slots: number;
}

export interface Work {
  readonly size: number;
  /** Durations in the fastest class that can do the task: what heads, tails and the critical path are made of. */
  readonly network: Network;
  readonly classes: number;
  /** The classes; one without agents in a project that has none. */
  readonly fleet: readonly AgentClass[];
  /** Duration of task i in class k at `i * classes + k`; Infinity where it cannot run. */
  readonly durations: Float64Array;
  readonly packed: PackedDemands;
  /** Where the free slots of a class are found in the packed words; mask 0 when slots are not counted. */
  readonly slotWords: Int32Array;
  readonly slotMasks: Int32Array;
}

/** The problem has been checked. */
export function prepareWork(problem: PlanProblem): Work {
  const { tasks, agents, capacities } = problem;
  const fleet = agents === undefined ? [{ agents: [], slots: 0 }] : classesOf(agents, tasks);
  const classes = fleet.length;
  const durations = new Float64Array(tasks.length * classes);
  tasks.forEach((task, index) => {
    fleet.forEach(({ agents: members }, kind) => {
      durations[index * classes + kind] = agents === undefined ? task.duration : durationOn(task, agents[members[0]!]!, members[0]!);
    });
  });
  // Without agents there are no slots to count; with them, every class counts its own.
  const slotCapacities = agents === undefined ? [] : fleet.map(({ slots }) => slots);
  const demands = tasks.flatMap(({ uses }) =>
    fleet.map((_, kind) => [...slotCapacities.map((_, other) => (other === kind ? 1 : 0)), ...capacities.map((_, resource) => uses[resource] ?? 0)]),
  );
  const packed = packDemands(demands, [...slotCapacities, ...capacities]);
  const slotWords = new Int32Array(classes);
  const slotMasks = new Int32Array(classes);
  slotCapacities.forEach((_, kind) => {
    slotWords[kind] = packed.places[kind]!.word;
    slotMasks[kind] = packed.places[kind]!.mask;
  });
  const fastest = tasks.map((_, index) => Math.min(...durations.subarray(index * classes, (index + 1) * classes)));
  const network = createNetwork(fastest, tasks.map(({ needs }) => needs));
  return { size: tasks.length, network, classes, fleet, durations, packed, slotWords, slotMasks };
}

/** Time the task takes on the agent; Infinity when it cannot do it. */
export function durationOn(task: PlanTask, agent: PlanAgent, index: number): number {
  if (task.agents !== undefined && !task.agents.includes(index)) return Infinity;
  const speed = speedFor(task, agent);
  return task.duration / speed;
}

function speedFor(task: PlanTask, agent: PlanAgent): number {
  return (task.type === undefined ? undefined : agent.speeds?.get(task.type)) ?? agent.speed;
}

/** The fastest class of the fleet first, so that the search for a slot finds a good end early. */
function classesOf(agents: readonly PlanAgent[], tasks: readonly PlanTask[]): readonly AgentClass[] {
  const types = [...new Set(tasks.flatMap(({ type }) => type ?? []))];
  const choices = new Map<readonly number[], string>();
  for (const { agents: able } of tasks) if (able !== undefined && !choices.has(able)) choices.set(able, String(choices.size));
  const byLikeness = new Map<string, number[]>();
  agents.forEach((agent, index) => {
    const speeds = [agent.speed, ...types.map((type) => agent.speeds?.get(type) ?? agent.speed)];
    const memberships = [...choices].flatMap(([able, name]) => (able.includes(index) ? [name] : []));
    const likeness = `${speeds.join(" ")}|${memberships.join(" ")}`;
    const others = byLikeness.get(likeness);
    if (others === undefined) byLikeness.set(likeness, [index]);
    else others.push(index);
  });
  return [...byLikeness.values()]
    .sort((a, b) => agents[b[0]!]!.speed - agents[a[0]!]!.speed)
    .map((members) => ({ agents: members, slots: members.reduce((sum, index) => sum + agents[index]!.slots, 0) }));
}
