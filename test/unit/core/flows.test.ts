// Tasks that need others: order, what becomes of dependents when one fails, long chains, and submissions that are refused.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { NewTask } from "../../../src/core/event.ts";
import type { DependencyFailure } from "../../../src/core/task.ts";
import { Scene, codeOf, task } from "../../support/core-scene.ts";

const CHAIN = 10_000;

function chain(mode: DependencyFailure): { readonly scene: Scene; readonly ids: readonly number[] } {
  const scene = new Scene();
  scene.agent(1);
  const ids = scene.flow(...Array.from({ length: CHAIN }, (_, index) => task({ onDependencyFailure: mode, needs: index === 0 ? [] : [index - 1] })));
  return { scene, ids };
}

describe("a flow", () => {
  test("starts a task when everything it needs has succeeded, and names the needs in the order given", () => {
    const scene = new Scene();
    scene.agent();
    const [first, second, last] = scene.flow(task(), task(), task({ needs: [1, 0] })) as [number, number, number];
    assert.deepEqual(scene.started, [first, second]);
    assert.equal(scene.state(last), "blocked");
    assert.deepEqual(scene.row(last).needs, [second, first]);
    scene.succeed(first, `"one"`);
    assert.equal(scene.state(last), "blocked");
    scene.succeed(second, `"two"`);
    assert.deepEqual(scene.started, [last]);
    assert.deepEqual([first, second].map((id) => scene.row(id).result), [`"one"`, `"two"`]);
  });

  test("stays in memory until its last task is final, then all of it is forgotten", () => {
    const scene = new Scene();
    scene.agent();
    const [first, last] = scene.flow(task(), task({ needs: [0] })) as [number, number];
    const flowId = scene.row(first).flowId!;
    scene.succeed(first);
    assert.equal(scene.scheduler.task(first)?.state, "succeeded");
    assert.equal(scene.scheduler.liveTask(first), undefined);
    assert.equal(scene.mirror.flows.get(flowId)?.finishedAt, null);
    scene.now += 5;
    scene.succeed(last);
    assert.equal(scene.mirror.flows.get(flowId)?.finishedAt, scene.now);
    assert.deepEqual([...scene.scheduler.tasks()], []);
  });

  test("tells a dependent once of a need that it names twice", () => {
    const scene = new Scene();
    scene.agent();
    const [first, other, last] = scene.flow(task(), task(), task({ needs: [0, 0, 1] })) as [number, number, number];
    scene.succeed(first);
    assert.equal(scene.state(last), "blocked");
    scene.succeed(other);
    assert.deepEqual(scene.started, [last]);
  });
});

describe("when a task that others need does not succeed", () => {
  test("skip: its dependents are skipped and theirs in turn; the rest goes on", () => {
    const scene = new Scene();
    scene.agent();
    const ids = scene.flow(task(), task({ needs: [0] }), task({ needs: [1] }), task());
    scene.fail(ids[0]!);
    assert.deepEqual(scene.states(ids), ["failed", "skipped", "skipped", "running"]);
    assert.deepEqual([scene.row(ids[1]!).reason, scene.row(ids[2]!).reason], ["dependency_failed", "dependency_skipped"]);
  });

  test("continue: the dependent runs all the same, once all are final", () => {
    const scene = new Scene();
    scene.agent();
    const ids = scene.flow(task(), task(), task({ needs: [0, 1], onDependencyFailure: "continue" }));
    scene.fail(ids[0]!);
    assert.equal(scene.state(ids[2]!), "blocked");
    scene.succeed(ids[1]!);
    assert.deepEqual(scene.started, [ids[2]]);
  });

  test("fail: every unfinished task of the flow is cancelled, running ones too", () => {
    const scene = new Scene();
    scene.agent();
    const ids = scene.flow(task(), task({ needs: [0], onDependencyFailure: "fail" }), task(), task({ releaseAt: 9_999 }), task({ needs: [2] }));
    const outside = scene.submit(task());
    scene.fail(ids[0]!);
    assert.deepEqual(scene.states(ids), ["failed", "skipped", "cancelled", "cancelled", "cancelled"]);
    assert.equal(scene.row(ids[2]!).reason, "flow_failed");
    assert.deepEqual(scene.stopped, [`${ids[2]}#1 cancelled`]);
    assert.deepEqual(scene.states(outside), ["running"]);
  });

  for (const [mode, state] of [["skip", "skipped"], ["fail", "cancelled"]] as const) {
    test(`${mode}: a chain of ${CHAIN} ends in one turn`, () => {
      const { scene, ids } = chain(mode);
      scene.fail(ids[0]!);
      assert.deepEqual(scene.states(ids.slice(2)), new Array<string>(CHAIN - 2).fill(state));
      assert.equal(scene.scheduler.counts.blocked, 0);
    });
  }

  test(`continue: a chain of ${CHAIN} runs to its end, also from a failed start`, () => {
    const scene = new Scene();
    scene.agent(1);
    scene.act({
      kind: "submit",
      flow: { name: "chain" },
      tasks: Array.from({ length: CHAIN }, (_, index) => task({ onDependencyFailure: "continue", needs: index === 0 ? [] : [index - 1] })),
    });
    const fail = { code: "handler_error", error: `"wrong"`, retryable: false };
    let next = scene.started[0];
    let ran = 0;
    // Without the mirror: comparing all of memory ten thousand times would take minutes.
    while (next !== undefined) {
      const { commands } = scene.scheduler.turn(scene.now, [{ kind: "fail", id: next, attempt: 1, failure: fail, usage: scene.usage() }]);
      ran += 1;
      next = commands.flatMap((command) => (command.kind === "start" ? [command.task.id] : []))[0];
    }
    assert.equal(ran, CHAIN);
    assert.deepEqual([...scene.scheduler.tasks()], []);
  });
});

