/**
 * How fast the simulator is: an M/M/k queue under FCFS through the full core, and in the same run, in turns, a bare heap loop of
 * the same queue without a core; and the rate under earliest due date first with preemption and limit keys. Each of them runs in
 * processes of its own, as a command does: in one process each would run code that was compiled for all. Then the memory: what a task
 * in the system takes, and what is held after a run and after one of four times its length. `--json` prints one object; `--tasks N`
 * sets the length; `--svg FILE` draws the rates.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Simulation, type SimulationOptions } from "../src/sim/driver/simulation.ts";
import { deterministic, exponential } from "../src/sim/distributions.ts";
import { renewal } from "../src/sim/generate/arrivals.ts";
import { TaskStream } from "../src/sim/generate/stream.ts";
import { tuneCompiler } from "../src/cli/tune-compiler.ts";
import { simulateBareQueue } from "./lib/bare-queue.ts";
import { median, rounded } from "./lib/numbers.ts";
import { speedPicture } from "./lib/speed-picture.ts";

// As the command line does.
tuneCompiler();

/** Processes of each part, in turns, and the runs that each of them measures after one that warms up. */
const ROUNDS = 3;
const RUNS = 3;
const AGENTS = 4;
const RHO = 0.9;
const IN_SYSTEM = 200_000;

const { values } = parseArgs({
  options: { svg: { type: "string" }, json: { type: "boolean", default: false }, tasks: { type: "string", default: "500000" }, part: { type: "string" } },
});
const tasks = Number(values.tasks);

/** What a process of this bench measures; it prints a list of numbers. */
const PARTS: Readonly<Record<string, () => readonly number[]>> = {
  full: () => rates((seed) => simulated(tasks, seed).events),
  bare: () => rates((seed) => simulateBareQueue(AGENTS, RHO, tasks, seed).events),
  limited: () => rates((seed) => preempted(tasks, seed).events),
  memory: () => [bytesPerTaskInSystem(), heapOf(() => simulated(tasks, 1)), heapOf(() => simulated(tasks * 4, 1))],
};

if (values.part === undefined) report();
else console.log(JSON.stringify(PARTS[values.part]!()));

function report(): void {
  const full: number[] = [];
  const bare: number[] = [];
  const limited: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    full.push(...measured("full"));
    bare.push(...measured("bare"));
    limited.push(...measured("limited"));
  }
  const [perTask = Number.NaN, after = Number.NaN, afterMore = Number.NaN] = measured("memory");
  const result = {
    tasks,
    agents: AGENTS,
    rho: RHO,
    events_per_s: Math.round(median(full)),
    events_per_s_min: Math.round(Math.min(...full)),
    events_per_s_max: Math.round(Math.max(...full)),
    bare_events_per_s: Math.round(median(bare)),
    ratio: rounded(median(full.map((rate, run) => rate / bare[run]!))),
    edf_preempt_limits_events_per_s: Math.round(median(limited)),
    edf_preempt_limits_events_per_s_min: Math.round(Math.min(...limited)),
    edf_preempt_limits_events_per_s_max: Math.round(Math.max(...limited)),
    heap_bytes_per_task_in_system: Math.round(perTask),
    heap_bytes_after_run: after,
    heap_bytes_after_run_4_times_as_long: afterMore,
  };
  if (values.svg !== undefined) writeFileSync(values.svg, speedPicture(result));
  if (values.json) return console.log(JSON.stringify(result));
  const range = (low: number, high: number): string => `(${low} to ${high})`;
  console.log(`M/M/${AGENTS}, utilization ${RHO}, FCFS: ${result.events_per_s} events/s ${range(result.events_per_s_min, result.events_per_s_max)} through the full core`);
  console.log(`the same on a bare heap: ${result.bare_events_per_s} events/s; the full core does ${result.ratio} of that`);
  console.log(`earliest due date first with preemption and limit keys: ${result.edf_preempt_limits_events_per_s} events/s ${range(result.edf_preempt_limits_events_per_s_min, result.edf_preempt_limits_events_per_s_max)}`);
  console.log(`${result.heap_bytes_per_task_in_system} bytes of heap for a task in the system, with ${IN_SYSTEM} in it`);
  console.log(`held after ${tasks} tasks: ${result.heap_bytes_after_run} bytes; after ${tasks * 4}: ${result.heap_bytes_after_run_4_times_as_long}`);
}

/** The numbers of one part, from a process of its own. */
function measured(part: string): readonly number[] {
  const { status, signal, stdout } = spawnSync(process.execPath, ["--expose-gc", import.meta.filename, "--tasks", String(tasks), "--part", part], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`The part ${part} ended with ${signal ?? status}`);
  return JSON.parse(stdout) as readonly number[];
}

/** Events a second of each run but the first, which warms up. */
function rates(run: (seed: number) => number): readonly number[] {
  run(0);
  return Array.from({ length: RUNS }, (_, index) => timed(() => run(index + 1)));
}

function optionsOf(source: TaskStream, agents: number, seed: number): SimulationOptions {
  return {
    source, agents: [{ count: agents }], policy: "fcfs", balancer: "round-robin", estimates: "given", seed,
    warmUpTasks: 0, preemption: "off", preemptionMs: 0, retries: 0, series: false,
  };
}

function simulated(count: number, seed: number): Simulation {
  const arrivals = () => renewal(exponential(1 / (RHO * AGENTS)));
  const simulation = new Simulation(optionsOf(new TaskStream({ arrivals, service: exponential(1), tasks: count }, seed), AGENTS, seed));
  simulation.run();
  return simulation;
}

/** Due dates that cross, and a thousand keys of which one task runs at a time. */
function preempted(count: number, seed: number): Simulation {
  const arrivals = () => renewal(exponential(1 / (RHO * AGENTS)));
  const source = new TaskStream({ arrivals, service: exponential(1), due: exponential(10), limitKeys: 1_000, tasks: count }, seed);
  const simulation = new Simulation({ ...optionsOf(source, AGENTS, seed), policy: "edf:preempt=on", preemption: "resume" });
  simulation.run();
  return simulation;
}

/** Tasks arrive, and the only agent is busy with the first. */
function bytesPerTaskInSystem(): number {
  const before = heapUsed();
  const source = new TaskStream({ arrivals: () => renewal(deterministic(0.001)), service: deterministic(1e9) }, 1);
  const simulation = new Simulation(optionsOf(source, 1, 1));
  while (simulation.inSystem < IN_SYSTEM) simulation.run(1_000);
  const bytes = (heapUsed() - before) / simulation.inSystem;
  return simulation.inSystem > 0 ? bytes : 0;
}

function heapOf(make: () => Simulation): number {
  const before = heapUsed();
  const simulation = make();
  const bytes = heapUsed() - before;
  // Kept to here, so that what it holds is measured.
  return simulation.inSystem === 0 ? bytes : Number.NaN;
}

function timed(run: () => number): number {
  const startedAt = performance.now();
  const events = run();
  return (events / (performance.now() - startedAt)) * 1000;
}

/** Array buffers are counted too: the columns of tasks are in them. */
function heapUsed(): number {
  globalThis.gc!();
  globalThis.gc!();
  const { heapUsed: heap, arrayBuffers } = process.memoryUsage();
  return heap + arrayBuffers;
}
