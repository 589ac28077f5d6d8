/**
 * Limits on random work: the most that was in use of one at any instant, counted from the starts and ends of attempts by the formulas of
 * docs/limits.md, in whole millionths of a unit. Every run has a limit of each kind, tasks that use several at once, and attempts
 * that use less than they reserved.
 */
import type { LimitRule } from "../../src/core/limits/rule.ts";
import { Random } from "../../src/sim/random.ts";
import { Scene, task, usesOf } from "../../test/support/core-scene.ts";
import { BoundGauge, type BoundResult } from "./bound-gauge.ts";

type Amounts = Readonly<Record<string, number>>;

interface Job {
  readonly releaseAt: number;
  readonly serviceMs: number;
  readonly reserved: Amounts;
  readonly used: Amounts;
}

interface Attempt {
  readonly job: Job;
  readonly startedAt: number;
  readonly endedAt: number;
}

const KINDS: Readonly<Record<string, string>> = {
  slots: "slots: in use at once",
  window: "window: in any stretch of its length",
  late: "window, counts: end: in any stretch",
  budget: "budget: in a period",
};
const POLICIES = ["fcfs", "sjf", "priority", "srpt:margin=0", "edf"];
const MICROS = 1_000_000;

export function limitBounds(runs: number, seed: number): readonly BoundResult[] {
  const gauges = Object.entries(KINDS).map(([limit, name]) => [limit, new BoundGauge(name, "units")] as const);
  for (let run = seed; run < seed + runs; run++) {
    const random = new Random(run);
    const rules = rulesOf(random);
    const jobs = jobsOf(random, rules);
    const attempts = play(POLICIES[random.below(POLICIES.length)]!, rules, jobs);
    if (attempts.length !== jobs.length) throw new Error(`Seed ${run}: ${jobs.length - attempts.length} of ${jobs.length} tasks never ran`);
    for (const [limit, gauge] of gauges) {
      const rule = rules[limit]!;
      // What counts grows only when an attempt starts.
      for (const { startedAt } of attempts) gauge.see(run, countedAt(startedAt, limit, rule, attempts) / MICROS, rule.units);
    }
  }
  return gauges.map(([, gauge]) => gauge.result(runs));
}

function rulesOf(random: Random): Readonly<Record<string, LimitRule>> {
  const units = (): number => (10 + random.below(90)) / 10;
  const perMs = (): number => 50 + random.below(350);
  return {
    slots: { kind: "slots", units: units() },
    window: { kind: "window", units: units(), perMs: perMs() },
    late: { kind: "window", units: units(), perMs: perMs(), counts: "end" },
    budget: { kind: "budget", units: units(), perMs: perMs() },
  };
}

/** 40 tasks, more than the limits let through; each uses up to three of them, in tenths of a unit, which often fill a limit exactly, or in thousandths. */
function jobsOf(random: Random, rules: Readonly<Record<string, LimitRule>>): readonly Job[] {
  const parts = random.below(2) === 0 ? 10 : 1_000;
  let releaseAt = 0;
  return Array.from({ length: 40 }, () => {
    const limits = Object.keys(rules).filter(() => random.below(2) === 0).slice(0, 3);
    const reserved = Object.fromEntries(limits.map((limit) => {
      const mostParts = Math.round(rules[limit]!.units * parts);
      return [limit, (1 + random.below(random.below(4) === 0 ? mostParts : Math.ceil(mostParts / 3))) / parts] as const;
    }));
    const used = Object.fromEntries(Object.entries(reserved).filter(() => random.below(2) === 0).map(([limit, amount]) => [limit, random.below(Math.round(amount * parts) + 1) / parts] as const));
    return { releaseAt: (releaseAt += random.below(20)), serviceMs: 1 + random.below(80), reserved, used: { ...reserved, ...used } };
  });
}

/** All attempts that ended, on an agent with a slot for each. */
function play(policy: string, rules: Readonly<Record<string, LimitRule>>, jobs: readonly Job[]): readonly Attempt[] {
  const scene = new Scene();
  scene.act({ kind: "policy", queue: "default", policy });
  for (const [name, rule] of Object.entries(rules)) scene.limit(name, rule);
  scene.agent(jobs.length);
  const begin = scene.now;
  const running = new Map<number, { readonly job: Job; readonly startedAt: number }>();
  const ended: Attempt[] = [];
  const byId = new Map<number, Job>();
  const note = (): void => scene.started.forEach((id) => running.set(id, { job: byId.get(id)!, startedAt: scene.now }));
  let next = 0;
  for (;;) {
    const endAt = Math.min(Infinity, ...[...running.values()].map(({ job, startedAt }) => startedAt + job.serviceMs));
    const releaseAt = next < jobs.length ? begin + jobs[next]!.releaseAt : Infinity;
    const at = Math.min(endAt, releaseAt, scene.turn.wakeAt ?? Infinity);
    if (at === Infinity) return ended;
    scene.now = at;
    if (at === releaseAt) {
      const job = jobs[next++]!;
      // Its id is known before it can start: ids count up.
      byId.set(next, job);
      scene.submit(task({ estimateMs: job.serviceMs, dueAt: at + 500, priority: 1 + (next % 4), uses: usesOf(job.reserved) }));
      note();
    } else if (at === endAt) {
      const [id, { job, startedAt }] = [...running].find(([, one]) => one.startedAt + one.job.serviceMs === at)!;
      running.delete(id);
      ended.push({ job, startedAt, endedAt: at });
      scene.succeedUsing(id, job.used);
      note();
    } else {
      scene.act();
      note();
    }
  }
}

/** In micros; attempts run from their start until before their end. */
function countedAt(now: number, limit: string, rule: LimitRule, attempts: readonly Attempt[]): number {
  let micros = 0;
  for (const { job, startedAt, endedAt } of attempts) {
    if (startedAt > now) continue;
    const amount = endedAt > now ? job.reserved[limit] : stillCounts(now, rule, startedAt, endedAt) ? job.used[limit] : 0;
    micros += Math.round((amount ?? 0) * MICROS);
  }
  return micros;
}

/** Whether what an ended attempt used counts at an instant. */
function stillCounts(now: number, rule: LimitRule, startedAt: number, endedAt: number): boolean {
  if (rule.kind === "slots") return false;
  if (rule.kind === "budget") return Math.floor(endedAt / rule.perMs) === Math.floor(now / rule.perMs);
  return (rule.counts === "end" ? endedAt : startedAt) > now - rule.perMs;
}
