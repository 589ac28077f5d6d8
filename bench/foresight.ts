/**
 * What it costs to ask why and to be judged at submission, with so many tasks waiting on 16 slots: `why` of the last in line (beyond
 * the rehearsal's reach where there are more than 10,000), `why` of one in the middle of the first 10,000, and a submission with
 * `ifLate: refuse`; each in µs, the median of 21, and as a multiple of a submission without. `--json` prints one object.
 */
import { parseArgs } from "node:util";
import type { NewTask } from "../src/core/event.ts";
import { Scheduler } from "../src/core/scheduler.ts";
import { benchSpec } from "./lib/bench-spec.ts";

const TIMES = 21;
const START = 1_750_000_000_000;
const SPEC = benchSpec("work");

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const rows = [100, 1_000, 10_000, 1_000_000].map(measure);
if (values.json) console.log(JSON.stringify({ slots: 16, rows }));
else for (const row of rows) console.log(Object.entries(row).map(([name, value]) => `${name} ${value}`).join("  "));

function measure(waiting: number): Readonly<Record<string, number>> {
  const scheduler = new Scheduler({ seed: 1, stopGraceMs: 1_000, lastTaskId: 0, lastFlowId: 0, lastAgentId: 0 });
  const task = (index: number): NewTask => ({ spec: SPEC, input: "null", estimateMs: 1_000 + ((index * 7_919) % 9_000) });
  scheduler.turn(START, [{ kind: "policy", queue: "default", policy: "edf" }, { kind: "agent-join", agent: { name: "a", kind: "function", types: ["work"], slots: 16 } }]);
  for (let from = 0; from < waiting; from += 500) {
    scheduler.turn(START, [{ kind: "submit", tasks: Array.from({ length: Math.min(500, waiting - from) }, (_, index) => task(from + index)) }]);
  }
  const refused: NewTask = { ...task(1), dueAt: START + 3_700_000, ifLate: "refuse" };
  const whyLastUs = medianUs(() => scheduler.why(waiting));
  const whyMiddleUs = medianUs(() => scheduler.why(Math.min(waiting, 5_000) / 2));
  const judgedUs = medianUs(() => scheduler.turn(START, [{ kind: "submit", tasks: [refused] }]));
  const plainUs = medianUs(() => scheduler.turn(START, [{ kind: "submit", tasks: [task(1)] }]));
  return { waiting, why_last_us: whyLastUs, why_middle_us: whyMiddleUs, judged_us: judgedUs, plain_us: plainUs, judged_times: Math.round(judgedUs / plainUs) };
}

function medianUs(run: () => unknown): number {
  const times = Array.from({ length: TIMES }, () => {
    const from = performance.now();
    run();
    return performance.now() - from;
  });
  return Math.round(times.sort((a, b) => a - b)[Math.floor(TIMES / 2)]! * 1_000);
}
