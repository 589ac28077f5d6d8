/**
 * The rows of the file of exact values that have a policy here, each with the simulations that show it. Most need one. A limit
 * (slices to 0, agents without end) needs two or more and takes the combination in which the leading terms of the difference
 * cancel (Richardson extrapolation); the single simulations are reported beside it, so that the convergence is seen.
 */
import { boundedPareto, deterministic, exponential, hyperexponential, type Distribution } from "../../src/sim/distributions.ts";
import type { Measured, Scenario } from "./theory-scenario.ts";

/** The part of the file that is read; times in mean services. */
export interface ExactValues {
  /** By `DISTRIBUTION rho=RHO`, then by policy. */
  readonly mg1: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly mmk: readonly { readonly k: number; readonly rho: number; readonly erlangC: number; readonly meanWait: number; readonly meanResponse: number }[];
  readonly powerOfD: readonly { readonly d: number; readonly lambda: number; readonly meanResponse_N_inf: number }[];
  readonly priority: Readonly<Record<string, Readonly<Record<"nonpreemptive" | "preemptiveResume", Readonly<Record<"T1" | "T2", number>>>>>>;
}

export interface Part {
  /** What tells it from the other parts of its row: `slice 0.5`; empty when there are none. */
  readonly label: string;
  readonly weight: number;
  readonly scenario: Scenario;
}

export interface Row {
  readonly name: string;
  /** What is simulated: rows of one queue are measured in the same runs, and queues are independent of each other. */
  readonly queue: string;
  readonly exact: number;
  readonly parts: readonly Part[];
  readonly of: (measured: Measured) => number;
  /** Said with the result. */
  readonly note?: string;
}

const H2 = hyperexponential(0.952267, 1.904534, 0.09546597);
const BOUNDED_PARETO = boundedPareto(1.5, 0.3367, 3367);
const SERVICES: Readonly<Record<string, Distribution>> = { exp: exponential(1), h2: H2, bp: BOUNDED_PARETO, det: deterministic(1) };

/** Policies whose value one simulation gives. */
const DIRECT: Readonly<Record<string, string>> = {
  FCFS: "fcfs",
  SRPT: "srpt:aging=off:margin=0",
  PSJF: "sjf:aging=off:preempt",
  SJF: "sjf:aging=off",
};
/** Policies that are limits of others as the slice, in ms, goes to 0. */
const SLICED: Readonly<Record<string, (sliceMs: number) => string>> = {
  PS: (sliceMs) => `round-robin:slice=${sliceMs}ms`,
  FB_LAS: (sliceMs) => `las:aging=off:slice=${sliceMs}ms`,
};
/**
 * Slices, in mean services. Without memory the mean is the same for every slice. A constant service is not cut into whole slices:
 * the last bit of a sum would decide whether it needs one more. The shortest services of the bounded Pareto distribution are a third.
 */
const SLICES: Readonly<Record<string, readonly number[]>> = { exp: [1], h2: [1 / 2, 1 / 4, 1 / 8], bp: [1 / 4, 1 / 8], det: [1 / 2.5, 1 / 4.5, 1 / 8.5] };
/** From this load on, the power of d choices is simulated with other numbers of agents. */
const SATURATED_FROM = 0.99;
/** Fewer waiting tasks than this in a run, and their mean says nothing. */
const RARE = 100;

export function rowsOf(values: ExactValues, tasks: number): readonly Row[] {
  return [...priorityRows(values.priority), ...mg1Rows(values.mg1), ...mmkRows(values.mmk, tasks), ...powerOfDRows(values.powerOfD)];
}

function mg1Rows(values: ExactValues["mg1"]): readonly Row[] {
  return Object.entries(values).flatMap(([key, byPolicy]) => {
    const [name = "", rho = ""] = key.split(" rho=");
    const service = SERVICES[name];
    if (service === undefined) throw new Error(`There is no distribution ${name} here; known: ${Object.keys(SERVICES).join(", ")}`);
    return Object.entries(byPolicy).map(([theirs, exact]) => {
      const row = `M/G/1 ${key} ${theirs}`;
      return { name: row, queue: row, exact, of: ({ sojourn }: Measured) => sojourn, parts: mg1Parts(name, theirs, { service, rate: Number(rho), agents: 1 }) };
    });
  });
}

