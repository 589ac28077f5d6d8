/**
 * Policies on a real trace of LLM requests: mean and worst response in the simulator, for the orders that an operator could choose, and
 * for those that only one who knows every size could. Of a request only its input tokens are known when it comes (`size`); its
 * service is 0.25 ms for each of them and 25 ms for each output token.
 *
 *     node bench/traces.ts [FILE.csv.gz] [--agents 4,5] [--svg FILE] [--json]
 *
 * FILE has the columns TIMESTAMP, ContextTokens, GeneratedTokens (Azure LLM inference trace, CC-BY 4.0); default: the code trace.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { simulate, TaskList, type Estimates } from "../src/sim/index.ts";
import { LLM_TRACE, readLlmTrace } from "./lib/llm-trace.ts";
import { rounded } from "./lib/numbers.ts";
import { tracesPicture } from "./lib/traces-picture.ts";

interface Row {
  readonly name: string;
  readonly policy: string;
  readonly estimates: Estimates;
}

/**
 * Aging that bounds how much later another may come and still go first, chosen on this trace so that the worst response stays under
 * twice that of first come, first served. Learned sizes differ less than true ones, so they take a larger factor.
 */
const BOUNDED = "aging=120:patience=450s";
const BOUNDED_LEARNED = "aging=300:patience=600s";
const ROWS: readonly Row[] = [
  { name: "first come, first served", policy: "fcfs", estimates: "given" },
  { name: "SJF by input length", policy: "sjf:aging=off", estimates: "given" },
  { name: "SJF learned online", policy: "sjf:aging=off", estimates: "learned" },
  { name: "SJF learned online, aging by default", policy: "sjf", estimates: "learned" },
  { name: "SJF learned online, bounded", policy: `sjf:${BOUNDED_LEARNED}`, estimates: "learned" },
  { name: "SJF, true sizes", policy: "sjf:aging=off", estimates: "exact" },
  { name: "SJF, true sizes, aging by default", policy: "sjf", estimates: "exact" },
  { name: "SJF, true sizes, bounded", policy: `sjf:${BOUNDED}`, estimates: "exact" },
  { name: "SRPT, true sizes", policy: "srpt:aging=off:margin=0", estimates: "exact" },
  { name: "SRPT, true sizes, bounded", policy: `srpt:${BOUNDED}:margin=0`, estimates: "exact" },
  { name: "least attained service, slices of 1 s", policy: "las:slice=1s", estimates: "given" },
];

const { values, positionals } = parseArgs({
  options: { agents: { type: "string", default: "4,5" }, svg: { type: "string" }, json: { type: "boolean", default: false } },
  allowPositionals: true,
});
const requests = readLlmTrace(positionals[0] ?? LLM_TRACE);
// What is "given" is the input length: as an estimate of the time it is wrong, as an order it is what it is.
const workload = new TaskList(requests.map(({ arrivesAt, serviceMs, inputTokens }) => ({ arrivalMs: arrivesAt, serviceMs, size: inputTokens, estimateMs: inputTokens, type: "completion" })));

const results = values.agents.split(",").map(Number).map((agents) => {
  const rows = ROWS.map(({ name, policy, estimates }) => {
    const { sojourn_ms } = simulate({ workload, agents, policy, estimates });
    return { name, policy, estimates, mean_s: rounded(sojourn_ms.mean! / 1000), p99_s: rounded(sojourn_ms.p99! / 1000), worst_s: rounded(sojourn_ms.max! / 1000) };
  });
  const meanOf = (wanted: string): number => rows.find(({ name }) => name === wanted)!.mean_s;
  const gainOf = (mean: number): number => rounded((meanOf(ROWS[0]!.name) - mean) / (meanOf(ROWS[0]!.name) - meanOf("SJF, true sizes")));
  return {
    agents,
    requests: requests.length,
    rows: rows.map((row) => ({ ...row, share_of_true_gain: gainOf(row.mean_s), worst_to_fcfs: rounded(row.worst_s / rows[0]!.worst_s) })),
  };
});

if (values.svg !== undefined) writeFileSync(values.svg, tracesPicture(results));
if (values.json) console.log(JSON.stringify(results));
else {
  for (const { agents, requests: count, rows } of results) {
    console.log(`${count} requests, ${agents} agents: response in s`);
    console.log(`  ${"".padEnd(40)}${["mean", "p99", "worst", "÷ FCFS", "of the gain of true sizes"].map((head) => head.padStart(9)).join("  ")}`);
    for (const row of rows) {
      const figures = [row.mean_s.toFixed(1), row.p99_s.toFixed(1), row.worst_s.toFixed(0), row.worst_to_fcfs.toFixed(2), `${(100 * row.share_of_true_gain).toFixed(0)} %`];
      console.log(`  ${row.name.padEnd(40)}${figures.map((figure) => figure.padStart(9)).join("  ")}`);
    }
  }
}
