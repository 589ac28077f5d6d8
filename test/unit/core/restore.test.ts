// The engine dies at any turn and comes back with what the rows say: each kind of waiting goes on, what ran runs again.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Scene, codeOf, task } from "../../support/core-scene.ts";

describe("after a restart", () => {
  test("what ran is queued again as lost, its old token is stale, and ids go on", () => {
    const scene = new Scene();
    scene.agent();
    const [id] = scene.submit(task()) as [number];
    scene.restart();
    assert.deepEqual([scene.state(id), scene.row(id).losses, scene.turn.changes.length], ["queued", 1, 1]);
    scene.agent();
    assert.deepEqual([scene.started, scene.row(id).attempt], [[id], 2]);
    assert.equal(codeOf(scene.succeed(id, "1", 1)), "stale_attempt");
    const [next] = scene.submit(task()) as [number];
    assert.equal(next, id + 1);
  });

  test("too many restarts while it ran fail a task, and its dependents hear of it", () => {
    const scene = new Scene();
    const ids = scene.flow(task({ retry: { lossLimit: 0 } }), task({ needs: [0] }));
    scene.agent();
    scene.restart();
    assert.deepEqual([scene.states(ids), [...scene.scheduler.tasks()]], [["failed", "skipped"], []]);
  });

  test("what waited waits on: scheduled, blocked, parked, queued, each with its order, keys and limits", () => {
    const scene = new Scene();
    scene.agent(1, ["work"]);
    const [first, second, third] = scene.flow(task(), task({ needs: [0] }), task({ type: "none", key: "k", limitKey: "l" })) as [number, number, number];
    const [later] = scene.submit(task({ releaseAt: 2_000, priority: 1 })) as [number];
    scene.park(first, "answer");
    const before = scene.states([first, second, third, later]);
    assert.deepEqual(before, ["parked", "blocked", "queued", "scheduled"]);
    scene.restart();
    assert.deepEqual(scene.states([first, second, third, later]), before);
    assert.deepEqual([scene.turn.changes, scene.turn.wakeAt], [[], 2_000]);
    assert.deepEqual(scene.submit(task({ key: "k" })), [third]);
    assert.deepEqual(scene.scheduler.limits().map(({ name, used, units }) => ({ name, used, units })), [{ name: "key:l", used: 0, units: 1 }]);
    scene.agent(1, ["work"]);
    scene.act({ kind: "answer", id: first, answer: "1" });
    assert.deepEqual(scene.started, [first]);
    scene.succeed(first);
    assert.deepEqual(scene.started, [second]);
    scene.pass(1_000);
    scene.succeed(second);
    assert.deepEqual(scene.started, [later]);
  });

  test("a parent still waits for its children, and one whose last child failed by the restart is woken", () => {
    const scene = new Scene();
    scene.agent();
    const [parent] = scene.submit(task()) as [number];
    const [child] = scene.children(parent, task({ retry: { lossLimit: 0 } })) as [number];
    scene.park(parent, "children");
    scene.restart();
    assert.deepEqual(scene.states([parent, child]), ["queued", "failed"]);
  });

  test("deadlines that passed meanwhile end their tasks first thing", () => {
    const scene = new Scene();
    const ids = scene.submit(task({ deadlineAt: 1_500 }), task({ deadlineAt: 5_000 }));
    scene.now = 2_000;
    scene.restart();
    assert.deepEqual(scene.states(ids), ["expired", "queued"]);
    scene.now = 5_000;
    scene.act();
    assert.deepEqual(scene.states(ids), ["expired", "expired"]);
  });

  test("finished tasks of an open flow still count for those that need them", () => {
    const scene = new Scene();
    scene.agent();
    const [bad, good, open, both] = scene.flow(task(), task(), task(), task({ needs: [0, 1, 2], onDependencyFailure: "continue" })) as [number, number, number, number];
    scene.fail(bad);
    scene.succeed(good);
    scene.restart();
    scene.agent();
    assert.deepEqual(scene.states([bad, good, open, both]), ["failed", "succeeded", "running", "blocked"]);
    assert.deepEqual(scene.states(scene.submit(task({ needsTasks: [bad] }))), ["skipped"]);
    scene.succeed(open);
    assert.deepEqual(scene.started, [both]);
  });

  test("at every turn of a life it comes to the same end", () => {
    // Turn by turn the same script, with the death before turn n; every task must end as it does without one.
    const script = (deathAt: number) => {
      const scene = new Scene();
      const agents: number[] = [scene.agent(2)];
      const ids = scene.flow(task(), task({ needs: [0] }), task({ needs: [0], retry: { limit: 1, delayMs: 20 } }), task({ needs: [1, 2] }), task({ limitKey: "k" }), task({ limitKey: "k" }));
      let failures = 0;
      for (let step = 0; step < 40; step++) {
        if (step === deathAt) {
          scene.restart();
          agents.push(scene.agent(2));
        }
        const running = ids.find((id) => scene.state(id) === "running");
        if (running === undefined) scene.pass(10);
        else if (running === ids[2] && failures++ === 0) scene.fail(running);
        else scene.succeed(running);
      }
      return scene.states(ids);
    };
    for (let deathAt = 0; deathAt < 20; deathAt++) assert.deepEqual(script(deathAt), new Array<string>(6).fill("succeeded"), `death before turn ${deathAt}`);
  });
});
