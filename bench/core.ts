/**
 * How fast the scheduling core is, by itself: submit → start → succeed through `Scheduler.turn` in turns of 500 events, one agent
 * with 1,000 slots, with 1,000 and with 1,000,000 tasks waiting all the while; and the heap that a waiting task takes. Five
 * runs of each in turn, the ratio taken round by round. `--json` prints one object; `--waiting N` sets the large number.
 * Measuring the heap needs `--expose-gc`, so the bench starts itself again with it.
 */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import type { Event, NewTask } from "../src/core/event.ts";
import { Scheduler } from "../src/core/scheduler.ts";
import { benchSpec } from "./lib/bench-spec.ts";

const RUNS = 5;
const TURN_TASKS = 500;
const FEW = 1_000;
const MEASURED_TASKS = 500_000;
const START = 1_750_000_000_000;

const SPEC = benchSpec("noop");
const TASK: NewTask = { spec: SPEC, input: "null" };

interface Load {
  readonly scheduler: Scheduler;
  now: number;
  running: { readonly id: number; readonly attempt: number }[];
}

if (globalThis.gc === undefined) {
  process.exit(spawnSync(process.execPath, ["--expose-gc", ...process.execArgv, ...process.argv.slice(1)], { stdio: "inherit" }).status ?? 1);
}

const { values } = parseArgs({ options: { json: { type: "boolean", default: false }, waiting: { type: "string", default: "1000000" } } });
const many = Number(values.waiting);

const heapBefore = heapUsed();
const large = waiting(many);
const heapBytes = (heapUsed() - heapBefore) / many;
const few: number[] = [];
const lots: number[] = [];
for (let run = 0; run <= RUNS; run++) {
  const small = measure(waiting(FEW));
  const big = measure(large);
  // The first round warms up.
  if (run > 0) {
    few.push(small);
    lots.push(big);
  }
}

const usFew = median(few);
const usMany = median(lots);
const result = {
  waiting: [FEW, many],
  us_per_task: [round(usFew), round(usMany)],
  tasks_per_s: [Math.round(1e6 / usFew), Math.round(1e6 / usMany)],
  events_per_s: [Math.round(2e6 / usFew), Math.round(2e6 / usMany)],
  dispatch_ratio: round(median(few.map((us, run) => us / lots[run]!))),
  heap_bytes_per_waiting_task: Math.round(heapBytes),
};
if (values.json) {
  console.log(JSON.stringify(result));
} else {
  console.log(`${FEW} waiting: ${result.us_per_task[0]} µs a task (submit, start, succeed), ${result.events_per_s[0]} events/s`);
  console.log(`${many} waiting: ${result.us_per_task[1]} µs a task, ${result.events_per_s[1]} events/s: ${result.dispatch_ratio} of that with ${FEW}`);
  console.log(`${result.heap_bytes_per_waiting_task} bytes of heap a waiting task`);
}

/** A scheduler in which so many tasks wait, with an agent that is full. */
function waiting(count: number): Load {
  const scheduler = new Scheduler({ seed: 1, stopGraceMs: 1_000, lastTaskId: 0, lastFlowId: 0, lastAgentId: 0 });
  const load: Load = { scheduler, now: START, running: [] };
  turn(load, [{ kind: "agent-join", agent: { name: "agent", kind: "function", types: ["noop"], slots: 1_000 } }]);
  for (let left = count + 1_000; left > 0; left -= TURN_TASKS) turn(load, submits(Math.min(left, TURN_TASKS)));
  return load;
}

/** As many tasks come as succeed, in turns of 500 events; in µs a task. */
function measure(load: Load): number {
  const startedAt = performance.now();
  for (let done = 0; done < MEASURED_TASKS; done += TURN_TASKS / 2) {
    const events = submits(TURN_TASKS / 2);
    for (const { id, attempt } of load.running.splice(0, TURN_TASKS / 2)) {
      events.push({ kind: "succeed", id, attempt, result: "null", usage: { startedAt: load.now, cpuMs: 0, peakMemoryBytes: 0, cost: 0 } });
    }
    turn(load, events);
  }
  return ((performance.now() - startedAt) * 1_000) / MEASURED_TASKS;
}

function submits(count: number): Event[] {
  return Array.from({ length: count }, () => ({ kind: "submit", tasks: [TASK] }));
}

function turn(load: Load, events: readonly Event[]): void {
  load.now += 1;
  for (const command of load.scheduler.turn(load.now, events).commands) {
    if (command.kind === "start") load.running.push({ id: command.task.id, attempt: command.attempt });
  }
}

/** Array buffers are counted too: heaps keep their keys in them. */
function heapUsed(): number {
  globalThis.gc!();
  globalThis.gc!();
  const { heapUsed: heap, arrayBuffers } = process.memoryUsage();
  return heap + arrayBuffers;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
