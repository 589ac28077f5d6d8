/**
 * The simulator, and with it the production core, against queueing theory: for each exact mean of a file the mean over seeds and its
 * 99 % confidence interval (Student's t over the means of the seeds, warm-up removed). `theory.ts [FILE] --seeds 20 --tasks 500000
 * [--rows PATTERN] [--seeds-before N] [--out FILE.jsonl] [--svg FILE] [--json]`: PATTERN is a regular expression on the names of rows; N seeds are left out, to repeat a row with others; a file of
 * results gets a line for each row, and rows that are in it are not simulated again, so that a run may be stopped and go on.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { rowsOf, type ExactValues, type Row } from "./lib/theory-rows.ts";
import { compareRow, type RowResult } from "./lib/theory-run.ts";
import { pictureOf } from "./lib/theory-picture.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "20" },
    "seeds-before": { type: "string", default: "0" },
    tasks: { type: "string", default: "500000" },
    rows: { type: "string", default: "" },
    out: { type: "string" },
    svg: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const file = positionals[0] ?? join(process.env["MAKESPAN_DATA"] ?? "../shared/data", "oracles/queueing.json");
const seeds = Number(values.seeds);
const tasks = Number(values.tasks);
const pattern = new RegExp(values.rows);

const rows = rowsOf(JSON.parse(readFileSync(file, "utf8")) as ExactValues, tasks).filter(({ name }) => pattern.test(name));
const known = readKnown();
const results: RowResult[] = [];
for (const row of rows) {
  const result = known.get(row.name) ?? simulate(row);
  results.push(result);
  if (!values.json) console.log(lineOf(result));
}
const inside = results.filter(({ is_inside: isInside }) => isInside).length;
if (values.json) console.log(JSON.stringify({ seeds, tasks, rows: results.length, inside, results }));
else console.log(`${inside} of ${results.length} exact values lie in the 99 % interval of ${seeds} seeds with ${tasks} measured tasks each`);
if (values.svg !== undefined) writeFileSync(values.svg, pictureOf(results));

function simulate(row: Row): RowResult {
  const result = compareRow(row, seeds, tasks, Number(values["seeds-before"]));
  if (values.out !== undefined) appendFileSync(values.out, `${JSON.stringify(result)}\n`);
  return result;
}

/** Results of an earlier run with as many seeds and tasks. */
function readKnown(): ReadonlyMap<string, RowResult> {
  if (values.out === undefined || !existsSync(values.out)) return new Map();
  const lines = readFileSync(values.out, "utf8").split("\n").filter((line) => line !== "");
  const all = lines.map((line) => JSON.parse(line) as RowResult);
  return new Map(all.filter((one) => one.seeds === seeds && one.tasks === tasks).map((one) => [one.name, one]));
}

function lineOf({ name, exact, mean, half_width_99: half, is_inside: isInside, parts, note }: RowResult): string {
  const line = `${isInside ? "inside " : "OUTSIDE"} ${name.padEnd(50)} exact ${figure(exact)}  simulated ${figure(mean)} ± ${figure(half)} (${((100 * half) / exact).toFixed(2)} %)`;
  const more = parts.length < 2 ? "" : `  [${parts.map((part) => `${part.label}: ${figure(part.mean)}`).join(", ")}]`;
  return line + more + (note === undefined ? "" : `  (${note})`);
}

function figure(value: number): string {
  return Number(value.toPrecision(5)).toString();
}
