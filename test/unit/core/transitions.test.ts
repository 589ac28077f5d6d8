// The transition table: what it allows happens and is counted, and every other pair of states is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TASK_STATES, isFinal, type TaskState } from "../../../src/core/task.ts";
import { codeOf, FIRST_FINAL } from "../../../src/core/state-counts.ts";
import { TaskRecord } from "../../../src/core/task-record.ts";
import { TRANSITIONS, moveTask } from "../../../src/core/transitions.ts";
import { World } from "../../../src/core/world.ts";
import { spec } from "../../support/core-scene.ts";

function worldWith(state: TaskState): { readonly world: World; readonly task: TaskRecord } {
  const world = new World({ seed: 1, stopGraceMs: 1, lastTaskId: 0, lastFlowId: 0 });
  const task = new TaskRecord(1, spec(), state, 0, 0);
  if (!isFinal(state)) world.counts.add(codeOf(state), 1);
  return { world, task };
}

for (const from of TASK_STATES) {
  test(`from ${from}`, () => {
    for (const to of TASK_STATES) {
      const { world, task } = worldWith(from);
      if (!TRANSITIONS[from].includes(to)) {
        assert.throws(() => moveTask(world, task, to), /may not go/, `${from} → ${to}`);
        assert.equal(task.state, from);
        continue;
      }
      moveTask(world, task, to);
      assert.equal(task.state, to);
      const turn = world.turn.take(undefined, [], []);
      assert.deepEqual(turn.changes.map((change) => [change.task, change.state]), [[task, to]]);
      for (const state of TASK_STATES) assert.equal(world.counts.toRecord()[state], state === to && !isFinal(to) ? 1 : 0, `count of ${state} after ${from} → ${to}`);
    }
  });
}

test("every live state can be cancelled and can expire; a final one only runs again from the start, and a success never", () => {
  for (const state of TASK_STATES) {
    if (isFinal(state)) assert.deepEqual(TRANSITIONS[state], state === "succeeded" ? [] : ["blocked"]);
    else assert.ok(TRANSITIONS[state].includes("cancelled") && TRANSITIONS[state].includes("expired"));
  }
});

test("the code of a state is its place in the list of states, and only live ones come before the first final one", () => {
  for (const [place, state] of TASK_STATES.entries()) {
    assert.equal(codeOf(state), place);
    assert.equal(place >= FIRST_FINAL, isFinal(state), state);
  }
});

test("counts are told by name, and together", () => {
  const { world } = worldWith("queued");
  world.counts.add(codeOf("running"), 2);
  assert.deepEqual([world.counts.queued, world.counts.total, world.counts.toRecord().running, world.counts.toRecord().parked], [1, 3, 2, 0]);
});
