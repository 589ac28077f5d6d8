// Cancelling: one task, a flow or a filter, in every state; running attempts are fenced off at once and keep their slot until they end.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Selection } from "../../../src/core/event.ts";
import { STOP_GRACE_MS, Scene, codeOf, task } from "../../support/core-scene.ts";

function cancel(scene: Scene, select: Selection): number {
  const reply = scene.act({ kind: "cancel", select, reason: "user" }).replies[0]!;
  return reply.kind === "count" ? reply.count : -1;
}

/** One task in each live state, all of one flow, then one outside. */
function inEveryState(): { readonly scene: Scene; readonly ids: readonly number[] } {
  const scene = new Scene();
  scene.agent(2, ["work"]);
  const ids = scene.flow(
    task({ type: "work" }),
    task({ type: "work" }),
    task({ type: "nobody", queue: "other" }),
    task({ releaseAt: 9_000 }),
    task({ needs: [2] }),
  );
  scene.park(ids[1]!, "answer");
  const outside = scene.submit(task({ type: "nobody" }));
  assert.deepEqual(scene.states([...ids, ...outside]), ["running", "parked", "queued", "scheduled", "blocked", "queued"]);
  return { scene, ids: [...ids, ...outside] };
}

describe("cancel", () => {
  for (const [index, state] of ["running", "parked", "queued", "scheduled", "blocked"].entries()) {
    test(`one task that is ${state}`, () => {
      const { scene, ids } = inEveryState();
      const id = ids[index]!;
      assert.equal(cancel(scene, { ids: [id] }), 1);
      assert.deepEqual([scene.state(id), scene.row(id).reason], ["cancelled", "user"]);
      assert.equal(cancel(scene, { ids: [id] }), 0, "a final task stays as it is");
      assert.deepEqual(scene.turn.changes, []);
      scene.pass(100_000);
      assert.equal(scene.state(id), "cancelled");
    });
  }

  test("a flow, and nothing outside it", () => {
    const { scene, ids } = inEveryState();
    assert.equal(cancel(scene, { flowId: scene.row(ids[0]!).flowId! }), 5);
    assert.deepEqual(scene.states(ids), ["cancelled", "cancelled", "cancelled", "cancelled", "cancelled", "queued"]);
  });

  test("by type, queue and state, all of which must match", () => {
    const { scene, ids } = inEveryState();
    assert.equal(cancel(scene, { types: ["nobody"], queue: "nowhere" }), 0);
    assert.equal(cancel(scene, { states: ["parked", "scheduled"] }), 2);
    assert.equal(cancel(scene, { types: ["nobody"], queue: "default" }), 1);
    assert.deepEqual(scene.states(ids), ["running", "cancelled", "queued", "cancelled", "blocked", "cancelled"]);
    assert.equal(cancel(scene, { ids, states: ["running", "succeeded"] }), 1);
    assert.equal(cancel(scene, {}), 2, "everything that lives");
    assert.deepEqual(scene.states(ids).filter((state) => state !== "cancelled"), []);
  });

  test("by tenant and by session", () => {
    const scene = new Scene();
    const ids = scene.submit(task({ tenant: "acme", session: "chat" }), task({ tenant: "acme" }), task({ session: "chat" }), task({}));
    assert.equal(cancel(scene, { tenant: "acme", session: "other" }), 0);
    assert.equal(cancel(scene, { tenant: "acme", session: "chat" }), 1);
    assert.equal(cancel(scene, { tenant: "acme" }), 1);
    assert.equal(cancel(scene, { session: "chat" }), 1);
    assert.deepEqual(scene.states(ids), ["cancelled", "cancelled", "cancelled", "queued"]);
  });

  test("names a task twice and one that is not there without harm", () => {
    const { scene, ids } = inEveryState();
    assert.equal(cancel(scene, { ids: [ids[0]!, ids[0]!, 99] }), 1);
  });

  test("dependents are skipped, and not counted", () => {
    const { scene, ids } = inEveryState();
    assert.equal(cancel(scene, { ids: [ids[2]!] }), 1);
    assert.deepEqual([scene.state(ids[4]!), scene.row(ids[4]!).reason], ["skipped", "dependency_cancelled"]);
  });
});

describe("a cancelled attempt", () => {
  test("is told to stop, holds its slot until it ends, and what it reports is refused", () => {
    const scene = new Scene();
    scene.agent(1);
    const [first, second] = scene.submit(task(), task()) as [number, number];
    cancel(scene, { ids: [first] });
    assert.deepEqual([scene.stopped, scene.state(second)], [[`${first}#1 cancelled`], "queued"]);
    assert.equal(codeOf(scene.succeed(first, `"late"`)), "stale_attempt");
    assert.deepEqual([scene.started, scene.state(first), scene.row(first).result], [[second], "cancelled", undefined]);
  });

  test("that never ends loses its slot after the grace time", () => {
    const scene = new Scene();
    scene.agent(1);
    const [first, second] = scene.submit(task(), task()) as [number, number];
    cancel(scene, { ids: [first] });
    scene.pass(STOP_GRACE_MS);
    assert.deepEqual(scene.started, [second]);
  });

  test("whose agent leaves is over", () => {
    const scene = new Scene();
    const agent = scene.agent(1);
    const [first] = scene.submit(task()) as [number];
    cancel(scene, { ids: [first] });
    scene.act({ kind: "agent-leave", id: agent, drain: false });
    assert.deepEqual([scene.scheduler.attemptsUnderWay, scene.turn.wakeAt, scene.state(first), scene.row(first).losses], [0, undefined, "cancelled", 0]);
  });
});
