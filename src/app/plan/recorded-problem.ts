/** A recorded workflow as a problem of the planner: what each task took is how long it will take. */
import { MakespanError } from "../../protocol/errors.ts";
import type { TaskEntry } from "../../sim/index.ts";
import type { PlanTask } from "../../sim/plan/problem.ts";
import { ableAgents, type PlannedAgent } from "./planned-agents.ts";
import type { PlanInput } from "./plan-input.ts";

/** Throws `dependency_unknown` when a task needs one that is not there; circles and durations are checked with the whole. */
export function recordedProblem(name: string, entries: readonly TaskEntry[], agents: readonly PlannedAgent[]): PlanInput {
  const ids = entries.map(({ id }, index) => id ?? String(index + 1));
  const indexOf = new Map(ids.map((id, index) => [id, index] as const));
  const able = ableAgents(agents);
  const tasks = entries.map(({ type = "task", serviceMs, needs = [] }, index): PlanTask => {
    const agentsOf = able(type);
    return {
      duration: serviceMs,
      needs: needs.map((need) => {
        const other = indexOf.get(need);
        if (other === undefined) throw new MakespanError("dependency_unknown", `${name}: ${ids[index]} needs ${JSON.stringify(need)}, and no task has that id.`);
        return other;
      }),
      uses: [],
      type,
      ...(agentsOf !== undefined && { agents: agentsOf }),
    };
  });
  return {
    name,
    problem: { tasks, capacities: [], agents },
    tasks: entries.map(({ type = "task" }, index) => ({ id: ids[index]!, type })),
    agents: agents.map((agent) => ({ name: agent.name, kind: "agent" })),
    resources: [],
    notes: ["The recorded runtimes are taken as they are; moving files between tasks counts nothing."],
  };
}
