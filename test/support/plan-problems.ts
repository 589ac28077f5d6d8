/** Random problems for the planner, and an exhaustive search that knows nothing of how the planner works. */
import fc from "fast-check";
import type { PlanAgent, PlanProblem, PlanTask } from "../../src/sim/plan/problem.ts";

export interface Sizes {
  readonly tasks: number;
  readonly agents: "none" | "equal" | "unequal";
  readonly resources: number;
  /** Durations with fractions. */
  readonly fractions?: boolean;
}

/** Needs only point backwards, so there is no circle; numbering them anew would add nothing. */
export function anyProblem({ tasks, agents, resources, fractions = false }: Sizes): fc.Arbitrary<PlanProblem> {
  const duration = fractions ? fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 9, noNaN: true })) : fc.integer({ min: 0, max: 6 });
  const speed = fractions ? fc.constantFrom(0.3, 0.5, 1, 1.7, 2) : fc.constantFrom(1, 2);
  return fc.record({
    capacities: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: resources, maxLength: resources }),
    fleet: fc.array(fc.record({ slots: fc.integer({ min: 1, max: 2 }), speed }), { minLength: 1, maxLength: 3 }),
    rows: fc.array(fc.record({ duration, needs: fc.array(fc.nat(), { maxLength: 2 }), uses: fc.array(fc.nat(), { minLength: resources, maxLength: resources }), able: fc.nat() }), { minLength: 1, maxLength: tasks }),
  }).map(({ capacities, fleet, rows }) => ({
    capacities,
    tasks: rows.map((row, index): PlanTask => ({
      duration: row.duration,
      needs: index === 0 ? [] : [...new Set(row.needs.map((need) => need % index))],
      uses: row.uses.map((amount, resource) => amount % (capacities[resource]! + 1)),
      // A third of the tasks are for one agent only.
      ...(agents === "unequal" && row.able % 3 === 0 && { agents: [row.able % fleet.length] }),
    })),
    ...(agents !== "none" && { agents: fleet.map((agent): PlanAgent => (agents === "equal" ? { slots: agent.slots, speed: 1 } : agent)) }),
  }));
}

interface Placed {
  readonly start: number;
  readonly finish: number;
  readonly agent: number;
}

/**
 * The shortest makespan, by trying every order and every agent for each task: some order that starts each task as early as it can
 * gives a best schedule (Sprecher, Kolisch and Drexl 1995). For a handful of tasks.
 */
export function bestMakespan(problem: PlanProblem): number {
  const { tasks, agents } = problem;
  const placed = new Map<number, Placed>();
  let best = Infinity;
  const visit = (makespan: number): void => {
    if (makespan >= best) return;
    if (placed.size === tasks.length) {
      best = makespan;
      return;
    }
    for (const [index, task] of tasks.entries()) {
      if (placed.has(index) || !task.needs.every((need) => placed.has(need))) continue;
      for (const agent of agents === undefined ? [-1] : agents.keys()) {
        if (agents !== undefined && task.agents !== undefined && !task.agents.includes(agent)) continue;
        const duration = agents === undefined ? task.duration : task.duration / agents[agent]!.speed;
        const start = earliest(problem, placed, index, agent, duration);
        placed.set(index, { start, finish: start + duration, agent });
        visit(Math.max(makespan, start + duration));
        placed.delete(index);
      }
    }
  };
  visit(0);
  return best;
}

function earliest(problem: PlanProblem, placed: ReadonlyMap<number, Placed>, task: number, agent: number, duration: number): number {
  const ready = Math.max(0, ...problem.tasks[task]!.needs.map((need) => placed.get(need)!.finish));
  if (duration === 0) return ready;
  const times = [ready, ...[...placed.values()].map(({ finish }) => finish).filter((time) => time > ready)].sort((a, b) => a - b);
  return times.find((start) => [start, ...[...placed.values()].map((other) => other.start)].every((at) => at < start || at >= start + duration || hasRoom(problem, placed, task, agent, at)))!;
}

function hasRoom({ tasks, capacities, agents }: PlanProblem, placed: ReadonlyMap<number, Placed>, task: number, agent: number, at: number): boolean {
  const running = [...placed].filter(([, { start, finish }]) => start <= at && finish > at);
  if (agents !== undefined && running.filter(([, other]) => other.agent === agent).length >= agents[agent]!.slots) return false;
  return capacities.every((capacity, resource) => running.reduce((sum, [other]) => sum + (tasks[other]!.uses[resource] ?? 0), tasks[task]!.uses[resource] ?? 0) <= capacity);
}
