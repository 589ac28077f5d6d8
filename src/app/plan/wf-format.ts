/**
 * A recorded workflow in WfFormat, the JSON of the WfCommons project (Coleman et al. 2022), as a problem of the planner: what each
 * task took is how long it will take. Reads versions 1.4 and later, where specification and execution are apart, and the flat ones before.
 */
import { z } from "zod";
import { MakespanError } from "../../protocol/errors.ts";
import type { PlanTask } from "../../sim/plan/problem.ts";
import type { PlanInput } from "./plan-input.ts";
import { ableAgents, type PlannedAgent } from "./planned-agents.ts";

const id = z.union([z.string(), z.number()]).transform(String);
const taskSchema = z.object({
  id: id.optional(),
  name: id,
  parents: z.array(id).default([]),
  children: z.array(id).default([]),
  runtime: z.number().optional(),
  runtimeInSeconds: z.number().optional(),
});
const executionSchema = z.object({ tasks: z.array(z.object({ id, runtimeInSeconds: z.number() })) });
const tasksSchema = z.object({ tasks: z.array(taskSchema) });
const fileSchema = z.object({
  name: z.string().default("workflow"),
  workflow: z.union([z.object({ specification: tasksSchema, execution: executionSchema.optional() }), tasksSchema]),
});

/** Whether a parsed JSON file is in this format, and not a flow file. */
export function isWfFormat(value: unknown): boolean {
  return typeof value === "object" && value !== null && "workflow" in value && !("tasks" in value);
}

/** Throws `invalid_input` or `dependency_unknown`; circles and wrong durations are left to the check of the whole. */
export function wfFormatProblem(value: unknown, file: string, agents: readonly PlannedAgent[]): PlanInput {
  const result = fileSchema.safeParse(value);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    throw new MakespanError("invalid_input", `${file}: not WfFormat: ${path.join(".")}: ${message}`);
  }
  const { name, workflow } = result.data;
  const specified = "specification" in workflow ? workflow.specification.tasks : workflow.tasks;
  const executed = "specification" in workflow ? (workflow.execution?.tasks ?? []) : [];
  const runtimes = new Map(executed.map((task) => [task.id, task.runtimeInSeconds]));
  const indexOf = new Map<string, number>();
  specified.forEach((task, index) => indexOf.set(task.name, index));
  // An id is unique and a name need not be, so ids come last.
  specified.forEach((task, index) => indexOf.set(task.id ?? task.name, index));
  const known = (other: string, of: string): number => {
    const index = indexOf.get(other);
    if (index === undefined) throw new MakespanError("dependency_unknown", `${file}: the task ${of} names ${JSON.stringify(other)}, which does not exist.`);
    return index;
  };
  const needs = specified.map((task) => new Set(task.parents.map((parent) => known(parent, task.name))));
  specified.forEach((task, index) => task.children.forEach((child) => needs[known(child, task.name)]!.add(index)));
  const able = ableAgents(agents);
  const ids = specified.map((task) => task.id ?? task.name);
  return {
    name,
    problem: {
      tasks: specified.map((task, index): PlanTask => {
        const seconds = runtimes.get(ids[index]!) ?? runtimes.get(task.name) ?? task.runtimeInSeconds ?? task.runtime ?? NaN;
        const type = programOf(task.name);
        const agentsOf = able(type);
        return { duration: 1000 * seconds, needs: [...needs[index]!], uses: [], type, ...(agentsOf !== undefined && { agents: agentsOf }) };
      }),
      capacities: [],
      agents,
    },
    tasks: specified.map((task, index) => ({ id: ids[index]!, type: programOf(task.name) })),
    agents: agents.map((agent) => ({ name: agent.name, kind: "agent" })),
    resources: [],
    notes: ["The recorded runtimes are taken as they are; moving files between tasks counts nothing."],
  };
}

/** `mProject_ID0000004` and `BOWTIE2_ALIGN_9` without the number of the task. */
function programOf(name: string): string {
  const program = name.replace(/(?:_ID)?_?\d+$/i, "");
  return program === "" ? name : program;
}
