/** Who a plan is made for: so many equal agents, or the groups of an agents file, as a simulation has them. */
import type { PlanAgent } from "../../sim/plan/problem.ts";
import { readAgentsFile } from "../simulate/agents-file.ts";

export interface PlannedAgent extends PlanAgent {
  readonly name: string;
  /** Types that it can do; all when left out. */
  readonly types?: readonly string[];
}

/** `count` agents of speed 1 with one slot each. */
export function equalAgents(count: number): readonly PlannedAgent[] {
  return Array.from({ length: count }, (_, index) => ({ name: `agent-${index + 1}`, slots: 1, speed: 1 }));
}

/**
 * The agents of a file of groups. An agent that works on fewer tasks than it takes (`workers`) has as many slots as it works on.
 * Throws `invalid_input`; `name` is the file as the user knows it.
 */
export function agentsOfFile(path: string, name: string): readonly PlannedAgent[] {
  return readAgentsFile(path, name).agents.flatMap(({ name: group, count = 1, slots = 1, workers = slots, speed = 1, speeds, types }, at) =>
    Array.from({ length: count }, (_, index) => ({
      name: `${group ?? `agent-${at + 1}`}${count === 1 ? "" : `-${index + 1}`}`,
      slots: Math.min(slots, workers),
      speed,
      ...(speeds !== undefined && { speeds: new Map(Object.entries(speeds)) }),
      ...(types !== undefined && { types }),
    })),
  );
}

/** Indices of the agents that can do a type of tasks, one list a type; undefined when all can do everything. */
export function ableAgents(agents: readonly PlannedAgent[]): (type: string) => readonly number[] | undefined {
  if (agents.every(({ types }) => types === undefined)) return () => undefined;
  const lists = new Map<string, readonly number[]>();
  return (type) => {
    let list = lists.get(type);
    if (list === undefined) lists.set(type, (list = [...agents.keys()].filter((index) => agents[index]!.types?.includes(type) ?? true)));
    return list;
  };
}
