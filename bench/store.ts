/**
 * How fast the SQLite store takes commits, against a raw SQLite loop in the same process on the same file system, three runs
 * of each in turn. `--json` prints one object; `--tasks N` sets the tasks of a run (default 200,000).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createSqliteStore } from "../src/store/sqlite/sqlite-store.ts";
import { rawSqliteCycles } from "./lib/raw-sqlite.ts";
import { storeCycles } from "./lib/store-cycles.ts";

const RUNS = 3;
const TASKS_IN_COMMIT = 500;

const { values } = parseArgs({ options: { json: { type: "boolean", default: false }, tasks: { type: "string", default: "200000" } } });
const taskCount = Number(values.tasks);
const folder = mkdtempSync(join(process.cwd(), ".bench-store-"));
const raw: number[] = [];
const cycles: number[] = [];
const mainUs: number[] = [];
try {
  for (let run = 0; run < RUNS; run++) {
    raw.push(rawSqliteCycles(folder, taskCount));
    const measured = await storeCycles(createSqliteStore({ path: join(folder, `store-${run}.db`) }), taskCount, TASKS_IN_COMMIT);
    cycles.push(measured.cyclesPerS);
    mainUs.push(measured.mainThreadUsPerTask);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const result = {
  tasks: taskCount,
  raw_sqlite_per_s: Math.round(median(raw)),
  tasks_per_s: Math.round(median(cycles)),
  ratio: round(median(cycles.map((rate, run) => rate / raw[run]!))),
  ratio_min: round(Math.min(...cycles.map((rate, run) => rate / raw[run]!))),
  main_thread_us_per_task: round(median(mainUs)),
};
if (values.json) {
  console.log(JSON.stringify(result));
} else {
  console.log(`raw SQLite ${result.raw_sqlite_per_s} cycles/s, store ${result.tasks_per_s} tasks/s: ${result.ratio} of raw (worst ${result.ratio_min});`);
  console.log(`${result.main_thread_us_per_task} µs of the caller's thread a task (two rows)`);
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