describe("needs outside the submission", () => {
  test("a live task can be needed, and both then share a flow", () => {
    const scene = new Scene();
    scene.agent();
    const [first] = scene.submit(task()) as [number];
    const [second] = scene.submit(task({ needsTasks: [first] })) as [number];
    assert.equal(scene.state(second), "blocked");
    assert.equal(scene.row(first).flowId, scene.row(second).flowId);
    assert.notEqual(scene.row(first).flowId, null);
    scene.succeed(first);
    assert.deepEqual(scene.started, [second]);
  });

  test("a finished task of an open flow counts at once, as the success or failure that it is", () => {
    const scene = new Scene();
    scene.agent();
    const [good, bad] = scene.flow(task(), task(), task()) as [number, number];
    scene.succeed(good);
    scene.fail(bad);
    const ids = scene.submit(task({ needsTasks: [good] }), task({ needsTasks: [bad] }), task({ needsTasks: [bad], onDependencyFailure: "continue" }));
    assert.deepEqual(scene.states(ids), ["running", "skipped", "running"]);
  });

  test("a past task that is named by its key counts as what it was", () => {
    const scene = new Scene();
    scene.agent();
    const [good, bad] = scene.submit(task({ key: "good" }), task({ key: "bad" })) as [number, number];
    scene.succeed(good);
    scene.fail(bad);
    const known = [task({ key: "good", existing: { id: good, state: "succeeded" } }), task({ key: "bad", existing: { id: bad, state: "failed" } })];
    const ids = scene.flow(...known, task({ needs: [0] }), task({ needs: [1] }), task({ needs: [1], onDependencyFailure: "continue" }));
    assert.deepEqual(ids.slice(0, 2), [good, bad]);
    assert.deepEqual(scene.states(ids.slice(2)), ["running", "skipped", "running"]);
  });
});

describe("a submission is refused as a whole", () => {
  const refused = (scene: Scene, code: string, detail: RegExp, ...tasks: readonly NewTask[]) => {
    const reply = scene.act({ kind: "submit", tasks }).replies[0]!;
    assert.equal(codeOf(reply), code);
    assert.match(reply.kind === "refused" ? reply.detail : "", detail);
    assert.deepEqual(scene.turn.changes, []);
    assert.deepEqual([...scene.scheduler.tasks()], []);
  };

  test("for a circle, which it names", () => {
    refused(new Scene(), "flow_cycle", /^b → c → b$|^c → b → c$/, task({ name: "a" }), task({ name: "b", needs: [2, 0] }), task({ name: "c", needs: [1] }));
    refused(new Scene(), "flow_cycle", /work\[0\] → work\[0\]/, task({ needs: [0] }));
  });

  test("for a circle through two tasks of the same key", () => {
    refused(new Scene(), "flow_cycle", /a → a/, task({ name: "a", key: "same", needs: [1] }), task({ key: "same" }));
  });

  test("for a need that is not there", () => {
    refused(new Scene(), "dependency_unknown", /a needs number 7/, task(), task({ name: "a", needs: [7] }));
    refused(new Scene(), "dependency_unknown", /work needs task 99/, task(), task({ needsTasks: [99] }));
  });
});
