/**
 * What a policy costs: submit → start → succeed through `Scheduler.turn` in turns of 500 events, on one agent with 1,000 slots, with
 * 1,000 and with 1,000,000 tasks waiting all the while; under each policy and under fair share. Every load submits the same tasks
 * (with estimate, due date, weight, and tenant or session where the policy looks at it), and takes its turn in every round beside
 * FCFS, so that the ratio to it is one of neighbours in time; processor time (the machine may have other work), medians over the rounds. `--waiting N` sets the large number, `--only
 * PATTERN` picks loads, `--rounds N`, `--json` prints one object, `--svg FILE` draws a picture; `--from FILE` takes what `--json` printed before
 * in place of measuring.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Event, NewTask } from "../src/core/event.ts";
import { Scheduler } from "../src/core/scheduler.ts";
import type { Spec } from "../src/core/task.ts";
import { Random } from "../src/sim/random.ts";
import { refuse } from "./lib/bench-args.ts";
import { median, rounded } from "./lib/numbers.ts";
import { policiesPicture, type Cost, type PoliciesResult } from "./lib/policies-picture.ts";

const TURN_TASKS = 500;
const FEW = 1_000;
const SLOTS = 1_000;
const MEASURED_TASKS = 50_000;
const START = 1_750_000_000_000;

interface Kind {
  readonly name: string;
  readonly policy: string;
  /** Tenants under fair share. */
  readonly tenants?: number;
  /** Sessions, each with many tasks. */
  readonly sessions?: number;
}

const KINDS: readonly Kind[] = [
  ...["sjf", "srpt", "srpt:aging=off", "priority", "priority:preempt", "round-robin", "edf", "edf:preempt", "least-slack", "critical-path", "wspt"].map((policy) => ({ name: policy, policy })),
  { name: "las", policy: "las" },
  { name: "las, 1,000 sessions", policy: "las", sessions: 1_000 },
  { name: "fcfs, 10 tenants", policy: "fcfs", tenants: 10 },
  { name: "fcfs, 1,000 tenants", policy: "fcfs", tenants: 1_000 },
  { name: "sjf, 1,000 tenants", policy: "sjf", tenants: 1_000 },
];
const FCFS: Kind = { name: "fcfs", policy: "fcfs" };

/** Priorities 1 to 4. */
const SPECS: readonly Spec[] = [1, 2, 3, 4].map((priority) => ({
  id: priority,
  type: "noop",
  queue: "default",
  priority,
  retry: { limit: 2, backoff: "exponential", delayMs: 1_000, maxDelayMs: 60_000, jitter: 0.5, lossLimit: 3 },
  onDependencyFailure: "skip",
}));

/** A scheduler in which so many tasks wait, with an agent that is full. */
class Load {
  readonly #kind: Kind;
  readonly #scheduler = new Scheduler({ seed: 1, stopGraceMs: 1_000, lastTaskId: 0, lastFlowId: 0, lastAgentId: 0, reportsRisk: false });
  readonly #random = new Random(1);
  readonly #tenants: readonly string[];
  readonly #sessions: readonly string[];
  readonly #running: { readonly id: number; readonly attempt: number }[] = [];
  #now = START;

  constructor(kind: Kind, waiting: number) {
    this.#kind = kind;
    this.#tenants = names("tenant", kind.tenants);
    this.#sessions = names("session", kind.sessions);
    const settings: Event[] = [{ kind: "policy", queue: "default", policy: kind.policy }];
    if (kind.tenants !== undefined) settings.push({ kind: "fair-share", queue: "default", weights: { "tenant 1": 2, "tenant 2": 3 } });
    this.#turn([...settings, { kind: "agent-join", agent: { name: "agent", kind: "function", types: ["noop"], slots: SLOTS } }]);
    for (let left = waiting + SLOTS; left > 0; left -= TURN_TASKS) this.#turn(this.#submits(Math.min(left, TURN_TASKS)));
  }

