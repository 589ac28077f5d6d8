// Lanes of a trace: no two attempts overlap in one, and no more lanes are used than attempts ran at once.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { assignLanes, type LaneAttempt } from "../../../src/cli/export/lanes.ts";

const attempts = fc
  .array(fc.record({ agentId: fc.integer({ min: 1, max: 3 }), from: fc.integer({ min: 0, max: 50 }), lasts: fc.integer({ min: 0, max: 20 }) }), { maxLength: 60 })
  .map((list) => list.map(({ agentId, from, lasts }, index): LaneAttempt => ({ taskId: index + 1, attempt: 1, agentId, from, to: from + lasts })));

test("lanes hold what they promise", () => {
  fc.assert(
    fc.property(attempts, (list) => {
      const lanes = assignLanes(list);
      const placed = list.map((each) => ({ ...each, lane: lanes.laneOf(each.taskId, each.attempt) ?? 0 }));
      for (const a of placed) {
        assert.ok(a.lane >= 1);
        for (const b of placed) {
          const isSame = a.taskId === b.taskId || a.agentId !== b.agentId || a.lane !== b.lane;
          assert.ok(isSame || a.to <= b.from || b.to <= a.from);
        }
        const atOnce = placed.filter((b) => b.agentId === a.agentId && (b.taskId === a.taskId || (b.from <= a.from && a.from < b.to))).length;
        assert.ok(a.lane <= Math.max(1, atOnce));
      }
    }),
  );
});

test("an attempt that was not given has no lane, and does not disturb the others", () => {
  const lanes = assignLanes([
    { taskId: 2, attempt: 1, agentId: 1, from: 5, to: 9 },
    { taskId: 4, attempt: 2, agentId: 1, from: 6, to: 9 },
  ]);
  assert.deepEqual([lanes.laneOf(1, 1), lanes.laneOf(2, 1), lanes.laneOf(3, 1), lanes.laneOf(4, 1), lanes.laneOf(4, 2), lanes.laneOf(9, 1)], [undefined, 1, undefined, undefined, 2, undefined]);
});
