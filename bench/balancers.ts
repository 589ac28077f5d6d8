/**
 * What a pick of each balancer costs, by the number of agents: 4 slots each, half of all slots taken, every pick put on its agent
 * and the oldest attempt taken off. With `full`, one slot in the fleet is free, the worst case of those that look for one. Also
 * what a full fleet costs to ask. Median of five rounds, in ns. `node bench/balancers.ts [--json]`
 */
import { parseArgs } from "node:util";
import { speedOf } from "../src/core/agent.ts";
import type { Attempt } from "../src/core/attempt.ts";
import type { BalanceContext } from "../src/core/balance/balancer.ts";
import { Fleet } from "../src/core/fleet.ts";
import { randomOf } from "../src/core/struct/random.ts";
import { extraOf, TaskRecord } from "../src/core/task-record.ts";
import { attemptOn } from "../test/support/core-attempt.ts";
import { benchSpec } from "./lib/bench-spec.ts";
import { median } from "./lib/numbers.ts";

const SIZES = [1, 16, 256, 4_096];
const SLOTS = 4;
const ROUNDS = 5;
const REGIONS = ["eu", "us", "asia"];
const SPEEDS = [2, 1, 1, 0.5];
const BALANCERS = ["round-robin", "least-connections", "weighted", "nearest", "nearest:measured", "power-of-two", "earliest-finish", "cheapest"];

const SPEC = benchSpec("work");

class Load implements BalanceContext {
  readonly fleet = new Fleet();
  readonly now = 1_000_000;
  readonly #running: Attempt[] = [];
  readonly #tasks = REGIONS.map((region, index) => {
    const task = new TaskRecord(index + 1, SPEC, "queued", 0, 0);
    Object.assign(extraOf(task), { region, dueAt: 1_010_000 });
    return task;
  });
  #oldest = 0;
  #draws = 0;

  constructor(balancer: string, agents: number, taken: number) {
    for (let index = 0; index < agents; index++) {
      const mixed = { speed: SPEEDS[index % SPEEDS.length]!, weight: 1 + (index % 5), region: REGIONS[index % REGIONS.length]!, costPerHour: 1 + (index % 4) };
      this.fleet.join({ name: `agent ${index}`, kind: "function", types: ["work"], slots: SLOTS, ...mixed }, 0);
    }
    this.fleet.distances.set({ eu: { us: 90, asia: 180 }, us: { asia: 150 } });
    this.fleet.setBalancer("least-connections");
    for (let left = taken; left > 0; left--) this.start(0);
    this.fleet.setBalancer(balancer);
  }

  remainingMs(): number {
    return 1_000;
  }

  endsAt(attempt: Attempt): number {
    return Math.max(this.now, attempt.assignedAt + 1_000 / speedOf(attempt.agent, "work"));
  }

  random(): number {
    return randomOf(1, this.#draws++, 0);
  }

  start(turn: number): void {
    const task = this.#tasks[turn % this.#tasks.length]!;
    const agent = this.fleet.pick(task, this);
    if (agent === "wait" || agent === undefined) return;
    const attempt = attemptOn(agent, task, this.now);
    this.fleet.take(attempt);
    this.#running.push(attempt);
  }

  endOldest(): void {
    if (this.#oldest < this.#running.length) this.fleet.giveBack(this.#running[this.#oldest++]!);
  }
}

/** One dispatch for each pick, as when tasks end one by one. */
function nsPerPick(balancer: string, agents: number, taken: number): number {
  const picks = Math.max(200, Math.floor(400_000 / agents));
  const rounds: number[] = [];
  const load = new Load(balancer, agents, taken);
  for (let round = 0; round <= ROUNDS; round++) {
    const begin = performance.now();
    for (let pick = 0; pick < picks; pick++) {
      load.fleet.balancer.begin?.(load);
      load.start(pick);
      load.endOldest();
    }
    // The first round warms up.
    if (round > 0) rounds.push(((performance.now() - begin) * 1e6) / picks);
  }
  return Math.round(median(rounds));
}

function nsToAskFull(agents: number): number {
  const load = new Load("round-robin", agents, agents * SLOTS);
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    let free = 0;
    const begin = performance.now();
    for (let ask = 0; ask < 1_000_000; ask++) if (load.fleet.hasFreeSlot("work")) free += 1;
    if (round > 0 && free === 0) rounds.push((performance.now() - begin) * 1);
  }
  return Math.round(median(rounds) * 10) / 10;
}

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const bySize = (of: (agents: number) => number): Record<string, number> => Object.fromEntries(SIZES.map((agents) => [agents, of(agents)]));
const result = {
  half_taken_ns: Object.fromEntries(BALANCERS.map((balancer) => [balancer, bySize((agents) => nsPerPick(balancer, agents, (agents * SLOTS) / 2))])),
  one_free_ns: Object.fromEntries(BALANCERS.map((balancer) => [balancer, bySize((agents) => nsPerPick(balancer, agents, agents * SLOTS - 1))])),
  ask_full_ns: bySize(nsToAskFull),
};
if (values.json) console.log(JSON.stringify(result));
else {
  for (const [name, table] of Object.entries({ "half of the slots taken": result.half_taken_ns, "one slot free": result.one_free_ns })) {
    console.log(`ns a pick, ${name}`.padEnd(40) + SIZES.map((agents) => String(agents).padStart(9)).join(""));
    for (const [balancer, row] of Object.entries(table)) console.log(`  ${balancer}`.padEnd(40) + Object.values(row).map((ns) => String(ns).padStart(9)).join(""));
  }
  console.log("ns to ask a full fleet".padEnd(40) + Object.values(result.ask_full_ns).map((ns) => String(ns).padStart(9)).join(""));
}
