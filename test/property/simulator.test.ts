// The simulator on random workloads, fleets and policies: every task ends, no bound of theory is beaten, the books balance, and the
// same run makes the same decisions.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { simulate, type SimulateOptions, type TaskEntry } from "../../src/sim/index.ts";

const POLICIES = ["fcfs", "sjf", "srpt", "priority", "round-robin:slice=50ms", "edf:preempt=on", "least-slack", "critical-path", "las", "wspt"] as const;
const BALANCERS = ["round-robin", "least-connections", "power-of-two"] as const;

const tasks: fc.Arbitrary<readonly TaskEntry[]> = fc
  .array(
    fc.record({
      arrivalMs: fc.integer({ min: 0, max: 2_000 }),
      serviceMs: fc.integer({ min: 0, max: 1_000 }),
      type: fc.constantFrom("a", "b"),
      tenant: fc.constantFrom("x", "y", undefined),
      session: fc.constantFrom("s", "t", undefined),
      priority: fc.constantFrom(1, 3),
      dueMs: fc.option(fc.integer({ min: 0, max: 5_000 }), { nil: undefined }),
      limitKey: fc.constantFrom("k", undefined, undefined),
      needs: fc.array(fc.nat(1_000), { maxLength: 2 }),
      thinkMs: fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined, freq: 5 }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  // Needs point back, so that there is no circle.
  .map((drafts) => drafts.map((draft, index): TaskEntry => ({ ...draft, id: String(index), needs: [...new Set(draft.needs.map((need) => (index === 0 ? undefined : String(need % index))).filter((id) => id !== undefined))] })));

const options: fc.Arbitrary<SimulateOptions> = fc.record({
  workload: tasks,
  agents: fc.array(fc.record({ count: fc.integer({ min: 1, max: 2 }), slots: fc.integer({ min: 1, max: 2 }), speed: fc.constantFrom(1, 2) }), { minLength: 1, maxLength: 2 }),
  policy: fc.constantFrom(...POLICIES),
  balancer: fc.constantFrom(...BALANCERS),
  estimates: fc.constantFrom("exact", "given", "learned"),
  seed: fc.nat(1_000),
});

test("every task completes once, the books balance, and no schedule beats its bounds", () => {
  fc.assert(
    fc.property(options, (given) => {
      const entries = given.workload as readonly TaskEntry[];
      const agents = given.agents as readonly { readonly count: number; readonly slots: number; readonly speed: number }[];
      const result = simulate(given);
      assert.equal(result.completed, entries.length);
      assert.equal(result.starts, result.completed + result.preemptions);
      for (const groups of [result.by_class, result.by_agent]) assert.equal(groups.reduce((sum, { completed }) => sum + completed, 0), result.completed);
      const workMs = entries.reduce((sum, { serviceMs }) => sum + serviceMs, 0);
      const speed = agents.reduce((sum, { count, slots, speed }) => sum + count * slots * speed, 0);
      assert.ok(result.makespan_ms >= workMs / speed - 1e-6);
      const busyMs = result.by_agent.reduce((sum, agent) => sum + agent.busy_ms, 0);
      assert.ok(Math.abs(busyMs - (result.service_ms.mean ?? 0) * result.completed) < 1e-6 * (1 + busyMs));
      // Little's law, exactly: both sides are the area under the tasks in the system, but for those that wait for others.
      if (entries.every(({ needs, thinkMs }) => needs?.length === 0 && thinkMs === undefined)) {
        assert.ok(Math.abs((result.in_system_mean ?? 0) * (result.makespan_ms + Math.min(...entries.map(({ arrivalMs }) => arrivalMs))) - (result.sojourn_ms.mean ?? 0) * result.completed) < 1e-3 * (1 + workMs));
      }
    }),
    { numRuns: 300 },
  );
});

test("the same options make the same decisions", () => {
  fc.assert(
    fc.property(options, (given) => {
      assert.equal(simulate(given).decisions_hash, simulate(given).decisions_hash);
    }),
    { numRuns: 50 },
  );
});
