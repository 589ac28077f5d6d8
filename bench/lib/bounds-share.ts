/**
 * Fair share on random weights, with any policy inside the tenants: how far a tenant is from its share of what has been started, in
 * tasks where all are equal, in longest tasks where they are not; as long as all tenants have work.
 */
import { Random } from "../../src/sim/random.ts";
import { task } from "../../test/support/core-scene.ts";
import { playPolicy } from "../../test/support/policy-run.ts";
import { BoundGauge, type BoundResult } from "./bound-gauge.ts";

const INNER = ["fcfs", "sjf:aging=off", "priority:aging=off", "wspt:aging=off", "edf", "least-slack", "critical-path", "srpt:aging=off:preempt=off"];

export function shareBounds(runs: number, seed: number): readonly BoundResult[] {
  const equal = new BoundGauge("fair share, equal tasks: from the ideal", "tasks");
  const unequal = new BoundGauge("fair share, unequal tasks: from the ideal", "longest tasks");
  for (let run = seed; run < seed + runs; run++) {
    const random = new Random(run);
    seeShares(equal, run, random, () => 10);
    seeShares(unequal, run, random, () => 1 + random.below(40));
  }
  return [equal.result(runs), unequal.result(runs)];
}

function seeShares(gauge: BoundGauge, run: number, random: Random, sizeOf: () => number): void {
  const weights = Array.from({ length: 2 + random.below(7) }, () => 1 + random.below(9));
  const left = weights.map((weight) => 6 + 2 * weight);
  const jobs = weights.flatMap((_, tenant) => Array.from({ length: left[tenant]! }, () => ({ tenant, sizeMs: sizeOf() })));
  const tasks = jobs.map(({ tenant, sizeMs }) => ({
    releaseAt: 0,
    sizeMs,
    task: task({ tenant: `t${tenant}`, estimateMs: sizeMs, dueAt: 10_000 + random.below(1_000), priority: 1 + random.below(4), weight: 1 + random.below(4) }),
  }));
  const policy = INNER[random.below(INNER.length)]!;
  const starts = playPolicy(policy, 1, tasks, Object.fromEntries(weights.map((weight, tenant) => [`t${tenant}`, weight])));
  const longestMs = Math.max(...jobs.map(({ sizeMs }) => sizeMs));
  const totalWeight = weights.reduce((sum, weight) => sum + weight, 0);
  const servedMs = weights.map(() => 0);
  let sumMs = 0;
  for (const { place } of starts) {
    const { tenant, sizeMs } = jobs[place]!;
    sumMs += sizeMs;
    servedMs[tenant]! += sizeMs;
    left[tenant]! -= 1;
    if (left[tenant] === 0) return;
    servedMs.forEach((ms, one) => gauge.see(run, Math.abs(ms - (sumMs * weights[one]!) / totalWeight) / longestMs, 1));
  }
}
