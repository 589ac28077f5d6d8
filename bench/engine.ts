/**
 * The embedded engine at full load, through the SDK with full durability: submit → assign → complete of no-op tasks, against a
 * raw SQLite loop doing the same three writes in the same process on the same file system, in turns. Also the event-loop delay
 * of the caller meanwhile, and the idle latency from submit to the start of the handler. `--json` prints one object.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { defineTask, open } from "../src/app/index.ts";
import { rawDurableInsert, rawSqliteCycles } from "./lib/raw-sqlite.ts";
import { median, quantile, rounded } from "./lib/numbers.ts";

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, tasks: { type: "string", default: "200000" }, runs: { type: "string", default: "5" } },
});
const taskCount = Number(values.tasks);
const runs = Number(values.runs);
/** Tasks of one call, and calls not yet answered: as many tasks as there are slots, so that none waits and each is written twice. */
const CALL_TASKS = 500;
const CALLS_OPEN = 8;
const SLOTS = 4_000;
const IDLE_TASKS = 500;
const IDLE_IN_TURN = 100;

const noop = defineTask({ type: "noop", handler: (input: { n: number }) => ({ n: input.n }) });
let started: (at: number) => void = () => {};
const idle = defineTask({ type: "idle", handler: () => started(performance.now()) });

interface FullLoad {
  readonly tasksPerS: number;
  readonly loopDelayMsP99: number;
  readonly mainThreadUsPerTask: number;
}

const folder = mkdtempSync(join(process.cwd(), ".bench-engine-"));
const raw: number[] = [];
const rawStore: number[] = [];
const loads: FullLoad[] = [];
let idleMs: readonly number[] = [];
let rawIdleMs: readonly number[] = [];
try {
  for (let run = 0; run < runs; run++) {
    raw.push(rawSqliteCycles(folder, taskCount));
    rawStore.push(rawSqliteCycles(folder, taskCount, "store"));
    const app = await open({ path: join(folder, `run-${run}.db`), tasks: [noop, idle], slots: SLOTS });
    try {
      await fullLoad(app, 20_000); // compiled code on both threads, as the raw loop has it after its first thousand rows
      loads.push(await fullLoad(app, taskCount));
      if (run === runs - 1) ({ idleMs, rawIdleMs } = await idleLatency(app));
    } finally {
      await app.close();
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function fullLoad(app: Awaited<ReturnType<typeof open>>, count: number): Promise<FullLoad> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.threadCpuUsage();
  const startedAt = performance.now();
  const calls: Promise<void>[] = [];
  for (let first = 0; first < count; first += CALL_TASKS) {
    if (calls.length >= CALLS_OPEN) await calls.shift();
    calls.push(oneCall(app, first, Math.min(CALL_TASKS, count - first)));
  }
  await Promise.all(calls);
  const seconds = (performance.now() - startedAt) / 1000;
  delay.disable();
  const used = process.threadCpuUsage(cpu);
  return { tasksPerS: count / seconds, loopDelayMsP99: delay.percentile(99) / 1e6, mainThreadUsPerTask: (used.user + used.system) / count };
}

async function oneCall(app: Awaited<ReturnType<typeof open>>, first: number, count: number): Promise<void> {
  const inputs = Array.from({ length: count }, (_, index) => ({ n: first + index }));
  const handles = await app.submitMany(noop, inputs);
  const results = await Promise.all(handles.map((handle) => handle.result()));
  if (results.some((result, index) => result.n !== inputs[index]!.n)) throw new Error("a task has the result of another");
}

/** Tasks one after the other on an engine that has nothing else to do; in turns with it, a hundred at a time, bare durable inserts. */
async function idleLatency(app: Awaited<ReturnType<typeof open>>): Promise<{ readonly idleMs: readonly number[]; readonly rawIdleMs: readonly number[] }> {
  const idleMs: number[] = [];
  const rawIdleMs: number[] = [];
  const bare = rawDurableInsert(folder);
  for (let index = 0; index < IDLE_TASKS; index++) {
    if (index % IDLE_IN_TURN === 0) await insertBare(bare, rawIdleMs);
    const start = new Promise<number>((resolve) => (started = resolve));
    const submittedAt = performance.now();
    const handle = await Promise.all([app.submit(idle, undefined), start]);
    idleMs.push(handle[1] - submittedAt);
    await handle[0].result();
    await pause();
  }
  bare.close();
  return { idleMs, rawIdleMs };
}

async function insertBare(bare: ReturnType<typeof rawDurableInsert>, tookMs: number[]): Promise<void> {
  for (let index = 0; index < IDLE_IN_TURN; index++) {
    tookMs.push(bare.insert());
    await pause();
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2));
}

const storeRatios = loads.map((load, index) => load.tasksPerS / rawStore[index]!);
const ratios = loads.map((load, index) => load.tasksPerS / raw[index]!);
const result = {
  tasks: taskCount,
  runs,
  tasks_per_s: Math.round(median(loads.map((load) => load.tasksPerS))),
  raw_sqlite_per_s: Math.round(median(raw)),
  ratio: rounded(median(ratios)),
  ratio_min: rounded(Math.min(...ratios)),
  ratio_max: rounded(Math.max(...ratios)),
  raw_store_table_per_s: Math.round(median(rawStore)),
  ratio_store_table: rounded(median(storeRatios)),
  main_thread_us_per_task: rounded(median(loads.map((load) => load.mainThreadUsPerTask))),
  loop_delay_ms_p99: rounded(median(loads.map((load) => load.loopDelayMsP99))),
  idle_start_ms_p50: rounded(quantile(idleMs, 0.5)),
  idle_start_ms_p99: rounded(quantile(idleMs, 0.99)),
  raw_durable_insert_ms_p50: rounded(quantile(rawIdleMs, 0.5)),
  raw_durable_insert_ms_p99: rounded(quantile(rawIdleMs, 0.99)),
};
if (values.json) console.log(JSON.stringify(result));
else {
  console.log(`engine ${result.tasks_per_s} tasks/s, raw SQLite ${result.raw_sqlite_per_s} cycles/s: ${result.ratio} of raw (${result.ratio_min} to ${result.ratio_max})`);
  console.log(`raw SQLite on the store's own table ${result.raw_store_table_per_s} cycles/s: ${result.ratio_store_table} of it`);
  console.log(`caller's thread ${result.main_thread_us_per_task} µs a task, event-loop delay p99 ${result.loop_delay_ms_p99} ms at full load`);
  console.log(`idle: submit to handler start p50 ${result.idle_start_ms_p50} ms, p99 ${result.idle_start_ms_p99} ms`);
  console.log(`in turns with it, a bare durable insert of SQLite: p50 ${result.raw_durable_insert_ms_p50} ms, p99 ${result.raw_durable_insert_ms_p99} ms`);
}
