/**
 * Preemption with checkpoints, on the whole engine and a virtual clock: handlers that save after each step are preempted at random, and
 * every step that is done a second time is counted.
 */
import { Random } from "../../src/sim/random.ts";
import { openForTest, VirtualClock } from "../../src/testing/index.ts";
import { STEP_MS, steppedTask } from "../../test/support/stepped-task.ts";
import { BoundGauge, type BoundResult } from "./bound-gauge.ts";

const POLICIES = ["edf:preempt", "srpt:aging=off:margin=0", "round-robin:slice=15ms", "las:slice=15ms"];

/** `cases` of the result are the preemptions. */
export async function stepBound(runs: number, seed: number): Promise<BoundResult> {
  const gauge = new BoundGauge("preempted with checkpoints: steps done twice", "steps");
  for (let run = seed; run < seed + runs; run++) await seeSteps(gauge, run);
  return gauge.result(runs);
}

async function seeSteps(gauge: BoundGauge, run: number): Promise<void> {
  const random = new Random(run);
  const policy = POLICIES[random.below(POLICIES.length)]!;
  const jobs = Array.from({ length: 2 + random.below(7) }, () => ({ gapMs: random.below(61), steps: 1 + random.below(12), dueMs: 10 + random.below(1_991) }));
  const done = jobs.map((): number[] => []);
  const clock = new VirtualClock();
  const stepped = steppedTask(clock, jobs.map(({ steps }) => steps), done);
  await using kit = await openForTest({ clock, tasks: [stepped], slots: 1 + random.below(2) });
  await kit.app.setPolicy("default", policy);
  const handles = [];
  for (const [job, { gapMs, steps, dueMs }] of jobs.entries()) {
    await kit.advance(gapMs);
    handles.push(await kit.app.submit(stepped, job, { dueAt: clock.now() + dueMs, estimateMs: steps * STEP_MS }));
  }
  await kit.runUntilIdle();
  for (const [job, handle] of handles.entries()) {
    const info = await kit.app.get(handle);
    const once = new Set(done[job]).size;
    if (info?.state !== "succeeded" || once !== jobs[job]!.steps) throw new Error(`Seed ${run}: job ${job} is ${info?.state} with ${once} of ${jobs[job]!.steps} steps`);
    // Each attempt after the first follows a preemption.
    for (let attempt = 1; attempt < info.attempts; attempt++) gauge.see(run, done[job]!.length - once, 0);
  }
}
