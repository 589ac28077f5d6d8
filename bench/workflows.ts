/**
 * How short real workflows get on a fleet: the makespan over the bound max(critical path / fastest speed, work / total speed), as a
 * geometric mean over WfInstances. With `--plan-ms` each is planned for so long, and the plan checked by code that the planner does
 * not use; without it the production scheduler runs each on virtual time, deciding as tasks end.
 * `node bench/workflows.ts FILE [--agents 16] [--speeds 2,1,1,0.5] [--plan-ms 1000] [--out FILE.jsonl] [--svg FILE] [--json]`
 */
import { writeFileSync } from "node:fs";
import { simulate } from "../src/sim/index.ts";
import { brokenRule } from "../src/sim/plan/check-plan.ts";
import { planSchedule } from "../src/sim/plan/plan.ts";
import type { PlanProblem } from "../src/sim/plan/problem.ts";
import { benchArgs, clockOf, positive, refuse } from "./lib/bench-args.ts";
import { keptResults } from "./lib/kept-results.ts";
import { rounded } from "./lib/numbers.ts";
import { workflowsPicture } from "./lib/workflows-picture.ts";
import { readWorkflows, simpleBound, type Workflow } from "./lib/workflows.ts";

const USAGE =
  "usage: node bench/workflows.ts FILE [--agents 16] [--speeds 2,1,1,0.5] [--plan-ms 1000 [--seed S]] [--policy critical-path] [--balancer earliest-finish] [--clock cpu] [--limit N] [--each] [--out FILE.jsonl] [--svg FILE] [--json]";

const args = benchArgs(USAGE, {
  agents: { type: "string" },
  speeds: { type: "string" },
  "plan-ms": { type: "string" },
  seed: { type: "string" },
  policy: { type: "string" },
  balancer: { type: "string" },
  clock: { type: "string" },
  limit: { type: "string" },
  each: { type: "boolean" },
  out: { type: "string" },
  svg: { type: "string" },
  json: { type: "boolean" },
});
const given = String(args.values["speeds"] ?? "1").split(",").map(Number);
if (!given.every((speed) => speed > 0 && Number.isFinite(speed))) refuse(`--speeds takes numbers over 0, got ${String(args.values["speeds"])}`, USAGE);
const speeds = Array.from({ length: positive(args, "agents", 16, USAGE) }, (_, index) => given[index % given.length]!);
const planMs = args.values["plan-ms"] === undefined ? undefined : positive(args, "plan-ms", 1000, USAGE);
const seed = positive(args, "seed", 1, USAGE);
const nowMs = clockOf(args, USAGE);
const policy = String(args.values["policy"] ?? "critical-path");
const balancer = String(args.values["balancer"] ?? "earliest-finish");
const workflows = readWorkflows(args.file).slice(0, positive(args, "limit", Infinity, USAGE));
if (workflows.length === 0) refuse("the file has no workflows besides helloworld", USAGE);

interface Outcome {
  readonly makespanS: number;
  /** Over the planner's own bound, which also knows what must come before and after. */
  readonly ownBoundRatio?: number;
}

const cpuBefore = process.cpuUsage();
const begin = performance.now();
const each = workflows.map((workflow) => {
  const { makespanS, ownBoundRatio } = planMs === undefined ? online(workflow) : planned(workflow, planMs);
  return { path: workflow.path, tasks: workflow.tasks.length, ratio: makespanS / simpleBound(workflow, speeds), ownBoundRatio };
});
const cpu = process.cpuUsage(cpuBefore);
const tookMs = performance.now() - begin;

const figures = {
  agents: speeds.length,
  speeds: given,
  ...(planMs === undefined ? { policy, balancer } : { plan_ms: planMs, clock: args.values["clock"] ?? "wall" }),
  instances: each.length,
  geomean_ratio: geomean(each.map(({ ratio }) => ratio)),
  max_ratio: rounded(Math.max(...each.map(({ ratio }) => ratio))),
  ...(planMs !== undefined && { geomean_own_bound_ratio: geomean(each.map(({ ownBoundRatio }) => ownBoundRatio ?? 1)) }),
  took_s: rounded(tookMs / 1000),
  /** Below 1 the machine had other work, and a plan had less than its budget. */
  cpu_share: rounded((cpu.user + cpu.system) / 1000 / tookMs),
};
if (args.values["each"] === true) for (const { ratio, tasks, path } of each) console.error(`${ratio.toFixed(4)} ${String(tasks).padStart(5)} ${path}`);
const results = keptResults(args, figures);
if (typeof args.values["svg"] === "string") writeFileSync(args.values["svg"], workflowsPicture(results));
if (args.values["json"] === true) console.log(JSON.stringify(figures));
else for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(24)} ${String(value)}`);

function planned({ path, tasks }: Workflow, ms: number): Outcome {
  const problem: PlanProblem = {
    tasks: tasks.map(([, duration, needs]) => ({ duration, needs, uses: [] })),
    capacities: [],
    agents: speeds.map((speed) => ({ slots: 1, speed })),
  };
  const plan = planSchedule(problem, { budget: { kind: "time", ms, nowMs }, seed });
  const broken = brokenRule(problem, plan);
  if (broken !== undefined) throw new Error(`The plan of ${path} is wrong: ${broken}`);
  return { makespanS: plan.makespan, ownBoundRatio: plan.makespan / plan.lowerBound };
}

function online({ tasks }: Workflow): Outcome {
  const workload = tasks.map(([type, runtimeS, parents], index) => ({ id: String(index), type, arrivalMs: 0, serviceMs: 1000 * runtimeS, estimateMs: 1000 * runtimeS, needs: parents.map(String) }));
  const result = simulate({ workload, agents: speeds.map((speed) => ({ speed })), policy, balancer, estimates: "given" });
  return { makespanS: result.makespan_ms / 1000 };
}

function geomean(ratios: readonly number[]): number {
  return Number(Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length).toFixed(4));
}
