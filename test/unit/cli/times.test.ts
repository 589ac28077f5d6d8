// Instants in words.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clockTime, relativeTime } from "../../../src/cli/times.ts";

const NOW = new Date(2030, 0, 31, 12, 0, 0).getTime();

test("how long ago, in one unit", () => {
  const ago = (ms: number): string => relativeTime(NOW - ms, NOW);
  assert.deepEqual([0, 999, 1_000, 59_999, 60_000, 3_599_999, 3_600_000, 86_399_999, 86_400_000 * 3].map(ago), [
    "now", "now", "1 s ago", "59 s ago", "1 min ago", "59 min ago", "1 h ago", "23 h ago", "3 d ago",
  ]);
  assert.equal(relativeTime(NOW + 90_000, NOW), "in 1 min");
});

test("the day is named where it is not today", () => {
  assert.equal(clockTime(NOW - 3_661_000, NOW), "10:58:59");
  assert.equal(clockTime(NOW - 86_400_000, NOW), "2030-01-30 12:00:00");
});
