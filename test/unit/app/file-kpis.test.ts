// The critical path of a file: parents and children on it, and repeats that are none.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileKpis } from "../../../src/app/inspect/file-kpis.ts";
import type { TaskRow } from "../../../src/store/rows.ts";
import { insertOf, specOf } from "../../support/store-rows.ts";

/** A task that ran from one instant to another. */
function ran(id: number, startedAt: number, finishedAt: number, given: Partial<TaskRow> = {}): TaskRow {
  return { ...insertOf(id, { state: "succeeded", attempt: 1, assignedAt: startedAt, startedAt, finishedAt }), spec: specOf(1), hasCheckpoint: false, hasInput: true, ...given };
}

const kpisOf = (rows: readonly TaskRow[]): ReturnType<typeof fileKpis> => fileKpis({ pages: [rows], agents: new Map(), attempts: () => [] });

test("a child comes after what its parent needed, and before its parent if that waited for it", () => {
  const first = ran(1, 100, 200);
  const waits = ran(2, 500, 510, { needs: [1] });
  const outlived = ran(4, 300, 900, { parentId: 2 });
  const last = ran(5, 510, 560, { needs: [2] });
  assert.deepEqual(kpisOf([first, waits, ran(3, 210, 500, { parentId: 2 }), outlived, last]).criticalPath, [1, 4]);
  assert.deepEqual(kpisOf([first, waits, ran(3, 210, 500, { parentId: 2 }), last]).criticalPath, [1, 3, 2, 5]);
});

test("a child that needs what needs its parent makes no circle", () => {
  const rows = [ran(1, 100, 200), ran(2, 200, 200, { needs: [1] }), ran(3, 200, 200, { needs: [2], parentId: 1 })];
  assert.deepEqual(kpisOf(rows).summary.critical_path_ms, 100);
});

test("the failure with which a task ends is not repeated, whether or not it paused before", () => {
  const retriesOf = (given: Partial<TaskRow>): number => kpisOf([ran(1, 100, 200, given)]).summary.retries;
  assert.equal(retriesOf({ state: "failed", attempt: 3, failures: 3 }), 2);
  assert.equal(retriesOf({ state: "failed", attempt: 2, failures: 1 }), 0);
  assert.equal(retriesOf({ state: "succeeded", attempt: 2, failures: 1 }), 1);
  assert.equal(retriesOf({ state: "succeeded", attempt: 2 }), 0);
});
