/**
 * What limits cost the scheduling core: submit → start → succeed through `Scheduler.turn` in turns of 500 events with 100,000 tasks
 * waiting, for tasks that use nothing, a limit with room, two limits with room, and limits of which all waiting tasks stand aside at
 * one. Five runs of each in turn; ratios to tasks that use nothing, round by round. `--json` prints one object.
 */
import { parseArgs } from "node:util";
import type { Event, NewTask, Usage } from "../src/core/event.ts";
import type { LimitRule } from "../src/core/limits/rule.ts";
import { Scheduler } from "../src/core/scheduler.ts";
import type { Use } from "../src/core/task.ts";
import { benchSpec } from "./lib/bench-spec.ts";
import { median, rounded } from "./lib/numbers.ts";

const RUNS = 5;
const WAITING = 100_000;
const MEASURED_TASKS = 200_000;
const PER_TURN = 250;
const START = 1_750_000_000_000;
const SPEC = benchSpec("noop");
const USAGE: Usage = { startedAt: START, cpuMs: 0, peakMemoryBytes: 0, cost: 0 };

interface Case {
  readonly rules: Readonly<Record<string, LimitRule>>;
  readonly uses: readonly Use[];
  readonly slots: number;
}

const rate: LimitRule = { kind: "window", units: 1e9, perMs: 60_000 };
const CASES: Readonly<Record<string, Case>> = {
  none: { rules: {}, uses: [], slots: 1_000 },
  one_limit: { rules: { rate }, uses: [{ limit: "rate", amount: 1 }], slots: 1_000 },
  two_limits: { rules: { rate, gpu: { kind: "slots", units: 5_000 } }, uses: [{ limit: "rate", amount: 1 }, { limit: "gpu", amount: 2 }], slots: 1_000 },
  limit_is_the_bottleneck: { rules: { gpu: { kind: "slots", units: 1_000 } }, uses: [{ limit: "gpu", amount: 1 }], slots: 2_000 },
};

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const us = new Map(Object.keys(CASES).map((name) => [name, [] as number[]]));
for (let run = 0; run <= RUNS; run++) {
  for (const [name, one] of Object.entries(CASES)) {
    const measured = measure(one);
    // The first round warms up.
    if (run > 0) us.get(name)!.push(measured);
  }
}
const plain = us.get("none")!;
const result = Object.fromEntries(
  [...us].map(([name, times]) => [name, { us_per_task: rounded(median(times)), rate_ratio: rounded(median(times.map((time, index) => plain[index]! / time))) }]),
);
if (values.json) console.log(JSON.stringify(result));
else for (const [name, { us_per_task, rate_ratio }] of Object.entries(result)) console.log(`${name}: ${us_per_task} µs a task, ${rate_ratio} of the rate without limits`);

/** As many tasks come as succeed; in µs a task. */
function measure({ rules, uses, slots }: Case): number {
  const scheduler = new Scheduler({ seed: 1, stopGraceMs: 1_000, lastTaskId: 0, lastFlowId: 0, lastAgentId: 0 });
  const task: NewTask = { spec: SPEC, input: "null", ...(uses.length > 0 && { uses }) };
  let now = START;
  const running: { readonly id: number; readonly attempt: number }[] = [];
  const turn = (events: readonly Event[]): void => {
    now += 1;
    for (const command of scheduler.turn(now, events).commands) if (command.kind === "start") running.push({ id: command.task.id, attempt: command.attempt });
  };
  const submits = (): Event[] => Array.from({ length: PER_TURN }, () => ({ kind: "submit", tasks: [task] }));
  turn(Object.entries(rules).map(([name, rule]): Event => ({ kind: "limit", name, rule })));
  turn([{ kind: "agent-join", agent: { name: "agent", kind: "function", types: ["noop"], slots } }]);
  for (let count = 0; count < WAITING; count += PER_TURN) turn(submits());
  const startedAt = performance.now();
  for (let done = 0; done < MEASURED_TASKS; done += PER_TURN) {
    const events = submits();
    for (const { id, attempt } of running.splice(0, PER_TURN)) events.push({ kind: "succeed", id, attempt, result: "null", usage: USAGE });
    turn(events);
  }
  return ((performance.now() - startedAt) * 1_000) / MEASURED_TASKS;
}
