// Numbers for people: the unit that fits, and never a number that says more than was measured.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatBytes, formatCost, formatCount, formatDuration, formatMany, formatRate, formatShare, threeDigits,
} from "../../src/monitor/format.ts";

const cases: readonly (readonly [found: string, expected: string])[] = [
  [formatDuration(null), "–"],
  [formatDuration(0), "0 ms"],
  [formatDuration(0.42), "0.42 ms"],
  [formatDuration(12.34), "12.3 ms"],
  [formatDuration(999.4), "999 ms"],
  [formatDuration(999.6), "1 s"],
  [formatDuration(1234), "1.23 s"],
  [formatDuration(59_900), "59.9 s"],
  [formatDuration(59_960), "1 min"],
  [formatDuration(245_000), "4 min 05 s"],
  [formatDuration(3_599_900), "1 h"],
  [formatDuration(7_800_000), "2 h 10 min"],
  [formatDuration(86_400_000 * 3 + 3_600_000 * 4), "3 d 04 h"],
  [formatCount(1_234_567), "1,234,567"],
  [formatCount(999), "999"],
  [formatMany(1, "task"), "1 task"],
  [formatMany(2, "reply", "replies"), "2 replies"],
  [formatShare(null), "–"],
  [formatShare(0), "0 %"],
  [formatShare(0.0004), "< 0.1 %"],
  [formatShare(0.004), "0.4 %"],
  [formatShare(0.824), "82 %"],
  [formatShare(0.9999), "99.9 %"],
  [formatShare(1), "100 %"],
  [formatBytes(512), "512 B"],
  [formatBytes(1536), "1.5 KiB"],
  [formatBytes(40_055_603), "38.2 MiB"],
  [formatBytes(null), "–"],
  [formatRate(1250), "1,250/s"],
  [formatRate(0.02), "1.2/min"],
  [formatRate(null), "–"],
  [formatCost(1234.5), "1,234.50"],
  [formatCost(0.00042), "0.00042"],
  [formatCost(null), "–"],
  [threeDigits(0), "0"],
  [threeDigits(0.0001), "< 0.001"],
  [threeDigits(9.999), "10"],
  [threeDigits(100), "100"],
];

for (const [found, expected] of cases) {
  test(`writes ${expected}`, () => assert.equal(found, expected));
}