function mg1Parts(name: string, theirs: string, queue: Omit<Scenario, "policy">): readonly Part[] {
  const direct = DIRECT[theirs];
  if (direct !== undefined) return [{ label: "", weight: 1, scenario: { ...queue, policy: direct } }];
  const sliced = SLICED[theirs];
  if (sliced === undefined) throw new Error(`There is no policy for ${theirs} here; known: ${[...Object.keys(DIRECT), ...Object.keys(SLICED)].join(", ")}`);
  return toZero(SLICES[name]!, (slice) => ({ label: `slice ${slice.toFixed(3)}`, scenario: { ...queue, policy: sliced(slice * 1000) } }));
}

/** The value at 0 of the polynomial through the values at some sizes (Lagrange): with two, what is proportional to the size cancels. */
function toZero(sizes: readonly number[], part: (size: number) => Omit<Part, "weight">): readonly Part[] {
  return sizes.map((size) => {
    const weight = sizes.reduce((product, other) => (other === size ? product : (product * other) / (other - size)), 1);
    return { ...part(size), weight };
  });
}

function mmkRows(values: ExactValues["mmk"], tasks: number): readonly Row[] {
  return values.map(({ k, rho, erlangC, meanWait, meanResponse }): Row => {
    const isRare = erlangC * tasks < RARE;
    const queue = `M/M/${k} rho=${rho}`;
    return {
      name: `${queue} ${isRare ? "response" : "wait"}`,
      queue,
      exact: isRare ? meanResponse : meanWait,
      of: (measured) => (isRare ? measured.sojourn : measured.wait),
      parts: [{ label: "", weight: 1, scenario: { service: exponential(1), rate: rho * k, agents: k, policy: "fcfs" } }],
      ...(isRare ? { note: `one task in ${Math.round(1 / erlangC)} waits: the response is compared instead of the wait` } : {}),
    };
  });
}

function priorityRows(values: ExactValues["priority"]): readonly Row[] {
  return Object.entries(values).flatMap(([key, byKind]) =>
    Object.entries(byKind).flatMap(([kind, classes]) => {
      const policy = kind === "nonpreemptive" ? "priority:aging=off" : "priority:aging=off:preempt";
      const queue = `${key} ${kind}`;
      const scenario: Scenario = { service: exponential(1), rate: Number(key.split("rho=")[1]), agents: 1, policy, classes: 2 };
      return Object.entries(classes).map(([name, exact]): Row => ({
        name: `${queue} ${name}`,
        queue,
        exact,
        of: (measured) => measured.classes[Number(name.slice(1)) - 1]!,
        parts: [{ label: "", weight: 1, scenario }],
      }));
    }),
  );
}

/**
 * Agents that take whatever they are given and work on one task at a time. One random agent is a queue by itself, whatever their
 * number; of two or more the difference to infinitely many agents is proportional to 1/N (Gast 2017). Near saturation it has more
 * terms, and a queue of a quarter of the tasks is too short to forget that it began empty.
 */
function powerOfDRows(values: ExactValues["powerOfD"]): readonly Row[] {
  return values.map(({ d, lambda, meanResponse_N_inf: exact }): Row => {
    const name = `power of d=${d} lambda=${lambda}`;
    const parts = toZero(agentShares(d, lambda), (share) => {
      const count = Math.round(1 / share);
      const agents = [{ count, slots: 1_000_000, workers: 1 }];
      return { label: `${count} agents`, scenario: { service: exponential(1), rate: lambda * count, policy: "fcfs", balancer: `power-of-two:d=${d}`, agents, warmUpShare: 0.3 } };
    });
    return { name, queue: name, exact, of: ({ sojourn }) => sojourn, parts };
  });
}

/** One over the numbers of agents that are simulated. */
function agentShares(d: number, lambda: number): readonly number[] {
  const isSaturated = lambda >= SATURATED_FROM;
  if (d === 1) return isSaturated ? [1] : [1 / 4];
  return isSaturated ? [1 / 100, 1 / 200, 1 / 400] : [1 / 100, 1 / 200];
}
