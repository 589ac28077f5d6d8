/**
 * The agents of a simulation: groups of equal ones with a speed by type, a rate of cost, a start-up time, failures and slowdowns,
 * all drawn from the seed. An agent may take more tasks than it works on at once (`workers`): the others wait on it, first come,
 * first served, as prefetched work does.
 */
import type { AgentSpec } from "../../core/agent.ts";
import { randomOf } from "../../core/struct/random.ts";
import { Random } from "../random.ts";
import { SimulationRefusal } from "../refusal.ts";

/** Agents that are alike. Times in ms. */
export interface AgentGroup {
  readonly name?: string;
  /** How many agents; default 1. */
  readonly count?: number;
  /** Attempts that each takes at once; default 1. */
  readonly slots?: number;
  /** Attempts that each works on at once; default all that it takes. */
  readonly workers?: number;
  /** A task of 10 s takes 10 s ÷ speed. Default 1. */
  readonly speed?: number;
  /** Speed for some types, instead of `speed`. */
  readonly speeds?: Readonly<Record<string, number>>;
  /** Types it can do; default all. */
  readonly types?: readonly string[];
  /** Share under weighted balancing; default 1. */
  readonly weight?: number;
  readonly region?: string;
  /** What an hour of one busy slot costs; default 0. */
  readonly costPerHour?: number;
  /** Between the start (or the end of a repair) and its first task; default 0. */
  readonly startUpMs?: number;
  /** It breaks down after an exponential time of this mean, loses what runs on it, and is back after a repair of such a mean. */
  readonly failures?: { readonly meanTimeBetweenMs: number; readonly meanRepairMs: number };
  /** An attempt fails, at a random moment of its run, with this probability; default 0. */
  readonly attemptFailureProbability?: number;
  /** An attempt takes `factor` times as long with this probability: a straggler. */
  readonly slowdowns?: { readonly probability: number; readonly factor: number };
}

/** Streams of the hash that decides about single attempts. */
const SLOWDOWN = 101;
const FAILURE = 102;
const FAILURE_POINT = 103;

export class VirtualAgent {
  readonly group: AgentGroup;
  readonly spec: AgentSpec;
  readonly slots: number;
  readonly workers: number;
  /** Speed by the id of the spec, as it is looked up. */
  readonly #speeds: number[] = [1];
  /** Slots of tasks that wait on it, the next first. */
  readonly waiting: number[] = [];
  /** Attempts it works on. */
  working = 0;
  isUp = false;
  /** Since when, if it is up. */
  upSince = 0;
  upMs = 0;
  busyMs = 0;
  readonly #random: Random;

  constructor(group: AgentGroup, spec: AgentSpec, seed: number, number: number) {
    this.group = group;
    this.spec = spec;
    this.slots = spec.slots;
    this.workers = Math.min(group.workers ?? spec.slots, spec.slots);
    this.#random = new Random(seed, 1_000 + number);
  }

