/**
 * A queue of queueing theory as a simulation through the production core: Poisson arrivals, services of mean 1 s, one policy. What is
 * measured is a stretch of it far from both ends: the first tasks warm the queue up, and after the last measured task others go on
 * arriving, so that the queue does not run empty around those that are measured.
 */
import { createSimulation } from "../../src/sim/simulate.ts";
import { Random } from "../../src/sim/random.ts";
import type { AgentGroup } from "../../src/sim/driver/virtual-agents.ts";
import type { Distribution } from "../../src/sim/distributions.ts";
import type { TaskSource, WorkloadTask } from "../../src/sim/workload/task.ts";

export interface Scenario {
  /** Seconds; the mean is 1, so that a figure in seconds is one in mean services. */
  readonly service: Distribution;
  /** Arrivals a second. */
  readonly rate: number;
  readonly policy: string;
  readonly agents: number | readonly AgentGroup[];
  /** Default `round-robin`. */
  readonly balancer?: string;
  /** So many classes, drawn alike, named and served by their number: 1 goes first. Default 1. */
  readonly classes?: 1 | 2;
  /** Tasks before those that are measured, by their number; default a tenth. */
  readonly warmUpShare?: number;
}

/** Means over the measured tasks of one run, in mean services. */
export interface Measured {
  readonly sojourn: number;
  readonly wait: number;
  /** Sojourn by class. */
  readonly classes: readonly number[];
  readonly events: number;
}

const WARM_UP_SHARE = 0.1;
/** Tasks after those that are measured, by their number. */
const AFTER_SHARE = 0.05;
const AFTER = "after";

export function runScenario(scenario: Scenario, tasks: number, seed: number): Measured {
  const warmUp = Math.ceil(tasks * (scenario.warmUpShare ?? WARM_UP_SHARE));
  const source = (from: number): TaskSource => new Stream(scenario, warmUp + tasks, Math.ceil(tasks * AFTER_SHARE), from);
  const { policy, agents, balancer = "round-robin" } = scenario;
  const simulation = createSimulation({ workload: { name: "theory", notes: [], open: source }, agents, policy, balancer, estimates: "exact", seed, warmUp });
  simulation.run();
  const result = simulation.result();
  let completed = 0;
  let sojourn = 0;
  let wait = 0;
  const classes: number[] = [];
  for (const group of result.by_class) {
    if (group.name.startsWith(AFTER)) continue;
    completed += group.completed;
    sojourn += group.completed * group.sojourn_ms.mean!;
    wait += group.completed * group.wait_ms.mean!;
    classes[Number(group.name) - 1] = group.sojourn_ms.mean! / 1000;
  }
  if (completed !== tasks) throw new Error(`${completed} tasks were measured, not ${tasks}`);
  return { sojourn: sojourn / completed / 1000, wait: wait / completed / 1000, classes, events: result.events };
}

class Stream implements TaskSource {
  readonly types: readonly string[];
  nextAtMs = 0;
  readonly #service: Distribution;
  readonly #meanGapMs: number;
  readonly #classes: number;
  readonly #names: readonly { readonly before: string; readonly after: string }[];
  readonly #gaps: Random;
  readonly #services: Random;
  readonly #picks: Random;
  readonly #last: number;
  readonly #end: number;
  #taken = 0;

  constructor({ service, rate, classes = 1 }: Scenario, measured: number, after: number, seed: number) {
    this.#service = service;
    this.#meanGapMs = 1000 / rate;
    this.#classes = classes;
    this.#names = Array.from({ length: classes }, (_, index) => ({ before: `${index + 1}`, after: `${AFTER} ${index + 1}` }));
    this.types = this.#names.flatMap(({ before, after: later }) => [before, later]);
    this.#gaps = new Random(seed, 1);
    this.#services = new Random(seed, 2);
    this.#picks = new Random(seed, 3);
    this.#last = measured;
    this.#end = measured + after;
    this.#advance();
  }

  take(): WorkloadTask {
    const number = this.#classes === 1 ? 0 : this.#picks.below(this.#classes);
    this.#taken += 1;
    const { before, after } = this.#names[number]!;
    const task = {
      arrivalMs: this.nextAtMs,
      serviceMs: this.#service.draw(this.#services) * 1000,
      type: this.#taken > this.#last ? after : before,
      priority: number + 1,
    };
    this.#advance();
    return task;
  }

  #advance(): void {
    this.nextAtMs = this.#taken === this.#end ? Infinity : this.nextAtMs + this.#meanGapMs * this.#gaps.exponential();
  }
}
