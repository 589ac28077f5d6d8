// What happens because time passes: release times, time-outs with attempts that end late or never, and hard deadlines.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { STOP_GRACE_MS, Scene, codeOf, task } from "../../support/core-scene.ts";

describe("release times", () => {
  test("a task waits until its time, and the turn says when that is", () => {
    const scene = new Scene();
    scene.agent();
    const [id] = scene.submit(task({ releaseAt: 1_500 })) as [number];
    assert.deepEqual([scene.state(id), scene.turn.wakeAt], ["scheduled", 1_500]);
    scene.pass(499);
    assert.equal(scene.state(id), "scheduled");
    scene.pass(1);
    assert.deepEqual([scene.state(id), scene.row(id).readyAt], ["running", 1_500]);
  });

  test("one in the past does not hold it", () => {
    const scene = new Scene();
    scene.agent();
    assert.deepEqual(scene.states(scene.submit(task({ releaseAt: 10 }))), ["running"]);
  });

  test("with needs: first those, then the time", () => {
    const scene = new Scene();
    scene.agent();
    const [first, second] = scene.flow(task(), task({ needs: [0], releaseAt: 2_000 })) as [number, number];
    scene.succeed(first);
    assert.equal(scene.state(second), "scheduled");
    scene.pass(1_000);
    assert.equal(scene.state(second), "running");
  });

  test("the clock never goes back inside the scheduler", () => {
    const scene = new Scene();
    scene.agent();
    const [id] = scene.submit(task({ releaseAt: 1_500 })) as [number];
    scene.pass(600);
    scene.now = 1_200;
    const [other] = scene.submit(task({ releaseAt: 1_400 })) as [number];
    assert.deepEqual(scene.states([id, other]), ["running", "running"]);
    assert.equal(scene.row(other).createdAt, 1_600);
  });
});

describe("time-outs", () => {
  const timed = (retryLimit: number) => {
    const scene = new Scene();
    const agent = scene.agent(1);
    const [id] = scene.submit(task({ timeoutMs: 50, retry: { limit: retryLimit }, limitKey: "k" })) as [number];
    return { scene, agent, id };
  };

  test("fence the attempt off and tell it to stop; the retry waits for the slot and the unit that it still holds", () => {
    const { scene, id } = timed(1);
    scene.pass(49);
    assert.equal(scene.state(id), "running");
    scene.pass(1);
    assert.deepEqual([scene.state(id), scene.stopped, scene.used("key:k")], ["queued", [`${id}#1 timeout`], 1]);
    assert.equal(scene.turn.changes[0]?.ended?.[0]?.outcome, "timeout");
  });

  test("a late completion is refused, frees the slot, and the result of the retry stands", () => {
    const { scene, id } = timed(1);
    scene.pass(50);
    assert.equal(codeOf(scene.succeed(id, `"late"`, 1)), "stale_attempt");
    assert.deepEqual([scene.state(id), scene.row(id).attempt, scene.used("key:k")], ["running", 2, 1]);
    assert.equal(codeOf(scene.succeed(id, `"late again"`, 1)), "stale_attempt");
    assert.equal(scene.state(id), "running");
    scene.succeed(id, `"right"`);
    assert.deepEqual([scene.state(id), scene.row(id).result], ["succeeded", `"right"`]);
    assert.equal(codeOf(scene.act({ kind: "succeed", id, attempt: 1, result: `"very late"`, usage: scene.usage() }).replies[0]), "stale_attempt");
    assert.equal(scene.row(id).result, `"right"`);
  });

  test("a stray that never ends is given up after the grace time", () => {
    const { scene, id } = timed(1);
    scene.pass(50);
    assert.equal(scene.turn.wakeAt, scene.now + STOP_GRACE_MS);
    scene.pass(STOP_GRACE_MS - 1);
    assert.deepEqual([scene.state(id), scene.scheduler.attemptsUnderWay], ["queued", 1]);
    scene.pass(1);
    assert.deepEqual([scene.state(id), scene.row(id).attempt, scene.scheduler.attemptsUnderWay], ["running", 2, 1]);
  });

  test("fail the task when no retry is left, with the reason", () => {
    const { scene, id } = timed(0);
    scene.pass(50);
    assert.deepEqual([scene.state(id), scene.row(id).reason], ["failed", "timeout"]);
    assert.match(scene.row(id).error ?? "", /longer than 50 ms/);
    assert.deepEqual([scene.scheduler.attemptsUnderWay, scene.used("key:k")], [1, 1], "what really runs is counted still");
    scene.pass(STOP_GRACE_MS);
    assert.deepEqual([scene.scheduler.attemptsUnderWay, scene.used("key:k")], [0, undefined]);
  });
});

describe("hard deadlines", () => {
  const DEADLINE = 1_300;
  const expires = (make: (scene: Scene) => number, from: string) => {
    test(`end a task that is ${from}`, () => {
      const scene = new Scene();
      const id = make(scene);
      assert.equal(scene.state(id), from);
      scene.now = DEADLINE - 1;
      scene.act();
      assert.equal(scene.state(id), from);
      scene.pass(1);
      assert.deepEqual([scene.state(id), scene.row(id).reason], ["expired", "deadline"]);
      assert.equal(scene.scheduler.limits().length, from === "running" ? 1 : 0);
      scene.pass(1_000_000);
      assert.deepEqual([scene.state(id), [...scene.scheduler.tasks()].length, scene.turn.wakeAt], ["expired", 0, undefined]);
    });
  };
  const due = { deadlineAt: DEADLINE, limitKey: "k" };

  expires((scene) => scene.submit(task({ ...due, releaseAt: 9_000 }))[0]!, "scheduled");
  expires((scene) => scene.submit(task(due))[0]!, "queued");
  expires((scene) => {
    scene.agent();
    return scene.submit(task(due))[0]!;
  }, "running");
  expires((scene) => {
    scene.agent();
    const [id] = scene.submit(task(due)) as [number];
    scene.park(id, "answer");
    return id;
  }, "parked");
  expires((scene) => {
    const [, id] = scene.flow(task({ deadlineAt: 1_300 }), task({ ...due, needs: [0], onDependencyFailure: "continue" })) as [number, number];
    return id;
  }, "blocked");

  test("tell a running attempt to stop, and its dependents what became of it", () => {
    const scene = new Scene();
    scene.agent();
    const ids = scene.flow(task({ deadlineAt: DEADLINE }), task({ needs: [0] }));
    scene.pass(300);
    assert.deepEqual([scene.states(ids), scene.stopped], [["expired", "skipped"], [`${ids[0]}#1 expired`]]);
    assert.equal(scene.row(ids[1]!).reason, "dependency_expired");
  });

  test("in the past end a task at once: it never starts", () => {
    const scene = new Scene();
    scene.agent();
    const ids = scene.submit(task({ deadlineAt: 1_000 }), task({ deadlineAt: 10 }));
    assert.deepEqual([scene.states(ids), scene.turn.commands], [["expired", "expired"], []]);
  });

  test("do not touch a task that made it", () => {
    const scene = new Scene();
    scene.agent();
    const [id] = scene.submit(task({ deadlineAt: DEADLINE })) as [number];
    scene.succeed(id);
    assert.equal(scene.turn.wakeAt, undefined);
    scene.pass(1_000);
    assert.equal(scene.state(id), "succeeded");
  });
});
