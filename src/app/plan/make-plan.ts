/** Reads what is to be planned and plans it, with the clock of the machine. */
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { parseWfFormat } from "../../sim/index.ts";
import { planSchedule } from "../../sim/plan/plan.ts";
import type { Plan } from "../../sim/plan/problem.ts";
import { readFlowFile } from "../flow-file/read.ts";
import { refusing } from "../simulate/refusals.ts";
import { flowProblem } from "./flow-problem.ts";
import { assertPlannable, type PlanInput } from "./plan-input.ts";
import { equalAgents, type PlannedAgent } from "./planned-agents.ts";
import { recordedProblem } from "./recorded-problem.ts";

export interface ReadPlanOptions {
  /** Default: the agents of a flow file; as many as the machine has cores for a recorded workflow. */
  readonly agents?: readonly PlannedAgent[];
  /** Values for variables of a flow file. */
  readonly vars?: ReadonlyMap<string, string>;
}

/** A flow file, or a workflow in WfFormat. Throws what reading and checking them throws. */
export async function readPlanInput(path: string, { agents, vars = new Map() }: ReadPlanOptions): Promise<PlanInput> {
  const recorded = await recordedText(path);
  if (recorded !== undefined) return recordedProblem(basename(path), refusing(() => parseWfFormat(recorded), path), agents ?? equalAgents(availableParallelism()));
  return flowProblem(await readFlowFile(path, vars), { ...(agents !== undefined && { agents }) });
}

/** The text of a file in WfFormat; undefined for any other file, which is read, and refused, as a flow file. */
async function recordedText(path: string): Promise<string | undefined> {
  if (!/\.json$/i.test(path)) return undefined;
  try {
    const text = await readFile(path, "utf8");
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null && "workflow" in value && !("tasks" in value) ? text : undefined;
  } catch {
    return undefined;
  }
}

export interface MakePlanOptions {
  readonly budgetMs: number;
  /** Schedules to try, in place of a time: the same plan on every machine. */
  readonly schedules?: number;
  readonly seed?: number;
}

/** Throws `flow_cycle`, `invalid_input` or `invalid_option` when the input cannot be planned. */
export function makePlan(input: PlanInput, { budgetMs, schedules, seed = 1 }: MakePlanOptions): Plan {
  assertPlannable(input);
  return planSchedule(input.problem, {
    budget: schedules === undefined ? { kind: "time", ms: budgetMs, nowMs: () => performance.now() } : { kind: "schedules", count: schedules },
    seed,
  });
}
