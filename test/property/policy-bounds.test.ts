// What is promised of policies, on random work: who may overtake whom under aging, how long one waits at most, that fair share holds with
// any policy inside, and that a handler which saves checkpoints does no step twice, however often it is preempted.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { openForTest, VirtualClock } from "../../src/testing/index.ts";
import { task } from "../support/core-scene.ts";
import { STEP_MS, steppedTask } from "../support/stepped-task.ts";
import { playPolicy, type Released } from "../support/policy-run.ts";

const upTo = (most: number): fc.Arbitrary<number> => fc.integer({ min: 1, max: most });
const work = fc
  .array(fc.record({ gap: fc.integer({ min: 0, max: 30 }), sizeMs: upTo(60), priority: fc.integer({ min: 1, max: 4 }), weight: upTo(4) }), { minLength: 2, maxLength: 40, size: "max" })
  .map((tasks) => {
    let releaseAt = 0;
    return tasks.map(({ gap, sizeMs, priority, weight }) => ({ releaseAt: (releaseAt += gap), sizeMs, priority, weight }));
  });
type Work = readonly { readonly releaseAt: number; readonly sizeMs: number; readonly priority: number; readonly weight: number }[];

const released = (tasks: Work): readonly Released[] =>
  tasks.map(({ releaseAt, sizeMs, priority, weight }) => ({ releaseAt, sizeMs, task: task({ estimateMs: sizeMs, priority, weight, preemptible: true }) }));

describe("aging", () => {
  const AGING = 5;
  const PATIENCE_MS = 120;
  const options = `aging=${AGING}:patience=${PATIENCE_MS}ms`;
  const aged = (sizeMs: number): number => Math.min(AGING * sizeMs, PATIENCE_MS);
  /** Up to how long after its release a task may be overtaken by another one. */
  const bounds: readonly (readonly [policy: string, boundMs: (late: Work[number], early: Work[number]) => number])[] = [
    [`sjf:${options}`, ({ sizeMs }) => aged(sizeMs)],
    [`sjf:${options}:preempt`, ({ sizeMs }) => aged(sizeMs)],
    [`srpt:${options}:preempt=off`, ({ sizeMs }) => aged(sizeMs)],
    [`srpt:${options}:margin=0`, ({ sizeMs }) => aged(sizeMs)],
    [`wspt:${options}`, ({ sizeMs, weight }) => aged(sizeMs / weight)],
    ["priority:aging=40ms", (overtaken, other) => (overtaken.priority - other.priority) * 40],
    ["priority:aging=40ms:preempt", (overtaken, other) => (overtaken.priority - other.priority) * 40],
  ];

  for (const [policy, boundMs] of bounds) {
    test(`${policy}: nobody is overtaken by one that came later than the bound`, () => {
      let overtakes = 0;
      fc.assert(
        fc.property(work, fc.integer({ min: 1, max: 3 }), (tasks, agents) => {
          for (const { place, at, waiting } of playPolicy(policy, agents, released(tasks))) {
            const starter = tasks[place]!;
            for (const other of waiting) {
              const overtaken = tasks[other]!;
              if (other >= place) continue;
              overtakes += 1;
              const bound = boundMs(overtaken, starter);
              assert.ok(starter.releaseAt - overtaken.releaseAt <= bound, `at ${at} task ${place} of ${starter.releaseAt} overtakes ${other} of ${overtaken.releaseAt}; the bound is ${bound}`);
            }
          }
        }),
        { numRuns: 120 },
      );
      assert.ok(overtakes > 100, `${overtakes} overtakings`);
    });
  }

  test("without aging the bound is broken: the test would see it", () => {
    const breaks = fc.check(
      fc.property(work, (tasks) =>
        playPolicy("sjf:aging=off", 1, released(tasks)).every(({ place, waiting }) => waiting.every((other) => other >= place || tasks[place]!.releaseAt - tasks[other]!.releaseAt <= aged(tasks[other]!.sizeMs))),
      ),
      { numRuns: 120 },
    );
    assert.equal(breaks.failed, true);
  });

  test("on one agent a task waits at most for the work that is there and that which comes within its bound", () => {
    fc.assert(
      fc.property(work, (tasks) => {
        for (const { place, at } of playPolicy(`sjf:${options}`, 1, released(tasks))) {
          const { releaseAt, sizeMs } = tasks[place]!;
          const until = releaseAt + aged(sizeMs);
          const coming = tasks.reduce((sum, other, index) => (index > place && other.releaseAt <= until ? sum + other.sizeMs : sum), 0);
          assert.ok(at - releaseAt <= workBefore(tasks, place) + coming, `task ${place} waits ${at - releaseAt}`);
        }
      }),
      { numRuns: 150 },
    );
  });

  /** Work that is in the system when a task comes, of those before it: on one agent that never idles, whatever the order (Lindley 1952). */
  function workBefore(tasks: Work, place: number): number {
    let left = 0;
    for (let index = 1; index <= place; index++) left = Math.max(0, left + tasks[index - 1]!.sizeMs - (tasks[index]!.releaseAt - tasks[index - 1]!.releaseAt));
    return left;
  }
});

