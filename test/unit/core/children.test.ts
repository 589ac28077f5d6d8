// Children that a running task adds, and parking: for children or for an answer from outside, before or after they are there.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Scene, codeOf, task } from "../../support/core-scene.ts";

function withParent(slots = 10): { readonly scene: Scene; readonly parent: number } {
  const scene = new Scene();
  scene.agent(slots);
  const [parent] = scene.submit(task()) as [number];
  return { scene, parent };
}

const startOf = (scene: Scene) => scene.turn.commands.find((command) => command.kind === "start");

describe("children", () => {
  test("join the flow of their parent, which gets one if it had none", () => {
    const { scene, parent } = withParent();
    assert.equal(scene.row(parent).flowId, null);
    const [child] = scene.children(parent, task()) as [number];
    assert.notEqual(scene.row(parent).flowId, null);
    assert.equal(scene.row(child).flowId, scene.row(parent).flowId);
    assert.equal(scene.row(child).parentId, parent);
  });

  test("can only be added by the attempt that runs", () => {
    const { scene, parent } = withParent();
    const submit = (attempt: number) => codeOf(scene.act({ kind: "submit", tasks: [task()], by: { id: parent, attempt } }).replies[0]);
    assert.equal(submit(2), "stale_attempt");
    scene.succeed(parent);
    assert.equal(submit(1), "stale_attempt");
  });

  test("go on when the parent succeeds or fails, and are cancelled with it when it is cancelled", () => {
    for (const [end, state] of [["succeed", "running"], ["fail", "running"], ["cancel", "cancelled"]] as const) {
      const { scene, parent } = withParent();
      const [child] = scene.children(parent, task()) as [number];
      const [grandchild] = scene.children(child, task()) as [number];
      if (end === "succeed") scene.succeed(parent);
      else if (end === "fail") scene.fail(parent);
      else scene.act({ kind: "cancel", select: { ids: [parent] }, reason: "user" });
      assert.deepEqual(scene.states([child, grandchild]), [state, state], end);
    }
  });
});

describe("parking for children", () => {
  test("wakes the parent when the last child is final, however it ended", () => {
    const { scene, parent } = withParent();
    const [one, two] = scene.children(parent, task(), task()) as [number, number];
    scene.park(parent, "children", `"half"`);
    assert.deepEqual([scene.state(parent), scene.row(parent).checkpoint], ["parked", `"half"`]);
    scene.succeed(one);
    assert.equal(scene.state(parent), "parked");
    scene.fail(two);
    assert.deepEqual(scene.started, [parent]);
    const start = startOf(scene);
    assert.deepEqual(start?.kind === "start" && [start.attempt, start.wake], [2, "children"]);
  });

  test("wakes it at once when there are none, or all are final already", () => {
    const { scene, parent } = withParent();
    scene.park(parent, "children");
    assert.deepEqual(scene.started, [parent]);
    const [child] = scene.children(parent, task()) as [number];
    scene.succeed(child);
    scene.park(parent, "children");
    assert.deepEqual(scene.started, [parent]);
    assert.equal(scene.row(parent).attempt, 3);
  });

  test("holds no slot and no unit of a limit meanwhile", () => {
    const scene = new Scene();
    const agent = scene.agent(1);
    scene.act({ kind: "type-limit", type: "work", limit: 1 });
    const [parent, waiting] = scene.submit(task({ limitKey: "k" }), task({ limitKey: "k" })) as [number, number];
    assert.deepEqual(scene.states([parent, waiting]), ["running", "queued"]);
    scene.children(parent, task());
    scene.park(parent, "children");
    assert.deepEqual(scene.started, [waiting]);
    assert.deepEqual([scene.used("key:k"), scene.used("type:work")], [1, 1]);
    assert.equal(scene.scheduler.agents().find(({ id }) => id === agent)?.attempts.size, 1);
  });

  test("an engine whose clock went back over a restart still wakes it", () => {
    const scene = new Scene();
    scene.agent();
    const [parent] = scene.submit(task({ releaseAt: 5_000 })) as [number];
    scene.pass(4_000);
    const [child] = scene.children(parent, task()) as [number];
    scene.park(parent, "children");
    scene.now = 2_000;
    scene.restart();
    scene.agent();
    scene.succeed(child);
    assert.deepEqual(scene.started, [parent]);
  });
});

