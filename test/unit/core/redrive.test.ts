// Finished tasks that run again: from memory or from the store's rows, with what was skipped because of them.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Scene, codeOf, task } from "../../support/core-scene.ts";

const count = (scene: Scene, ...ids: readonly number[]) => {
  const reply = scene.redrive(...ids);
  return reply.kind === "count" ? reply.count : -1;
};

function failed(part: Parameters<typeof task>[0] = {}): { readonly scene: Scene; readonly id: number } {
  const scene = new Scene();
  scene.agent();
  const [id] = scene.submit(task({ retry: { limit: 1 }, ...part })) as [number];
  scene.fail(id);
  scene.fail(id, { retryable: false });
  return { scene, id };
}

describe("redrive", () => {
  test("runs a forgotten task again: failures count anew, attempts go on", () => {
    const { scene, id } = failed();
    assert.equal(scene.scheduler.task(id), undefined);
    assert.equal(count(scene, id), 1);
    assert.deepEqual([scene.state(id), scene.row(id).attempt, scene.row(id).failures], ["running", 3, 0]);
    assert.equal(codeOf(scene.succeed(id, "1", 2)), "stale_attempt");
    scene.succeed(id, `"now"`);
    assert.deepEqual([scene.state(id), scene.row(id).result, scene.row(id).reason], ["succeeded", `"now"`, null]);
  });

  test("leaves successes, live tasks and unknown ones alone", () => {
    const scene = new Scene();
    scene.agent();
    const [good, live] = scene.submit(task(), task()) as [number, number];
    scene.succeed(good);
    assert.equal(count(scene, good, live, 99), 0);
    assert.deepEqual([scene.turn.changes, [...scene.scheduler.tasks()].length], [[], 1]);
  });

  test("reopens a finished flow, revives what was skipped, and lets the rest be", () => {
    const scene = new Scene();
    scene.agent();
    const ids = scene.flow(task(), task(), task({ needs: [1] }), task({ needs: [2, 0] }), task({ needs: [0] }));
    const [good, bad, skipped, behind, done] = ids as [number, number, number, number, number];
    scene.succeed(good);
    scene.succeed(done);
    scene.fail(bad);
    const flowId = scene.row(bad).flowId!;
    assert.notEqual(scene.mirror.flows.get(flowId)?.finishedAt, null);
    assert.equal(count(scene, bad), 3);
    assert.equal(scene.mirror.flows.get(flowId)?.finishedAt, null);
    assert.deepEqual(scene.states(ids), ["succeeded", "running", "blocked", "blocked", "succeeded"]);
    scene.succeed(bad);
    scene.succeed(skipped);
    assert.deepEqual(scene.started, [behind]);
    scene.succeed(behind);
    assert.deepEqual([scene.mirror.flows.get(flowId)?.finishedAt, [...scene.scheduler.tasks()]], [scene.now, []]);
  });

  test("of a skipped task alone: what it needs has still failed, so it is skipped again, and nothing stays in memory", () => {
    const scene = new Scene();
    scene.agent();
    const [bad, skipped] = scene.flow(task(), task({ needs: [0] })) as [number, number];
    scene.fail(bad);
    assert.equal(count(scene, skipped), 1);
    assert.deepEqual([scene.states([bad, skipped]), [...scene.scheduler.tasks()]], [["failed", "skipped"], []]);
  });

  test("in a flow that is still open", () => {
    const scene = new Scene();
    scene.agent();
    const [bad, skipped, open] = scene.flow(task(), task({ needs: [0] }), task()) as [number, number, number];
    scene.fail(bad);
    assert.equal(count(scene, bad), 2);
    assert.deepEqual(scene.states([bad, skipped, open]), ["running", "blocked", "running"]);
  });

  test("a dependent that goes on all the same and still waits for others waits for the redriven one too", () => {
    const scene = new Scene();
    scene.agent();
    const [bad, other, last] = scene.flow(task(), task(), task({ needs: [0, 1], onDependencyFailure: "continue" })) as [number, number, number];
    scene.fail(bad);
    assert.equal(count(scene, bad), 1);
    scene.succeed(bad);
    assert.equal(scene.state(last), "blocked");
    scene.succeed(other);
    assert.deepEqual(scene.started, [last]);
  });

  test("a task of another flow that was skipped and is forgotten is not called up from the dead", () => {
    const scene = new Scene();
    scene.agent();
    const [bad, open] = scene.flow(task(), task()) as [number, number];
    const [elsewhere] = scene.flow(task({ needsTasks: [bad] })) as [number];
    scene.fail(bad);
    assert.equal(scene.scheduler.task(elsewhere), undefined);
    assert.equal(count(scene, bad), 1);
    assert.deepEqual(scene.states([bad, open, elsewhere]), ["running", "running", "skipped"]);
    assert.equal(count(scene, elsewhere), 1, "by its own row it comes back");
    assert.equal(scene.state(elsewhere), "blocked");
    scene.succeed(bad);
    assert.deepEqual(scene.started, [elsewhere]);
  });

  test("two flows that hang together, one forgotten and one open, come back joined", () => {
    const scene = new Scene();
    scene.agent();
    const [bad] = scene.flow(task()) as [number];
    const [skipped, open] = scene.flow(task({ needsTasks: [bad] }), task()) as [number, number];
    scene.fail(bad);
    assert.deepEqual([scene.state(skipped), scene.scheduler.task(bad)], ["skipped", undefined]);
    assert.equal(count(scene, skipped, bad), 2);
    assert.deepEqual(scene.states([bad, skipped, open]), ["running", "blocked", "running"]);
    scene.succeed(bad);
    assert.deepEqual(scene.started, [skipped]);
  });

  test("a need that another redriven task brings down in the same event is told once", () => {
    const scene = new Scene();
    scene.agent();
    const [bad] = scene.submit(task()) as [number];
    const [fails, broughtDown] = scene.flow(task({ needsTasks: [bad], onDependencyFailure: "fail" }), task()) as [number, number];
    scene.fail(bad);
    assert.deepEqual(scene.states([fails, broughtDown]), ["skipped", "cancelled"]);
    assert.equal(count(scene, broughtDown), 1);
    const [open, last] = scene.flow(task(), task({ needs: [0], needsTasks: [broughtDown], onDependencyFailure: "continue", deadlineAt: 1_100 })) as [number, number];
    scene.pass(100);
    assert.equal(scene.state(last), "expired");
    // What the first one needs has still failed, so it fails its flow again, and with it a task that the other one needs.
    assert.equal(count(scene, last, fails), 2);
    assert.deepEqual(scene.states([fails, broughtDown, open, last]), ["skipped", "cancelled", "running", "blocked"]);
    scene.succeed(open);
    assert.deepEqual(scene.started, [last]);
  });

  test("lifts a deadline that has passed and keeps one to come", () => {
    for (const [deadlineAt, kept] of [[1_500, false], [9_000, true]] as const) {
      const scene = new Scene();
      scene.agent();
      const [id] = scene.submit(task({ deadlineAt })) as [number];
      scene.fail(id);
      scene.now = 2_000;
      assert.equal(count(scene, id), 1);
      assert.equal(scene.state(id), "running");
      scene.now = 9_000;
      scene.act();
      assert.equal(scene.state(id), kept ? "expired" : "running");
    }
  });

  test("takes its limit key and its idempotency key again", () => {
    const { scene, id } = failed({ limitKey: "k", key: "unique" });
    assert.deepEqual(scene.scheduler.limits(), []);
    assert.equal(count(scene, id), 1);
    assert.equal(scene.used("key:k"), 1);
    assert.deepEqual(scene.submit(task({ key: "unique" })), [id]);
  });

  test("with rows that are out of date is refused, and nothing changes", () => {
    const scene = new Scene();
    scene.agent();
    const ids = scene.flow(task(), task());
    scene.fail(ids[0]!);
    const past = scene.mirror.past([ids[0]!]);
    scene.fail(ids[1]!);
    assert.equal(codeOf(scene.act({ kind: "redrive", ids: [ids[0]!], ...past }).replies[0]), "key_moved");
    assert.deepEqual([scene.turn.changes, [...scene.scheduler.tasks()]], [[], []]);
  });

  test("a chain of 10,000 that was skipped is revived in one turn", () => {
    const scene = new Scene();
    scene.agent(1);
    const ids = scene.flow(...Array.from({ length: 10_000 }, (_, index) => task({ needs: index === 0 ? [] : [index - 1] })));
    scene.fail(ids[0]!);
    assert.equal(count(scene, ids[0]!), 10_000);
    assert.deepEqual([scene.state(ids[0]!), scene.scheduler.counts.blocked], ["running", 9_999]);
  });
});
