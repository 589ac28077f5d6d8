/**
 * Which faults a seed meets, and how often. Every seed draws its own mix, and leaves about half of the kinds out, so that rare
 * combinations come up and one loud fault does not drown the others (swarm testing; Groce et al., 2012).
 */
import type { Random } from "./random.ts";

/** Every kind of fault; each must be hit over a long enough run of seeds. */
export const FAULT_KINDS = [
  "engine-kill", // the process dies between two steps
  "engine-kill-at-commit", // it dies just after a commit took effect, before it hears of it
  "engine-kill-at-open", // it dies while it opens its store
  "engine-zombie", // it is paused, another one takes over, and it goes on
  "engine-stall", // its event loop is held up
  "engine-reopen", // closed in good order, and opened again
  "clock-forward",
  "clock-backward",
  "commit-slow",
  "commit-stall", // the disk hangs for seconds
  "commit-error", // the commit fails and has no effect
  "commit-ambiguous", // the commit takes effect and is said to have failed
  "commit-cut-off", // a commit on its way is lost with its process
  "commit-fenced", // the commit of a former owner is refused
  "read-error",
  "open-error",
  "report-lost",
  "report-late",
  "report-doubled",
  "report-contradicted", // an attempt says that it succeeded, and that it failed
  "report-stale", // a report of an attempt that the task has moved on from
  "attempt-hangs",
  "attempt-ignores-stop",
  "agent-crash", // the agent goes away with what it runs
  "agent-rejoin", // an agent of the same name joins while the engine believes the first one alive
  "agent-silent", // no heartbeat in time
  "agent-drain",
  "agent-stall",
  "agent-unkillable", // it goes on after it was closed
  "ack-lost", // the client does not hear that its submission was accepted, and repeats it
  "refused", // a call that must be refused
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** How often each kind was hit. */
export type FaultCounts = Record<FaultKind, number>;

export function noFaults(): FaultCounts {
  return Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as FaultCounts;
}

/** Probabilities are a call, a report or an attempt; counts are a run. */
export interface Swarm {
  /** Calls of the clients while faults last. */
  readonly calls: number;
  readonly faultPhaseMs: number;
  readonly storeLatencyMs: number;
  readonly serviceMs: number;
  readonly commitSlow: number;
  readonly commitStall: number;
  readonly commitError: number;
  readonly commitAmbiguous: number;
  readonly readError: number;
  readonly openError: number;
  readonly killAtCommit: number;
  readonly killAtOpen: number;
  readonly reportLost: number;
  readonly reportLate: number;
  readonly reportDoubled: number;
  readonly reportContradicted: number;
  readonly hang: number;
  readonly ignoreStop: number;
  readonly agentStall: number;
  readonly agentUnkillable: number;
  readonly ackLost: number;
  readonly failAttempt: number;
  readonly kills: number;
  readonly zombies: number;
  readonly stalls: number;
  readonly reopens: number;
  readonly clockForward: number;
  readonly clockBackward: number;
  readonly agentCrashes: number;
  readonly agentRejoins: number;
  readonly agentDrains: number;
  /** Some agents must be heard of, and never are. */
  readonly silentAgents: boolean;
  readonly turnsInFlight: number;
  readonly turnEvents: number;
  readonly requestEveryMs: number;
  readonly retainTasks: number;
  readonly stopGraceMs: number;
}

export function drawSwarm(random: Random): Swarm {
  const maybe = (most: number): number => (random.chance(0.5) ? 0 : random.next() * most);
  const count = (most: number, share = 0.4): number => (random.chance(share) ? random.between(1, most) : 0);
  return {
    calls: random.between(6, 40),
    faultPhaseMs: random.between(5, 90) * 1_000,
    storeLatencyMs: random.pick([1, 3, 10, 60]),
    serviceMs: random.pick([20, 200, 1_500]),
    commitSlow: maybe(0.2),
    commitStall: maybe(0.03),
    commitError: maybe(0.03),
    commitAmbiguous: maybe(0.03),
    readError: maybe(0.03),
    openError: maybe(0.3),
    killAtCommit: maybe(0.03),
    killAtOpen: maybe(0.2),
    reportLost: maybe(0.1),
    reportLate: maybe(0.2),
    reportDoubled: maybe(0.2),
    reportContradicted: maybe(0.1),
    hang: maybe(0.1),
    ignoreStop: maybe(0.6),
    agentStall: maybe(0.1),
    agentUnkillable: maybe(0.4),
    ackLost: maybe(0.4),
    failAttempt: maybe(0.5),
    kills: count(4),
    zombies: count(2, 0.25),
    stalls: count(3, 0.25),
    reopens: count(3, 0.25),
    clockForward: count(2, 0.2),
    clockBackward: count(2, 0.2),
    agentCrashes: count(4),
    agentRejoins: count(2, 0.25),
    agentDrains: count(2, 0.25),
    silentAgents: random.chance(0.15),
    turnsInFlight: random.pick([1, 2, 3, 3, 4]),
    turnEvents: random.pick([1, 3, 1_000, 1_000]),
    requestEveryMs: random.chance(0.3) ? 2_000 : Infinity,
    retainTasks: random.chance(0.1) ? random.between(0, 10) : Infinity,
    stopGraceMs: random.pick([500, 5_000, 30_000]),
  };
}