  speed(specId: number, type: string): number {
    return (this.#speeds[specId] ??= this.group.speeds?.[type] ?? this.group.speed ?? 1);
  }

  /** How many times as long an attempt takes. It depends on the seed, the task and the attempt alone, not on who did what before. */
  slowness(seed: number, taskId: number, attempt: number): number {
    const { slowdowns } = this.group;
    if (slowdowns === undefined || randomOf(seed + SLOWDOWN, taskId, attempt) >= slowdowns.probability) return 1;
    return slowdowns.factor;
  }

  /** The share of its work after which an attempt fails, or 1 when it does not. */
  failurePoint(seed: number, taskId: number, attempt: number): number {
    const probability = this.group.attemptFailureProbability ?? 0;
    if (probability === 0 || randomOf(seed + FAILURE, taskId, attempt) >= probability) return 1;
    return randomOf(seed + FAILURE_POINT, taskId, attempt);
  }

  /** When it breaks down, if it starts to work at `at`; Infinity when it never does. */
  breaksAt(at: number): number {
    const mean = this.group.failures?.meanTimeBetweenMs;
    return mean === undefined ? Infinity : at + mean * this.#random.exponential();
  }

  /** When it is back, if it broke down at `at`. */
  backAt(at: number): number {
    const mean = this.group.failures?.meanRepairMs ?? 0;
    return at + mean * this.#random.exponential() + (this.group.startUpMs ?? 0);
  }
}

/** Makes the agents of all groups, in order. Throws a refusal when a group makes no sense, or when no agent can do one of `types`. */
export function createAgents(groups: readonly AgentGroup[], types: readonly string[], seed: number): readonly VirtualAgent[] {
  const agents: VirtualAgent[] = [];
  groups.forEach((group, index) => {
    checkGroup(group, index + 1);
    const count = group.count ?? 1;
    for (let number = 1; number <= count; number++) {
      const base = group.name ?? (groups.length === 1 ? "agent" : `group${index + 1}`);
      const { slots = 1, weight, region, speed, speeds, costPerHour } = group;
      const spec: AgentSpec = {
        name: count === 1 ? base : `${base}-${number}`,
        kind: "simulated",
        types: group.types ?? types,
        slots,
        ...(weight !== undefined && { weight }),
        ...(region !== undefined && { region }),
        ...(speed !== undefined && { speed }),
        ...(speeds !== undefined && { speeds }),
        ...(costPerHour !== undefined && { costPerHour }),
      };
      agents.push(new VirtualAgent(group, spec, seed, agents.length));
    }
  });
  if (agents.length === 0) throw new SimulationRefusal("invalid_option", "A simulation needs at least one agent, got 0.");
  const undone = types.find((type) => !agents.some(({ spec }) => spec.types.includes(type)));
  if (undone !== undefined) {
    throw new SimulationRefusal("invalid_option", `No agent does tasks of type ${JSON.stringify(undone)}: add it to the types of a group, or leave types out.`, { type: undone });
  }
  return agents;
}

function checkGroup(group: AgentGroup, number: number): void {
  const refuse = (what: string, expected: string, got: unknown): never => {
    throw new SimulationRefusal("invalid_option", `Agents${group.name === undefined ? `, group ${number}` : ` ${JSON.stringify(group.name)}`}: ${what} is ${expected}, got ${String(got)}.`);
  };
  const whole = (what: string, value: number | undefined, least: number): unknown =>
    value === undefined || (Number.isSafeInteger(value) && value >= least) ? undefined : refuse(what, `a whole number of ${least} or more`, value);
  const positive = (what: string, value: number | undefined): unknown =>
    value === undefined || (value > 0 && value < Infinity) ? undefined : refuse(what, "a number greater than 0", value);
  const atLeastZero = (what: string, value: number | undefined): unknown =>
    value === undefined || (value >= 0 && value < Infinity) ? undefined : refuse(what, "a number of 0 or more", value);
  const share = (what: string, value: number | undefined): unknown =>
    value === undefined || (value >= 0 && value <= 1) ? undefined : refuse(what, "a probability from 0 to 1", value);
  whole("count", group.count, 0);
  whole("slots", group.slots, 1);
  whole("workers", group.workers, 1);
  positive("speed", group.speed);
  for (const [type, speed] of Object.entries(group.speeds ?? {})) positive(`the speed of ${type}`, speed);
  positive("weight", group.weight);
  atLeastZero("the cost per hour", group.costPerHour);
  atLeastZero("the start-up time", group.startUpMs);
  positive("the mean time between failures", group.failures?.meanTimeBetweenMs);
  positive("the mean repair time", group.failures?.meanRepairMs);
  share("the probability that an attempt fails", group.attemptFailureProbability);
  share("the probability of a slowdown", group.slowdowns?.probability);
  positive("the factor of a slowdown", group.slowdowns?.factor);
}
