/**
 * Sessions of coding agents on a fleet that is almost full: least attained service by session against first come, first served. A session is a
 * closed loop: its next call is released when the last one has ended and a tool or a person has thought. The slowdown of a session is
 * what its calls waited and took, by what they took.
 *
 *     node bench/sessions.ts [FILE.jsonl.gz] [--slots 16] [--utilization 0.97] [--calls 500000] [--seeds 3] [--svg FILE] [--json]
 *
 * Sessions are generated from published figures (`sessions` in `makespan simulate`); with a FILE of recorded ones (a JSON object a line,
 * `requests: [{ api, think, out, … }]`) they are drawn from those instead. They come as a Poisson stream.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { agentSessions, exponential, Random, simulate, TaskList, type SimulationResult, type TaskEntry, type Workload } from "../src/sim/index.ts";
import { median, rounded } from "./lib/numbers.ts";
import { sessionsPicture } from "./lib/sessions-picture.ts";

/** Mean work of a generated session in s: 65.8 calls of 9.78 s. */
const GENERATED_WORK_S = 65.8 * 9.78;
/** The first half fills the fleet: sessions think for hours, so it takes long until as many are under way as there will be. */
const WARM_UP = 0.5;
const POLICIES = ["fcfs", "las", "las:aging=off", "sjf:aging=off"] as const;

interface Call {
  readonly serviceMs: number;
  readonly thinkMs: number;
}

const { values, positionals } = parseArgs({
  options: {
    slots: { type: "string", default: "16" },
    utilization: { type: "string", default: "0.97" },
    calls: { type: "string", default: "500000" },
    seeds: { type: "string", default: "3" },
    svg: { type: "string" },
    json: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const [slots, utilization, calls, seeds] = [values.slots, values.utilization, values.calls, values.seeds].map(Number) as [number, number, number, number];
const recorded = positionals[0] === undefined ? undefined : readSessions(positionals[0]);

const rows = POLICIES.map((policy) => {
  const runs = Array.from({ length: seeds }, (_, seed) => simulate({ workload: workloadFor(seed), agents: slots, policy, seed: seed + 1, estimates: policy.startsWith("sjf") ? "exact" : "given", preemption: "off", warmUp: WARM_UP }));
  const of = (read: (run: SimulationResult) => number | null): number => rounded(median(runs.map((run) => read(run)!)));
  return {
    policy,
    session_slowdown: { mean: of((run) => run.sessions!.slowdown.mean), p50: of((run) => run.sessions!.slowdown.p50), p99: of((run) => run.sessions!.slowdown.p99) },
    call_slowdown: { mean: of((run) => run.slowdown.mean), p99: of((run) => run.slowdown.p99) },
    call_wait_s: { mean: of((run) => run.wait_ms.mean! / 1000), p99: of((run) => run.wait_ms.p99! / 1000) },
    utilization: of((run) => run.utilization),
    sessions: runs[0]!.sessions!.sessions,
    calls: runs[0]!.tasks,
  };
});
const result = { source: recorded === undefined ? "generated" : "recorded", slots, target_utilization: utilization, seeds, rows };
if (values.svg !== undefined) writeFileSync(values.svg, sessionsPicture(result));
if (values.json) console.log(JSON.stringify(result));
else {
  console.log(`${rows[0]!.sessions} ${result.source} sessions, about ${rows[0]!.calls} calls, ${slots} slots; medians of ${seeds} seeds`);
  for (const { policy, session_slowdown, call_slowdown, call_wait_s, utilization: used } of rows) {
    console.log(`  ${policy.padEnd(16)} slowdown of sessions: mean ${session_slowdown.mean.toFixed(2)}, p50 ${session_slowdown.p50.toFixed(2)}, p99 ${session_slowdown.p99.toFixed(2)}; of calls: mean ${call_slowdown.mean.toFixed(2)}, p99 ${call_slowdown.p99.toFixed(1)}; wait ${call_wait_s.mean.toFixed(1)} s, p99 ${call_wait_s.p99.toFixed(0)} s; utilization ${used.toFixed(3)}`);
  }
}

/** As many sessions a second as keep the slots that busy. */
function workloadFor(seed: number): Workload {
  if (recorded === undefined) return agentSessions({ rate: (slots * utilization) / GENERATED_WORK_S, tasks: calls });
  const workMs = recorded.flat().reduce((sum, { serviceMs }) => sum + serviceMs, 0) / recorded.length;
  const gap = exponential(workMs / slots / utilization);
  const random = new Random(seed + 1, 77);
  const entries: TaskEntry[] = [];
  for (let number = 0, arrivalMs = 0; entries.length < calls; number++, arrivalMs += gap.draw(random)) {
    const drawn = recorded[Math.floor(random.next() * recorded.length)]!;
    drawn.forEach(({ serviceMs, thinkMs }, call) => entries.push({ id: `${number}.${call}`, type: "call", session: `s${number}`, arrivalMs, serviceMs, ...(call > 0 && { thinkMs }) }));
  }
  return new TaskList(entries, "recorded sessions");
}

/** The calls of each session that say how long they took. */
function readSessions(path: string): readonly (readonly Call[])[] {
  if (!existsSync(path)) throw new Error(`There is no file ${path}.`);
  const lines = gunzipSync(readFileSync(path)).toString("utf8").trim().split("\n");
  return lines.flatMap((line) => {
    const { requests = [] } = JSON.parse(line) as { readonly requests?: readonly { readonly api?: number; readonly think?: number }[] };
    const calls = requests.flatMap(({ api, think }) => (api === undefined || api <= 0 ? [] : [{ serviceMs: api * 1000, thinkMs: (think ?? 0) * 1000 }]));
    return calls.length === 0 ? [] : [calls];
  });
}