  /** As many tasks come as succeed, in turns of 500 events; in µs of processor time a task. */
  measure(): number {
    const cpuBefore = process.cpuUsage();
    for (let done = 0; done < MEASURED_TASKS; done += TURN_TASKS / 2) {
      const events = this.#submits(TURN_TASKS / 2);
      for (const { id, attempt } of this.#running.splice(0, TURN_TASKS / 2)) {
        events.push({ kind: "succeed", id, attempt, result: "null", usage: { startedAt: this.#now, cpuMs: 0, peakMemoryBytes: 0, cost: 0 } });
      }
      this.#turn(events);
    }
    const { user, system } = process.cpuUsage(cpuBefore);
    return (user + system) / MEASURED_TASKS;
  }

  #submits(count: number): Event[] {
    return Array.from({ length: count }, () => ({ kind: "submit", tasks: [this.#task()] }));
  }

  #task(): NewTask {
    const random = this.#random;
    return {
      spec: SPECS[random.below(4)]!,
      input: "null",
      estimateMs: 1 + random.below(1_000),
      dueAt: this.#now + random.below(60_000),
      weight: 1 + random.below(9),
      ...(this.#kind.tenants !== undefined && { tenant: this.#tenants[random.below(this.#tenants.length)]! }),
      ...(this.#kind.sessions !== undefined && { session: this.#sessions[random.below(this.#sessions.length)]! }),
    };
  }

  #turn(events: readonly Event[]): void {
    this.#now += 1;
    for (const command of this.#scheduler.turn(this.#now, events).commands) {
      if (command.kind === "start") this.#running.push({ id: command.task.id, attempt: command.attempt });
    }
  }
}

function names(what: string, count = 0): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${what} ${index + 1}`);
}

const USAGE = "node bench/policies.ts [--waiting N] [--only PATTERN] [--rounds N] [--from FILE.json] [--svg FILE] [--json]";
const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    waiting: { type: "string", default: "1000000" },
    only: { type: "string", default: "" },
    rounds: { type: "string", default: "5" },
    from: { type: "string" },
    svg: { type: "string" },
  },
});
const measured = values.from === undefined ? measureAll() : readKept(values.from);
if (values.json) console.log(JSON.stringify(measured));
if (values.svg !== undefined) writeFileSync(values.svg, policiesPicture(measured));

function measureAll(): PoliciesResult {
  const rounds = Number(values.rounds);
  const kinds = KINDS.filter(({ name }) => new RegExp(values.only).test(name));
  const result: Record<string, Record<string, Cost>> = {};
  const note = (name: string, waiting: number, us: number, ratio: number): void => {
    const cost: Cost = { us_per_task: rounded(us), tasks_per_s: Math.round(1e6 / us), ratio_to_fcfs: rounded(ratio) };
    (result[name] ??= {})[waiting] = cost;
    if (!values.json) print(name, waiting, cost);
  };
  for (const waiting of [FEW, Number(values.waiting)]) {
    const fcfs = new Load(FCFS, waiting);
    const base: number[] = [];
    for (const kind of kinds) {
      // One load beside FCFS at a time: all together they would not fit into memory.
      const load = new Load(kind, waiting);
      const own: number[] = [];
      const ratios: number[] = [];
      for (let round = 0; round <= rounds; round++) {
        const fcfsUs = fcfs.measure();
        const us = load.measure();
        // The first round warms up.
        if (round === 0) continue;
        base.push(fcfsUs);
        own.push(us);
        ratios.push(fcfsUs / us);
      }
      note(kind.name, waiting, median(own), median(ratios));
    }
    note(FCFS.name, waiting, median(base), 1);
  }
  return { rounds, result };
}

function readKept(file: string): PoliciesResult {
  try {
    const kept = JSON.parse(readFileSync(file, "utf8")) as PoliciesResult;
    if (!Object.values(kept.result ?? {}).some((bySize) => Object.values(bySize).some(({ ratio_to_fcfs: ratio }) => ratio > 0))) throw new Error(`${file} has no result`);
    if (!values.json) for (const [name, bySize] of Object.entries(kept.result)) for (const [waiting, cost] of Object.entries(bySize)) print(name, Number(waiting), cost);
    return kept;
  } catch (error) {
    return refuse(`--from takes a file that --json printed: ${error instanceof Error ? error.message : String(error)}`, USAGE);
  }
}

function print(name: string, waiting: number, cost: Cost): void {
  console.log(`${name.padEnd(22)} ${String(waiting).padStart(8)} waiting: ${String(cost.us_per_task).padStart(8)} µs a task, ${String(cost.tasks_per_s).padStart(7)} a second, ${cost.ratio_to_fcfs} of FCFS`);
}
