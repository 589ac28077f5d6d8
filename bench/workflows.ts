/**
 * How short real workflows get on a fleet: the makespan over the bound max(critical path / fastest speed, work / total speed), as a
 * geometric mean over WfInstances (Coleman et al. 2022). Every plan is checked by code that the planner does not use.
 * `node bench/workflows.ts FILE [--agents 16] [--speeds 2,1,1,0.5] --plan-ms 1000 [--limit N] [--seed S] [--each] [--json]`
 */
import { brokenRule } from "../src/sim/plan/check-plan.ts";
import { planSchedule } from "../src/sim/plan/plan.ts";
import type { PlanAgent, PlanProblem } from "../src/sim/plan/problem.ts";
import { benchArgs, positive, refuse } from "./lib/bench-args.ts";
import { readJsonLines } from "./lib/json-lines.ts";
import { rounded } from "./lib/numbers.ts";

const USAGE = "usage: node bench/workflows.ts FILE [--agents 16] [--speeds 2,1,1,0.5] --plan-ms 1000 [--limit N] [--seed S] [--each] [--json]";

interface Workflow {
  readonly path: string;
  readonly app: string;
  /** Program, runtime in seconds, parents, … */
  readonly tasks: readonly (readonly [string, number, readonly number[], ...unknown[]])[];
}

const args = benchArgs(USAGE, {
  agents: { type: "string" },
  speeds: { type: "string" },
  "plan-ms": { type: "string" },
  limit: { type: "string" },
  seed: { type: "string" },
  each: { type: "boolean" },
  json: { type: "boolean" },
});
if (args.values["plan-ms"] === undefined) refuse("--plan-ms is missing: how long to plan each workflow", USAGE);
const ms = positive(args, "plan-ms", 1000, USAGE);
const seed = positive(args, "seed", 1, USAGE);
const speeds = String(args.values["speeds"] ?? "1").split(",").map(Number);
if (!speeds.every((speed) => speed > 0 && Number.isFinite(speed))) refuse(`--speeds takes numbers over 0, got ${String(args.values["speeds"])}`, USAGE);
const agents = Array.from({ length: positive(args, "agents", 16, USAGE) }, (_, index): PlanAgent => ({ slots: 1, speed: speeds[index % speeds.length]! }));
const workflows = (readJsonLines(args.file) as readonly Workflow[])
  .filter(({ app }) => app !== "helloworld")
  .slice(0, positive(args, "limit", Infinity, USAGE));
if (workflows.length === 0) refuse("the file has no workflows besides helloworld", USAGE);

const each = workflows.map((workflow) => {
  const problem: PlanProblem = { tasks: workflow.tasks.map(([, duration, needs]) => ({ duration, needs, uses: [] })), capacities: [], agents };
  const begin = performance.now();
  const plan = planSchedule(problem, { budget: { kind: "time", ms, nowMs: () => performance.now() }, seed });
  const tookMs = performance.now() - begin;
  const broken = brokenRule(problem, plan);
  if (broken !== undefined) throw new Error(`The plan of ${workflow.path} is wrong: ${broken}`);
  const ratio = plan.makespan / simpleBound(problem);
  return { path: workflow.path, tasks: problem.tasks.length, ratio, own_bound_ratio: plan.makespan / plan.lowerBound, schedules: plan.schedules, ms: tookMs };
});

const figures = {
  agents: agents.length,
  speeds,
  plan_ms: ms,
  instances: each.length,
  geomean_ratio: geomean(each.map(({ ratio }) => ratio)),
  max_ratio: rounded(Math.max(...each.map(({ ratio }) => ratio))),
  /** Over the planner's own lower bound, which also knows what must come before and after. */
  geomean_own_bound_ratio: geomean(each.map(({ own_bound_ratio }) => own_bound_ratio)),
  max_ms: Math.round(Math.max(...each.map(({ ms }) => ms))),
};
if (args.values["each"] === true) for (const one of each) console.error(`${one.ratio.toFixed(4)} ${one.own_bound_ratio.toFixed(4)} ${String(one.tasks).padStart(5)} ${String(one.schedules).padStart(7)} ${one.path}`);
if (args.values["json"] === true) console.log(JSON.stringify(figures));
else for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(24)} ${String(value)}`);

/** max(critical path / fastest speed, work / total speed): what all figures are compared with, here and elsewhere. */
function simpleBound({ tasks }: PlanProblem): number {
  const ends = new Map<number, number>();
  const endOf = (index: number): number => {
    const known = ends.get(index);
    if (known !== undefined) return known;
    const { duration, needs } = tasks[index]!;
    const end = Math.max(0, ...needs.map(endOf)) + duration;
    ends.set(index, end);
    return end;
  };
  const path = Math.max(...tasks.map((_, index) => endOf(index)));
  const work = tasks.reduce((sum, { duration }) => sum + duration, 0);
  return Math.max(path / Math.max(...speeds), work / agents.reduce((sum, { speed }) => sum + speed, 0));
}

function geomean(ratios: readonly number[]): number {
  return Number(Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length).toFixed(4));
}