describe("parking for an answer", () => {
  test("waits until the answer comes", () => {
    const { scene, parent } = withParent();
    scene.park(parent, "answer");
    assert.equal(scene.state(parent), "parked");
    assert.equal(codeOf(scene.act({ kind: "answer", id: parent, answer: `"yes"` }).replies[0]), "done");
    assert.deepEqual(scene.started, [parent]);
    assert.equal(scene.row(parent).answer, `"yes"`);
    const start = startOf(scene);
    assert.equal(start?.kind === "start" && start.wake, "answer");
  });

  test("does not wait when the answer came first, and waits again the next time", () => {
    const { scene, parent } = withParent();
    scene.act({ kind: "answer", id: parent, answer: `"yes"` });
    assert.equal(scene.row(parent).answered, true);
    scene.park(parent, "answer");
    assert.deepEqual(scene.started, [parent]);
    assert.equal(scene.row(parent).answered, false);
    scene.park(parent, "answer");
    assert.equal(scene.state(parent), "parked");
  });

  test("an early answer outlives a pause for children", () => {
    const { scene, parent } = withParent();
    const [child] = scene.children(parent, task()) as [number];
    scene.park(parent, "children");
    scene.act({ kind: "answer", id: parent, answer: `"early"` });
    assert.equal(scene.state(parent), "parked");
    scene.succeed(child);
    assert.deepEqual(scene.started, [parent]);
    scene.park(parent, "children");
    scene.park(parent, "answer");
    assert.deepEqual(scene.started, [parent], "the answer was there");
  });

  test("is refused for a task that is unknown or final", () => {
    const { scene, parent } = withParent();
    scene.children(parent, task());
    scene.succeed(parent);
    assert.equal(codeOf(scene.act({ kind: "answer", id: parent, answer: "1" }).replies[0]), "task_not_parked");
    assert.equal(codeOf(scene.act({ kind: "answer", id: 99, answer: "1" }).replies[0]), "task_not_found");
  });

  test("service before the pause is added up", () => {
    const { scene, parent } = withParent();
    const { attempt } = scene.row(parent);
    scene.now += 40;
    scene.act({ kind: "park", id: parent, attempt, until: "answer", usage: { ...scene.usage(), startedAt: scene.now - 30 } });
    assert.equal(scene.row(parent).servedMs, 30);
  });
});

describe("reports", () => {
  test("a task handed back queues again at no cost, with its checkpoint, and an earlier one stays if none comes", () => {
    const { scene, parent } = withParent();
    scene.act({ kind: "checkpoint", id: parent, attempt: 1, checkpoint: `"one"` });
    scene.release(parent);
    assert.deepEqual([scene.row(parent).checkpoint, scene.row(parent).hasCheckpoint, scene.row(parent).failures], [`"one"`, true, 0]);
    scene.release(parent, `"two"`);
    assert.deepEqual([scene.row(parent).checkpoint, scene.row(parent).attempt, scene.row(parent).losses], [`"two"`, 3, 0]);
  });

  test("with another token than that of the running attempt are refused and change nothing", () => {
    const { scene, parent } = withParent();
    scene.release(parent);
    for (const attempt of [0, 1, 3]) {
      assert.equal(codeOf(scene.succeed(parent, `"late"`, attempt)), "stale_attempt");
      assert.equal(codeOf(scene.act({ kind: "checkpoint", id: parent, attempt, checkpoint: "1" }).replies[0]), "stale_attempt");
      assert.deepEqual(scene.turn.changes, []);
    }
    assert.equal(codeOf(scene.succeed(parent, `"right"`)), "done");
    assert.equal(codeOf(scene.act({ kind: "succeed", id: parent, attempt: 2, result: "1", usage: scene.usage() }).replies[0]), "stale_attempt");
    assert.equal(scene.row(parent).result, `"right"`);
  });
});
