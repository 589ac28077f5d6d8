/**
 * Aging on random work: who goes before a task that came earlier, and how much later it came, against what docs/policies.md allows;
 * and on one agent how much longer a task waits than first come, first served would let it, against the work that comes
 * within that time after it.
 */
import { Random } from "../../src/sim/random.ts";
import { task } from "../../test/support/core-scene.ts";
import { playPolicy } from "../../test/support/policy-run.ts";
import { BoundGauge, type BoundResult } from "./bound-gauge.ts";

interface Job {
  readonly releaseAt: number;
  readonly sizeMs: number;
  readonly priority: number;
  readonly weight: number;
  readonly session: string;
}

interface AgedPolicy {
  readonly policy: string;
  /** Up to how long after its release a task may be overtaken by another one, in ms. */
  readonly boundMs: (overtaken: Job, other: Job) => number;
}

const PATIENCE_MS = 120;
const FACTOR = 5;
const PRIORITY_MS = 40;
const AGING = `aging=${FACTOR}:patience=${PATIENCE_MS}ms`;
const bySize = ({ sizeMs }: Job): number => Math.min(FACTOR * sizeMs, PATIENCE_MS);
const byWeight = ({ sizeMs, weight }: Job): number => Math.min((FACTOR * sizeMs) / weight, PATIENCE_MS);
const byPriority = (overtaken: Job, other: Job): number => (overtaken.priority - other.priority) * PRIORITY_MS;

const POLICIES: readonly AgedPolicy[] = [
  { policy: `sjf:${AGING}`, boundMs: bySize },
  { policy: `sjf:${AGING}:preempt`, boundMs: bySize },
  { policy: `srpt:${AGING}:margin=0`, boundMs: bySize },
  { policy: `wspt:${AGING}`, boundMs: byWeight },
  { policy: `priority:aging=${PRIORITY_MS}ms`, boundMs: byPriority },
  { policy: `priority:aging=${PRIORITY_MS}ms:preempt`, boundMs: byPriority },
  // What its session will have been served is not known beforehand; its patience bounds it.
  { policy: `las:${AGING}:slice=15ms`, boundMs: () => PATIENCE_MS },
];

export function agingBounds(runs: number, seed: number): readonly BoundResult[] {
  return POLICIES.flatMap((aged) => {
    const overtaking = new BoundGauge(`${shortName(aged.policy)}: overtaken by a later one`, "ms");
    const waiting = new BoundGauge(`${shortName(aged.policy)}: wait beyond FCFS`, "ms");
    for (let run = seed; run < seed + runs; run++) {
      const random = new Random(run);
      seeOvertaking(overtaking, aged, run, jobsOf(random), 1 + random.below(3));
      seeWaiting(waiting, aged, run, jobsOf(random));
    }
    return [overtaking.result(runs), waiting.result(runs)];
  });
}

function shortName(policy: string): string {
  const [name = ""] = policy.split(":");
  return policy.endsWith(":preempt") ? `${name}:preempt` : name;
}

function seeOvertaking(gauge: BoundGauge, { policy, boundMs }: AgedPolicy, run: number, jobs: readonly Job[], agents: number): void {
  for (const { place, waiting } of playJobs(policy, agents, jobs)) {
    for (const other of waiting) {
      if (other >= place) continue;
      const [overtaken, starter] = [jobs[other]!, jobs[place]!];
      const bound = boundMs(overtaken, starter);
      const laterMs = starter.releaseAt - overtaken.releaseAt;
      // Of two that came in the same instant the first may be overtaken, but not by its equal or by one that ranks after it.
      gauge.see(run, bound <= 0 ? 1 + laterMs : laterMs, Math.max(0, bound));
    }
  }
}

function seeWaiting(gauge: BoundGauge, { policy, boundMs }: AgedPolicy, run: number, jobs: readonly Job[]): void {
  const fcfsMs = fcfsWaits(jobs);
  const seen = new Set<number>();
  for (const { place, at } of playJobs(policy, 1, jobs)) {
    // Until its first start; after it a task waits for what preempts it.
    if (seen.has(place)) continue;
    seen.add(place);
    const own = jobs[place]!;
    const coming = jobs.slice(place + 1).filter((other) => other.releaseAt <= own.releaseAt + boundMs(own, other));
    const comingMs = coming.reduce((sum, { sizeMs }) => sum + sizeMs, 0);
    gauge.see(run, at - own.releaseAt - fcfsMs[place]!, comingMs);
  }
}

function playJobs(policy: string, agents: number, jobs: readonly Job[]): ReturnType<typeof playPolicy> {
  return playPolicy(policy, agents, jobs.map(({ releaseAt, sizeMs, priority, weight, session }) => ({
    releaseAt,
    sizeMs,
    task: task({ estimateMs: sizeMs, priority, weight, session, preemptible: true }),
  })));
}

/** 10 to 50 tasks, from a light load to more than an agent can do; six sessions. */
function jobsOf(random: Random): readonly Job[] {
  const gapMs = 5 + random.below(40);
  let releaseAt = 0;
  return Array.from({ length: 10 + random.below(41) }, () => ({
    releaseAt: (releaseAt += random.below(gapMs)),
    sizeMs: 1 + random.below(60),
    priority: 1 + random.below(4),
    weight: 1 + random.below(4),
    session: `session ${random.below(6)}`,
  }));
}

/** On one agent: the work that is left of what came before (Lindley 1952), which no order changes while the agent never idles. */
function fcfsWaits(jobs: readonly Job[]): readonly number[] {
  const waits: number[] = [];
  jobs.forEach(({ releaseAt }, place) => {
    const before = jobs[place - 1];
    waits.push(before === undefined ? 0 : Math.max(0, waits[place - 1]! + before.sizeMs - (releaseAt - before.releaseAt)));
  });
  return waits;
}
