/**
 * The simulator as a function: a workload, agents, a policy; what comes out is measured. The production scheduler decides, on
 * virtual time, so what is found here is what the engine would do.
 */
import { Simulation, type SimulationOptions } from "./driver/simulation.ts";
import type { AgentGroup } from "./driver/virtual-agents.ts";
import { SimulationRefusal } from "./refusal.ts";
import { intervalsOf, type Intervals } from "./results/over-seeds.ts";
import type { SimulationResult } from "./results/result.ts";
import { generate } from "./generate/generators.ts";
import { TaskList, type TaskEntry } from "./workload/list.ts";
import { scaledWorkload, type Scale } from "./workload/scaled.ts";
import type { Workload } from "./workload/workload.ts";

export interface SimulateOptions extends Scale, Partial<Pick<SimulationOptions, "policy" | "balancer" | "estimates" | "seed" | "preemption" | "preemptionMs" | "retries" | "fairShare" | "distances" | "typeLimits" | "limits">> {
  /** A workload, the specification of a generator (`poisson:rate=0.9`), or tasks. */
  readonly workload: Workload | string | readonly TaskEntry[];
  /** How many agents with one slot each, or groups of agents. */
  readonly agents: number | readonly AgentGroup[];
  /** What of the first tasks is simulated and not measured: below 1 a share of all, else so many; default 0. */
  readonly warmUp?: number;
  /** Keep what there was over time, for plots; default false. */
  readonly series?: boolean;
}

/**
 * Simulates a workload to its end. Defaults: policy `fcfs`, balancer `round-robin`, the workload's own estimates, seed 1,
 * preempted tasks keep their work.
 *
 * @throws SimulationRefusal when an option, the workload or its tasks make no sense
 */
export function simulate(options: SimulateOptions): SimulationResult {
  const simulation = createSimulation(options);
  if (simulation.run() !== "done") throw new SimulationRefusal("invalid_input", "The workload has more tasks, but not yet: create a simulation and run it as they come.");
  return simulation.result();
}

/** Simulates once with each seed from `seed` on; what is found is independent from run to run. */
export function simulateSeeds(options: SimulateOptions, seeds: number): { readonly results: readonly SimulationResult[]; readonly intervals: Intervals } {
  const first = options.seed ?? 1;
  const results = Array.from({ length: seeds }, (_, index) => simulate({ ...options, seed: first + index }));
  return { results, intervals: intervalsOf(results) };
}

/** A simulation that has not begun, to be run in parts. Throws as `simulate` does. */
export function createSimulation(options: SimulateOptions): Simulation {
  const { agents, seed = 1, policy = "fcfs", balancer = "round-robin", estimates = "given", preemption = "resume", preemptionMs = 0, retries = 3, series = false, fairShare, distances, typeLimits, limits } = options;
  checkNumber("seed", seed, (value) => Number.isSafeInteger(value), "a whole number");
  checkNumber("speedUp", options.speedUp ?? 1, isPositive, "a number greater than 0");
  checkNumber("load", options.load ?? 1, isPositive, "a number greater than 0");
  checkNumber("preemptionMs", preemptionMs, (value) => value >= 0 && value < Infinity, "a number of 0 or more");
  checkNumber("retries", retries, (value) => Number.isSafeInteger(value) && value >= 0, "a whole number of 0 or more");
  for (const [type, limit] of Object.entries(typeLimits ?? {})) checkNumber(`the limit of ${type}`, limit, (value) => Number.isSafeInteger(value) && value >= 1, "a whole number of 1 or more");
  const workload = scaledWorkload(workloadOf(options.workload), options);
  return new Simulation({
    source: workload.open(seed),
    agents: typeof agents === "number" ? [{ count: agents }] : agents,
    policy, balancer, estimates, seed, preemption, preemptionMs, retries, series, fairShare, distances, typeLimits, limits,
    warmUpTasks: warmUpTasks(workload, options.warmUp ?? 0),
  });
}

/** A workload from whatever names one. */
export function workloadOf(workload: SimulateOptions["workload"]): Workload {
  if (typeof workload === "string") return generate(workload);
  return "open" in workload ? workload : new TaskList(workload);
}

function warmUpTasks(workload: Workload, warmUp: number): number {
  checkNumber("warmUp", warmUp, (value) => value >= 0 && (value < 1 || Number.isSafeInteger(value)), "a share below 1, or a whole number of tasks");
  if (warmUp === 0 || warmUp >= 1) return warmUp;
  if (workload.taskCount !== undefined) return Math.floor(workload.taskCount * warmUp);
  throw new SimulationRefusal("invalid_option", `How many tasks ${workload.name} has is not known before it is simulated, so a warm-up is so many tasks, not a share of them.`);
}

function isPositive(value: number): boolean {
  return value > 0 && value < Infinity;
}

function checkNumber(name: string, value: number, isRight: (value: number) => boolean, expected: string): void {
  if (!isRight(value)) throw new SimulationRefusal("invalid_option", `${name} is ${expected}, got ${String(value)}.`);
}
