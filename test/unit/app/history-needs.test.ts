// Groups of a recorded workload, taken apart.
import assert from "node:assert/strict";
import { test } from "node:test";
import { HistoryNeeds } from "../../../src/app/simulate/history-needs.ts";
import type { TaskRow } from "../../../src/store/rows.ts";
import { insertOf, specOf } from "../../support/store-rows.ts";

const row = (id: number, given: Partial<TaskRow> = {}): TaskRow => ({ ...insertOf(id), spec: specOf(1), hasCheckpoint: false, hasInput: true, ...given });

test("who needs a group needs its members, and those what the group needs, through groups of any depth", () => {
  const list = row(1);
  const group = row(2, { needs: [1] });
  const next = row(3, { needs: [2, 1] });
  const members = [row(5, { parentId: 2 }), row(6, { parentId: 2 })];
  const nextMember = row(7, { parentId: 3 });
  const end = row(4, { needs: [3] });
  const needs = new HistoryNeeds([list, end, ...members, nextMember], [group, next]);
  assert.deepEqual(members.map((member) => needs.of(member)), [["t1"], ["t1"]]);
  assert.deepEqual(needs.of(nextMember), ["t5", "t6", "t1"]);
  assert.deepEqual(needs.of(end), ["t7"]);
  assert.equal(needs.groupOf(nextMember), next);
});

test("a group without members stands for what it needs; what is not in the workload is left out", () => {
  const end = row(3, { needs: [2, 9] });
  assert.deepEqual(new HistoryNeeds([row(1), end], [row(2, { needs: [1] })]).of(end), ["t1"]);
  const child = row(4, { parentId: 1, needs: [1] });
  assert.deepEqual(new HistoryNeeds([row(1), child], []).of(child), ["t1"]);
});
