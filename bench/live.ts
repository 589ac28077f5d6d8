/**
 * Simulated = live: a live run of tasks that sleep, on a file, through the SDK; then the file's own history replayed in the simulator under the
 * same policy. For each policy and number of agents it prints mean and 95th percentile of the sojourn (release to completion) and the
 * makespan of both, and by how much the simulation is off. Services are drawn from a seed, and are long against the millisecond of a timer.
 *
 *     node bench/live.ts [--policies fcfs,sjf,edf] [--agents 2,8,32] [--tasks 300] [--svg FILE] [--json]
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createFunctionAgent, open } from "../src/app/index.ts";
import { inspect } from "../src/app/inspect.ts";
import { readHistory } from "../src/app/simulate/history.ts";
import { exponential, Random, simulate } from "../src/sim/index.ts";
import { livePicture, type LiveFigures } from "./lib/live-picture.ts";
import { rounded } from "./lib/numbers.ts";

const MEAN_SERVICE_MS = 50;
const LOAD = 0.85;

const { values } = parseArgs({
  options: {
    policies: { type: "string", default: "fcfs,sjf,edf" },
    agents: { type: "string", default: "2,8,32" },
    tasks: { type: "string", default: "300" },
    svg: { type: "string" },
    json: { type: "boolean", default: false },
  },
});

const results = [];
for (const policy of values.policies.split(",")) {
  for (const agents of values.agents.split(",").map(Number)) {
    const { live, simulated } = await compare(policy, agents, Number(values.tasks));
    const off = (key: keyof LiveFigures): number => rounded((100 * (simulated[key] - live[key])) / live[key]);
    results.push({ policy, agents, live, simulated, off_percent: { mean: off("mean_ms"), p95: off("p95_ms"), makespan: off("makespan_ms") } });
    const last = results[results.length - 1]!;
    if (!values.json) {
      const figures = (one: LiveFigures): string => `mean ${one.mean_ms.toFixed(0)} ms, p95 ${one.p95_ms.toFixed(0)} ms, makespan ${one.makespan_ms.toFixed(0)} ms`;
      console.log(`${policy}, ${agents} agents: live ${figures(live)}; simulated ${figures(simulated)}; off by ${last.off_percent.mean} %, ${last.off_percent.p95} %, ${last.off_percent.makespan} %`);
    }
  }
}
if (values.svg !== undefined) writeFileSync(values.svg, livePicture(results));
if (values.json) console.log(JSON.stringify(results));

async function compare(policy: string, agents: number, count: number): Promise<{ readonly live: LiveFigures; readonly simulated: LiveFigures }> {
  const folder = mkdtempSync(join(tmpdir(), "makespan-live-"));
  const path = join(folder, "live.db");
  try {
    const live = await runLive(path, policy, agents, count);
    const { entries, agents: fleet } = readHistory(path);
    const { sojourn_ms, makespan_ms } = simulate({ workload: entries, agents: fleet, policy, estimates: "given" });
    return { live, simulated: { mean_ms: rounded(sojourn_ms.mean!), p95_ms: rounded(sojourn_ms.p95!), makespan_ms: rounded(makespan_ms) } };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Tasks come as a Poisson stream; each sleeps for its service, and is due some time after it could have been done. */
async function runLive(path: string, policy: string, agents: number, count: number): Promise<LiveFigures> {
  await using app = await open({ path });
  const handler = (ms: number): Promise<void> => sleep(ms);
  for (let agent = 1; agent <= agents; agent++) await app.addAgent(createFunctionAgent({ name: `agent ${agent}`, slots: 1, handlers: { sleep: { handler } } }));
  await app.setPolicy("default", policy);
  const random = new Random(agents);
  const service = exponential(MEAN_SERVICE_MS);
  const gap = exponential(MEAN_SERVICE_MS / agents / LOAD);
  const startedAt = performance.now();
  let dueIn = 0;
  for (let sent = 0; sent < count; sent++) {
    dueIn += gap.draw(random);
    // Late wake-ups do not add up: the next one waits less.
    const waitMs = startedAt + dueIn - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const serviceMs = Math.ceil(service.draw(random));
    const now = Date.now();
    await app.submit("sleep", serviceMs, { estimateMs: serviceMs, dueAt: now + 4 * serviceMs * random.next() + 100 });
  }
  await app.idle();
  await app.close();
  const times = timesOf(path);
  const sojourns = times.map(({ from, to }) => to - from).sort((a, b) => a - b);
  return {
    mean_ms: rounded(sojourns.reduce((sum, ms) => sum + ms, 0) / sojourns.length),
    // By nearest rank, as the simulator's.
    p95_ms: sojourns[Math.ceil(0.95 * sojourns.length) - 1]!,
    makespan_ms: Math.max(...times.map(({ to }) => to)) - Math.min(...times.map(({ from }) => from)),
  };
}

/** Release and completion of each task. */
function timesOf(path: string): { readonly from: number; readonly to: number }[] {
  const inspector = inspect(path);
  try {
    return [...inspector.pages({})].flat().map(({ firstReadyAt, finishedAt }) => ({ from: firstReadyAt, to: finishedAt }));
  } finally {
    inspector.close();
  }
}
