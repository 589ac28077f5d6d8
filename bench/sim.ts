/**
 * How fast the simulator is: an M/M/k queue under FCFS through the full core, and in the same run, in turns, a bare heap loop of
 * the same queue without a core. Then the memory: what a task in the system takes, and what is held after a run and after
 * one of four times its length; and the rate under earliest due date first with preemption and limit keys. `--json` prints one object; `--tasks N` sets the
 * length; `--svg FILE` draws the rates. Measuring the heap needs `--expose-gc`, so the bench starts itself again with it.
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

const RUNS = 5;
const AGENTS = 4;
const RHO = 0.9;
const IN_SYSTEM = 200_000;

if (globalThis.gc === undefined) {
  const { status, signal } = spawnSync(process.execPath, ["--expose-gc", ...process.execArgv, ...process.argv.slice(1)], { stdio: "inherit" });
  if (signal !== null) console.error(`The bench was ended by ${signal}.`);
  process.exit(status ?? 1);
}

const { values } = parseArgs({ options: { svg: { type: "string" }, json: { type: "boolean", default: false }, tasks: { type: "string", default: "500000" } } });
const tasks = Number(values.tasks);

const full: number[] = [];
const bare: number[] = [];
const limited: number[] = [];
for (let run = 0; run <= RUNS; run++) {
  const eventsPerS = [timed(() => simulated(tasks, run).events), timed(() => simulateBareQueue(AGENTS, RHO, tasks, run).events), timed(() => preempted(tasks, run).events)] as const;
  // The first round warms up.
  if (run === 0) continue;
  full.push(eventsPerS[0]);
  bare.push(eventsPerS[1]);
  limited.push(eventsPerS[2]);
}
const result = {
  tasks,
  agents: AGENTS,
  rho: RHO,
  events_per_s: Math.round(median(full)),
  bare_events_per_s: Math.round(median(bare)),
  ratio: rounded(median(full.map((rate, run) => rate / bare[run]!))),
  edf_preempt_limits_events_per_s: Math.round(median(limited)),
  heap_bytes_per_task_in_system: Math.round(bytesPerTaskInSystem()),
  heap_bytes_after_run: heapOf(() => simulated(tasks, 1)),
  heap_bytes_after_run_4_times_as_long: heapOf(() => simulated(tasks * 4, 1)),
};
if (values.svg !== undefined) writeFileSync(values.svg, speedPicture(result));
if (values.json) console.log(JSON.stringify(result));
else {
  console.log(`M/M/${AGENTS}, utilization ${RHO}, FCFS: ${result.events_per_s} events/s through the full core`);
  console.log(`the same on a bare heap: ${result.bare_events_per_s} events/s; the full core does ${result.ratio} of that`);
  console.log(`earliest due date first with preemption and limit keys: ${result.edf_preempt_limits_events_per_s} events/s`);
  console.log(`${result.heap_bytes_per_task_in_system} bytes of heap for a task in the system, with ${IN_SYSTEM} in it`);
  console.log(`held after ${tasks} tasks: ${result.heap_bytes_after_run} bytes; after ${tasks * 4}: ${result.heap_bytes_after_run_4_times_as_long}`);
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
