// Settings of a store as rows: what was kept comes back as the core took it, also when all queues and single ones were paused in turn.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Settings, type SettingEvent } from "../../src/engine/settings.ts";
import { Scheduler } from "../../src/core/scheduler.ts";
import { agentOf as agentRow } from "../support/store-rows.ts";
import type { SettingRow } from "../../src/store/rows.ts";

const QUEUES = ["a", "!b", "run:c"];

function rowsAfter(events: readonly SettingEvent[]): SettingRow[] {
  const rows = new Map<string, SettingRow>();
  const settings = new Settings([]);
  for (const event of events) for (const row of settings.keep(event)) rows.set(row.name, row);
  return [...rows.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Which queues a core starts tasks of after these events, a queue that no event has named included. */
function startedAfter(events: readonly SettingEvent[]): readonly string[] {
  const core = new Scheduler({ seed: 1, stopGraceMs: 0, lastTaskId: 0, lastFlowId: 0, lastAgentId: 0 });
  for (const event of events) core.turn(1, [event]);
  const retry = { limit: 0, backoff: "fixed", delayMs: 1, maxDelayMs: 1, jitter: 0, lossLimit: 1 } as const;
  const spec = (queue: string, id: number) => ({ id, type: "t", queue, priority: 3, retry, onDependencyFailure: "skip" as const });
  const { name, kind } = agentRow(1);
  const tasks = [...QUEUES, "new"].map((queue, index) => ({ spec: spec(queue, index + 1), input: "1" }));
  const { commands } = core.turn(2, [{ kind: "agent-join", agent: { name, kind, types: ["t"], slots: 10 } }, { kind: "submit", tasks }]);
  return commands.flatMap((command) => (command.kind === "start" ? [command.task.spec.queue] : [])).sort();
}

test("after a restart the same queues are paused", () => {
  const queue = fc.constantFrom(...QUEUES);
  const one: fc.Arbitrary<SettingEvent> = fc.record({ kind: fc.constantFrom("pause" as const, "resume" as const), queue: fc.option(queue, { nil: undefined }) }).map(({ kind, queue: name }) => ({ kind, ...(name !== undefined && { queue: name }) }));
  fc.assert(
    fc.property(fc.array(one, { maxLength: 8 }), (events) => {
      const restarted = new Settings(rowsAfter(events));
      assert.deepEqual(startedAfter(restarted.events()), startedAfter(events));
      assert.deepEqual(startedAfter([{ kind: "pause" }, ...restarted.pauses()]), startedAfter(events));
      assert.deepEqual([...QUEUES, "new"].filter((name) => !restarted.isPaused(name)).sort(), startedAfter(events));
    }),
    { numRuns: 300 },
  );
});

test("policies, shares and the balancer come back; what is not understood is passed over", () => {
  const events: SettingEvent[] = [
    { kind: "policy", queue: "run:c", policy: "fcfs" },
    { kind: "balancer", balancer: "least-connections" },
    { kind: "fair-share", queue: "a", weights: { acme: 2 } },
  ];
  const kept = new Settings([...rowsAfter(events), { name: "colour", value: '"red"' }, { name: "policy:x", value: "7" }]).events();
  assert.deepEqual(kept.filter(({ kind }) => kind !== "resume").sort((a, b) => (a.kind < b.kind ? -1 : 1)), [...events].sort((a, b) => (a.kind < b.kind ? -1 : 1)));
  const off = rowsAfter([...events, { kind: "fair-share", queue: "a", weights: null }]);
  assert.ok(!new Settings(off).events().some(({ kind }) => kind === "fair-share"));
});
