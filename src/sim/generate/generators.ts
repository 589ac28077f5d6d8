/**
 * Generated workloads by their specification: `poisson:rate=0.9,service=exp:1,tasks=500000`. A generator has a name, then options
 * separated by commas; distributions are written `name:argument:argument`; times are in seconds. The seed makes the tasks.
 */
import { balancedHyperexponential, boundedPareto, deterministic, exponential, type Distribution } from "../distributions.ts";
import { SimulationRefusal } from "../refusal.ts";
import type { TaskSource } from "../workload/task.ts";
import type { Workload } from "../workload/workload.ts";
import { diurnal, modulated, renewal, type Arrivals } from "./arrivals.ts";
import { GeneratorOptions } from "./options.ts";
import { RECORDED_SESSIONS, SessionSource, type SessionOptions } from "./sessions.ts";
import { TaskStream, type StreamOptions } from "./stream.ts";

const DEFAULT_TASKS = 100_000;
const DAY_S = 86_400;

interface Generator {
  readonly summary: string;
  create(options: GeneratorOptions): { readonly taskCount: number | undefined; open(seed: number): TaskSource };
}

const GENERATORS: ReadonlyMap<string, Generator> = new Map<string, Generator>([
  ["poisson", stream("arrivals at random", (_options, rate) => () => renewal(exponential(1 / rate)))],
  ["deterministic", stream("arrivals at equal distances", (_options, rate) => () => renewal(deterministic(1 / rate)))],
  ["renewal", stream("independent gaps of any distribution (gap=)", (options) => {
    const gap = options.distribution("gap") ?? options.refuse("gap is needed, a distribution in seconds");
    return () => renewal(gap);
  })],
  ["hyper", stream("independent gaps of a large variation (scv=)", (options, rate) => {
    const scv = options.number("scv", 10, { least: 1 });
    return () => renewal(balancedHyperexponential(1 / rate, scv));
  })],
  ["bursty", stream("bursts (burst= times the mean rate, share= of the time, length= s each) and quiet times", burstyArrivals)],
  ["diurnal", stream("a rate that swings (swing=) about its mean with a period (period= s)", (options, rate) => {
    const swing = options.number("swing", 0.8, { least: 0, most: 1 });
    const periodS = options.number("period", DAY_S);
    return () => diurnal(rate, swing, periodS);
  })],
  ["heavy-tailed", stream("arrivals at random, services of a bounded Pareto distribution", (_options, rate) => () => renewal(exponential(1 / rate)), boundedPareto(1.1, 0.1, 1000))],
  ["sessions", { summary: "sessions of agents, closed-loop, fitted to recorded ones", create: createSessions }],
]);

/** Every generator, with what it makes. */
export const GENERATOR_SUMMARIES: readonly (readonly [name: string, summary: string])[] = [...GENERATORS].map(([name, { summary }]) => [name, summary]);

/** Whether a text is meant for a generator: a known name, alone or before a colon. */
export function isGenerator(text: string): boolean {
  return GENERATORS.has(text.split(":", 1)[0] ?? "");
}

/** The workload that a specification makes. Throws a refusal that says what is known. */
export function generate(text: string): Workload {
  const colon = text.indexOf(":");
  const name = colon === -1 ? text : text.slice(0, colon);
  const generator = GENERATORS.get(name);
  if (generator === undefined) {
    throw new SimulationRefusal("invalid_option", `There is no generator ${JSON.stringify(name)}; known: ${[...GENERATORS.keys()].join(", ")}.`, { name, known: [...GENERATORS.keys()] });
  }
  const options = new GeneratorOptions(name, colon === -1 ? "" : text.slice(colon + 1));
  const made = generator.create(options);
  options.end();
  return { name: text, notes: [], taskCount: made.taskCount, open: (seed) => made.open(seed) };
}

/** A workload of independent tasks, by its parts. */
export function taskStream(options: StreamOptions, name = "stream"): Workload {
  return { name, notes: [], taskCount: options.tasks, open: (seed) => new TaskStream(options, seed) };
}

/** Sessions of agents; what is left out is as recorded. */
export function agentSessions(options: Pick<SessionOptions, "rate"> & Partial<SessionOptions>, name = "sessions"): Workload {
  const all: SessionOptions = { ...RECORDED_SESSIONS, ...options };
  return { name, notes: [], taskCount: all.sessions === undefined ? all.tasks : undefined, open: (seed) => new SessionSource(all, seed) };
}

/** `arrivals` reads the options of the process and gives what makes it anew for every run. */
function stream(summary: string, arrivals: (options: GeneratorOptions, rate: number) => () => Arrivals, otherwise: Distribution = exponential(1)): Generator {
  return {
    summary,
    create(options) {
      const service = options.distribution("service") ?? otherwise;
      const made = arrivals(options, rateOf(options, service.mean));
      const tasks = options.count("tasks", DEFAULT_TASKS);
      const due = options.distribution("due");
      const all: StreamOptions = {
        arrivals: made,
        service,
        tasks,
        types: options.count("types", 1),
        tenants: options.count("tenants", 0, 0),
        limitKeys: options.count("limit-keys", 0, 0),
        ...(options.has("priorities") && { priorities: options.count("priorities", 1) }),
        ...(due !== undefined && { due }),
        ...(options.has("estimate-error") && { estimateError: options.number("estimate-error", 0, { least: 0 }) }),
      };
      return { taskCount: tasks, open: (seed) => new TaskStream(all, seed) };
    },
  };
}

/** Arrivals a second: as given, or such that so many slots are busy on average (`load`). */
function rateOf(options: GeneratorOptions, meanServiceS: number): number {
  if (options.has("rate") && options.has("load")) options.refuse("rate and load say the same thing: give one of them");
  return options.has("load") ? options.number("load", 1) / meanServiceS : options.number("rate", 1);
}

function burstyArrivals(options: GeneratorOptions, rate: number): () => Arrivals {
  const burst = options.number("burst", 5, { least: 1 });
  const share = options.number("share", 0.1, { most: 0.999 });
  const lengthS = options.number("length", 60);
  if (burst * share > 1) options.refuse(`burst × share is at most 1 (all arrivals lie in bursts then), got ${burst} × ${share}`);
  const quiet = { rate: (rate * (1 - burst * share)) / (1 - share), meanS: (lengthS * (1 - share)) / share };
  return () => modulated({ rate: rate * burst, meanS: lengthS }, quiet);
}

function createSessions(options: GeneratorOptions): ReturnType<Generator["create"]> {
  const calls = options.distribution("calls") ?? RECORDED_SESSIONS.calls;
  const service = options.distribution("service") ?? RECORDED_SESSIONS.service;
  const all: SessionOptions = {
    // Calls are rounded up: half a call more on average.
    rate: rateOf(options, service.mean * (calls.scv === 0 ? Math.ceil(calls.mean) : calls.mean + 0.5)),
    calls,
    service,
    toolThink: options.distribution("think") ?? RECORDED_SESSIONS.toolThink,
    userThink: options.distribution("user-think") ?? RECORDED_SESSIONS.userThink,
    userShare: options.number("user-share", RECORDED_SESSIONS.userShare, { least: 0, most: 1 }),
    ...(options.has("sessions") ? { sessions: options.count("sessions", 1) } : { tasks: options.count("tasks", DEFAULT_TASKS) }),
  };
  return { taskCount: all.sessions === undefined ? all.tasks : undefined, open: (seed) => new SessionSource(all, seed) };
}