describe("fair share with any policy inside", () => {
  const inner = ["fcfs", "sjf:aging=off", "priority:aging=off", "wspt:aging=off", "edf", "least-slack", "critical-path", "srpt:aging=off:preempt=off"];
  const tenants = fc.array(upTo(5), { minLength: 2, maxLength: 5 });
  const sizes = fc.array(upTo(40), { minLength: 30, maxLength: 30 });

  test("service by weight, to within the longest task, as long as all have work", () => {
    fc.assert(
      fc.property(tenants, sizes, fc.constantFrom(...inner), (weights, all, policy) => {
        const share = Object.fromEntries(weights.map((weight, tenant) => [`t${tenant}`, weight]));
        // Everybody has all of the work, each in another order.
        const tasks = weights.flatMap((_, tenant) => all.map((_size, index) => ({ tenant, sizeMs: all[(index * (tenant + 1)) % all.length]! })));
        const starts = playPolicy(policy, 1, tasks.map(({ tenant, sizeMs }): Released => ({ releaseAt: 0, sizeMs, task: task({ tenant: `t${tenant}`, estimateMs: sizeMs, dueAt: 10_000 + sizeMs * 7, priority: 1 + (sizeMs % 4), weight: 1 + (sizeMs % 3) }) })), share);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const longest = Math.max(...all);
        const served = weights.map(() => 0);
        const left = weights.map(() => all.length);
        let sum = 0;
        for (const { place } of starts) {
          const { tenant, sizeMs } = tasks[place]!;
          served[tenant]! += sizeMs;
          left[tenant]! -= 1;
          sum += sizeMs;
          if (left.some((count) => count === 0)) break;
          served.forEach((ms, one) => {
            const due = (sum * weights[one]!) / total;
            assert.ok(Math.abs(ms - due) <= longest, `${policy}: tenant ${one} of ${weights.join(", ")} had ${ms} of ${due} due; the longest task is ${longest}`);
          });
        }
      }),
      { numRuns: 120 },
    );
  });

  test("inside a tenant the order is that of the policy", () => {
    fc.assert(
      fc.property(tenants, sizes, (weights, all) => {
        const share = Object.fromEntries(weights.map((weight, tenant) => [`t${tenant}`, weight]));
        const tasks = all.map((sizeMs, index) => ({ tenant: index % weights.length, sizeMs }));
        const starts = playPolicy("sjf:aging=off", 1, tasks.map(({ tenant, sizeMs }): Released => ({ releaseAt: 0, sizeMs, task: task({ tenant: `t${tenant}`, estimateMs: sizeMs }) })), share);
        weights.forEach((_, tenant) => {
          const own = starts.flatMap(({ place }) => (tasks[place]!.tenant === tenant ? [tasks[place]!.sizeMs] : []));
          assert.deepEqual(own, [...own].sort((a, b) => a - b));
        });
      }),
      { numRuns: 60 },
    );
  });
});

test("a handler that saves checkpoints does each step once, however often it is preempted", { timeout: 120_000 }, async () => {
  const one = fc.record({ gapMs: fc.integer({ min: 0, max: 60 }), steps: fc.integer({ min: 1, max: 12 }), dueMs: fc.integer({ min: 10, max: 2_000 }) });
  let preemptions = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(one, { minLength: 2, maxLength: 8 }), fc.constantFrom("edf:preempt", "srpt:aging=off:margin=0", "round-robin:slice=15ms", "las:slice=15ms"), fc.integer({ min: 1, max: 2 }), async (jobs, policy, slots) => {
      const clock = new VirtualClock();
      const done = jobs.map((): number[] => []);
      const stepped = steppedTask(clock, jobs.map(({ steps }) => steps), done);
      await using kit = await openForTest({ clock, tasks: [stepped], slots });
      await kit.app.setPolicy("default", policy);
      const handles = [];
      for (const [job, { gapMs, steps, dueMs }] of jobs.entries()) {
        await kit.advance(gapMs);
        handles.push(await kit.app.submit(stepped, job, { dueAt: clock.now() + dueMs, estimateMs: steps * STEP_MS }));
      }
      await kit.runUntilIdle();
      for (const [job, handle] of handles.entries()) {
        const info = await kit.app.get(handle);
        assert.equal(info?.state, "succeeded");
        preemptions += info.attempts - 1;
        assert.deepEqual(done[job], Array.from({ length: jobs[job]!.steps }, (_, step) => step), `${policy}: the steps of job ${job}`);
      }
    }),
    { numRuns: 60 },
  );
  assert.ok(preemptions > 60, `${preemptions} preemptions in all`);
});
