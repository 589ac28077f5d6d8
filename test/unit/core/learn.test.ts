// What the scheduler learns from: attempts that succeed, at speed 1, with pauses left out; nothing else.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TypeEstimate } from "../../../src/core/estimate/estimates.ts";
import { Scene, task } from "../../support/core-scene.ts";

function succeed(scene: Scene, id: number, serviceMs: number, cost = 0): void {
  scene.now += serviceMs;
  const usage = { ...scene.usage(), startedAt: scene.now - serviceMs, cost };
  scene.act({ kind: "succeed", id, attempt: scene.row(id).attempt, result: "null", usage });
}

function learned(scene: Scene): TypeEstimate | undefined {
  return scene.scheduler.estimates.describe()[0];
}

test("service and cost of a task that succeeded, and the error of what was expected when it started", () => {
  const scene = new Scene();
  scene.agent(1);
  const [first, second] = scene.submit(task(), task()) as [number, number];
  succeed(scene, first, 200, 3);
  assert.deepEqual([learned(scene)!.meanMs, learned(scene)!.meanCost], [200, 3]);
  // The second one started when 200 ms were expected, and nothing learned meanwhile changes that.
  assert.equal(scene.scheduler.task(second)!.run!.expectedMs, 200);
  succeed(scene, second, 300);
  assert.equal(learned(scene)!.errors.meanOffMs, 100);
  assert.equal(learned(scene)!.errors.biasMs, 100);
});

test("the wait between assignment and start is not service", () => {
  const scene = new Scene();
  scene.agent();
  const [id] = scene.submit(task()) as [number];
  scene.pass(5_000);
  succeed(scene, id, 200);
  assert.equal(learned(scene)!.meanMs, 200);
});

test("on a fast agent it is as long as on one of speed 1", () => {
  const scene = new Scene();
  scene.agent(1, ["work"], { speed: 2 });
  const [id] = scene.submit(task()) as [number];
  succeed(scene, id, 200);
  assert.equal(learned(scene)!.meanMs, 400);
});

test("a pause is not service, what was done before it is", () => {
  const scene = new Scene();
  scene.agent();
  const [id] = scene.submit(task()) as [number];
  scene.now += 70;
  scene.act({ kind: "park", id, attempt: 1, until: "answer", usage: { ...scene.usage(), startedAt: scene.now - 70 } });
  scene.pass(10_000);
  scene.act({ kind: "answer", id, answer: "1" });
  succeed(scene, id, 30);
  assert.equal(learned(scene)!.meanMs, 100);
});

test("failures, time-outs, losses and attempts that were handed back teach nothing", () => {
  const scene = new Scene();
  const agent = scene.agent();
  const [failed, late, lost, back] = scene.submit(task(), task({ timeoutMs: 50 }), task(), task()) as [number, number, number, number];
  scene.fail(failed);
  scene.pass(100);
  assert.equal(scene.state(late), "failed");
  scene.release(back);
  scene.act({ kind: "agent-leave", id: agent, drain: false });
  assert.equal(scene.state(lost), "queued");
  assert.equal(learned(scene), undefined);
});

test("a given estimate of nothing is not believed for ever", () => {
  const scene = new Scene();
  scene.agent(1);
  for (let count = 0; count < 200; count++) {
    const [id] = scene.submit(task({ estimateMs: 0 }));
    scene.now += 60_000;
    scene.succeed(id!);
  }
  const [next] = scene.submit(task({ estimateMs: 0 }));
  const expected = scene.scheduler.estimates.serviceMs(scene.scheduler.task(next!)!);
  assert.ok(Math.abs(expected - 60_000) < 6_000, `${expected}`);
});
