/**
 * How good plans under scarce resources are: instances of PSPLIB (Kolisch and Sprecher 1996) with a budget each, compared with the best
 * makespans known. Every schedule is checked by code that the planner does not use.
 * `node bench/rcpsp.ts FILE [--set j30] [--budget-ms 200] [--clock cpu] [--limit N] [--seed S] [--out FILE.jsonl] [--svg FILE] [--json]`
 */
import { writeFileSync } from "node:fs";
import { brokenRule } from "../src/sim/plan/check-plan.ts";
import { planSchedule } from "../src/sim/plan/plan.ts";
import type { PlanProblem } from "../src/sim/plan/problem.ts";
import { benchArgs, clockOf, positive, refuse } from "./lib/bench-args.ts";
import { keptResults } from "./lib/kept-results.ts";
import { readJsonLines } from "./lib/json-lines.ts";
import { quantile, rounded } from "./lib/numbers.ts";
import { rcpspPicture } from "./lib/rcpsp-picture.ts";

const USAGE = "usage: node bench/rcpsp.ts FILE [--set j30] [--budget-ms 200] [--clock cpu] [--limit N] [--seed S] [--out FILE.jsonl] [--svg FILE] [--json]";

interface Instance {
  readonly name: string;
  readonly set: string;
  readonly capacity: readonly number[];
  /** Duration, demands, successors. */
  readonly acts: readonly (readonly [number, readonly number[], readonly number[]])[];
  readonly best_ub: number;
  /** Proven. */
  readonly optimal?: number;
}

const args = benchArgs(USAGE, {
  set: { type: "string" },
  "budget-ms": { type: "string" },
  clock: { type: "string" },
  limit: { type: "string" },
  seed: { type: "string" },
  out: { type: "string" },
  svg: { type: "string" },
  json: { type: "boolean" },
});
const set = String(args.values["set"] ?? "j30");
const ms = positive(args, "budget-ms", 200, USAGE);
const seed = positive(args, "seed", 1, USAGE);
const nowMs = clockOf(args, USAGE);
const all = (readJsonLines(args.file) as readonly Instance[]);
const instances = all.filter((instance) => instance.set === set).slice(0, positive(args, "limit", Infinity, USAGE));
if (instances.length === 0) refuse(`the file has no set ${set}; it has ${[...new Set(all.map((instance) => instance.set))].join(", ")}`, USAGE);

const cpuBefore = process.cpuUsage();
const percents: number[] = [];
const times: number[] = [];
let schedules = 0;
let proven = 0;
for (const instance of instances) {
  const problem = problemOf(instance);
  const begin = performance.now();
  const plan = planSchedule(problem, { budget: { kind: "time", ms, nowMs }, seed });
  times.push(performance.now() - begin);
  const broken = brokenRule(problem, plan) ?? (plan.makespan < (instance.optimal ?? 0) ? `it is shorter than the optimum ${instance.optimal}` : undefined);
  if (broken !== undefined) throw new Error(`The schedule of ${instance.name} is wrong: ${broken}`);
  schedules += plan.schedules;
  if (plan.makespan === plan.lowerBound) proven += 1;
  percents.push(100 * (plan.makespan / instance.best_ub - 1));
}

const cpu = process.cpuUsage(cpuBefore);
const totalMs = times.reduce((sum, time) => sum + time, 0);
const figures = {
  set,
  budget_ms: ms,
  clock: args.values["clock"] ?? "wall",
  instances: instances.length,
  mean_percent_above_best: Number((percents.reduce((sum, percent) => sum + percent, 0) / percents.length).toFixed(4)),
  max_percent_above_best: rounded(Math.max(...percents)),
  at_best: percents.filter((percent) => percent === 0).length,
  below_best: percents.filter((percent) => percent < 0).length,
  proved_optimal: proven,
  schedules_per_ms: rounded(schedules / totalMs),
  mean_ms: rounded(totalMs / times.length),
  p99_ms: rounded(quantile(times, 0.99)),
  /** Below 1 the machine had other work, and a plan had less than its budget. */
  cpu_share: rounded((cpu.user + cpu.system) / 1000 / totalMs),
};
const results = keptResults(args, figures);
if (typeof args.values["svg"] === "string") writeFileSync(args.values["svg"], rcpspPicture(results));
if (args.values["json"] === true) console.log(JSON.stringify(figures));
else for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(24)} ${value}`);

function problemOf({ acts, capacity }: Instance): PlanProblem {
  const needs: number[][] = acts.map(() => []);
  acts.forEach(([, , successors], index) => successors.forEach((successor) => needs[successor]!.push(index)));
  return { tasks: acts.map(([duration, uses], index) => ({ duration, uses, needs: needs[index]! })), capacities: capacity };
}
