// Why a task waits: the first obstacle as the dispatcher meets it, in scenes; and forecasts by hand.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Scene, task } from "../../support/core-scene.ts";

function causeOf(scene: Scene, id: number): unknown {
  return scene.scheduler.why(id)!.cause;
}

function obstacleOf(scene: Scene, id: number): unknown {
  const { cause } = scene.scheduler.why(id)!;
  assert.equal(cause.kind, "queued");
  return cause.kind === "queued" ? cause.obstacle : undefined;
}

describe("why a task is queued", () => {
  test("no agent, then all slots taken, with when the next is free and what ranks before it", () => {
    const scene = new Scene();
    const [first, second, third, fourth] = scene.submit(...[1, 2, 3, 4].map(() => task({ estimateMs: 10 })));
    assert.deepEqual(obstacleOf(scene, first!), { kind: "no-agent", type: "work" });
    scene.agent(1);
    scene.pass(4);
    assert.deepEqual(causeOf(scene, fourth!), {
      kind: "queued",
      obstacle: { kind: "agents-full", type: "work", slots: 1, nextFreeAt: 1_010 },
      place: { ahead: 2, first: [second, third] },
    });
    const { forecast } = scene.scheduler.why(fourth!)!;
    assert.deepEqual([forecast?.startAt, forecast?.finishAt, forecast?.startsBefore], [1_030, 1_040, 2]);
    assert.ok(forecast!.startBy > 1_030 && forecast!.finishBy > 1_040);
  });

  test("a paused queue comes before everything else, and a paused queue has no forecast", () => {
    const scene = new Scene();
    scene.act({ kind: "pause" });
    const [id] = scene.submit(task());
    assert.deepEqual(obstacleOf(scene, id!), { kind: "paused", queue: "default", all: true });
    assert.equal(scene.scheduler.why(id!)!.forecast, undefined);
    scene.act({ kind: "resume" }, { kind: "pause", queue: "default" });
    assert.deepEqual(obstacleOf(scene, id!), { kind: "paused", queue: "default", all: false });
  });

  test("a limit of its type; a limit key, with its holders and place among those that stepped aside", () => {
    const scene = new Scene();
    scene.agent(10);
    scene.act({ kind: "type-limit", type: "work", limit: 1 });
    const [, waiting] = scene.submit(task({ estimateMs: 7 }), task());
    assert.deepEqual(obstacleOf(scene, waiting!), { kind: "type-limit", type: "work", used: 1, units: 1, nextFreeAt: 1_007 });
    scene.agent(10, ["other"], { name: "other" });
    const keyed = (): ReturnType<typeof task> => task({ type: "other", limitKey: "db", estimateMs: 5 });
    const [holder, aside, behind] = scene.submit(keyed(), keyed(), keyed());
    assert.deepEqual(obstacleOf(scene, aside!), { kind: "limit", name: "db", used: 1, units: 1, holders: [holder], nextFreeAt: 1_005 });
    assert.deepEqual((causeOf(scene, behind!) as { place: unknown }).place, { ahead: 1, first: [aside] });
    assert.equal(scene.scheduler.why(behind!)!.forecast?.startAt, 1_010);
  });

  test("a declared limit: what is taken of it, who holds it, when there is room; and one that is too small", () => {
    const scene = new Scene();
    scene.agent(10);
    scene.limit("gpu", { kind: "slots", units: 4 });
    const using = (amount: number, limit = "gpu"): ReturnType<typeof task> => task({ uses: [{ limit, amount }], estimateMs: 7 });
    const [holder, large, small] = scene.submit(using(3), using(4), using(1)) as [number, number, number];
    const resource = { kind: "resource", name: "gpu", used: 3, units: 4, isTooSmall: false, holders: [holder], nextFreeAt: 1_007 };
    assert.deepEqual(obstacleOf(scene, large), { ...resource, amount: 4 });
    assert.deepEqual(obstacleOf(scene, small), { ...resource, amount: 1 }, "it does not overtake the large one");
    assert.deepEqual([large, small].map((id) => scene.scheduler.why(id)!.forecast?.startAt), [1_007, 1_014]);
    scene.limit("gpu", { kind: "slots", units: 2 });
    assert.deepEqual(obstacleOf(scene, large), { ...resource, units: 2, amount: 4, isTooSmall: true });
    scene.limit("rate", { kind: "window", units: 2, perMs: 1_000 });
    const ids = scene.submit(using(1, "rate"), using(1, "rate"), using(1, "rate"), using(1, "rate"), using(1, "rate"));
    assert.deepEqual(obstacleOf(scene, ids[2]!), { kind: "resource", name: "rate", amount: 1, used: 2, units: 2, isTooSmall: false, holders: ids.slice(0, 2), nextFreeAt: 1_007 });
    assert.deepEqual(ids.slice(2).map((id) => scene.scheduler.why(id)!.forecast?.startAt), [2_000, 2_000, 3_000]);
  });

  test("agents that are leaving, and an engine that is closing", () => {
    const scene = new Scene();
    const agentId = scene.agent(1);
    const [, id] = scene.submit(task(), task());
    scene.act({ kind: "agent-leave", id: agentId, drain: true });
    assert.deepEqual(obstacleOf(scene, id!), { kind: "agents-draining", type: "work", agents: 1 });
    scene.act({ kind: "drain", leave: false });
    assert.deepEqual(obstacleOf(scene, id!), { kind: "draining" });
  });

  test("a balancer that waits for the fast agent", () => {
    const scene = new Scene();
    scene.act({ kind: "balancer", balancer: "earliest-finish" });
    scene.agent(1, ["work"], { name: "fast", speed: 10 });
    scene.submit(task({ estimateMs: 10 }));
    scene.agent(1, ["work"], { name: "slow", speed: 1 });
    const [id] = scene.submit(task({ estimateMs: 100 }));
    assert.deepEqual(obstacleOf(scene, id!), { kind: "better-agent", balancer: "earliest-finish" });
  });
});

describe("why a task is elsewhere", () => {
  test("blocked: what is open, and the one on the longest path, through a chain", () => {
    const scene = new Scene();
    scene.agent(1);
    const [quick, slow, after, last] = scene.flow(task({ estimateMs: 5 }), task({ estimateMs: 50 }), task({ needs: [0], estimateMs: 1 }), task({ needs: [1, 2], estimateMs: 4 }));
    assert.deepEqual(causeOf(scene, last!), {
      kind: "blocked",
      needs: [{ id: slow, state: "queued" }, { id: after, state: "blocked" }],
      longest: slow,
      pathMs: 54,
    });
    assert.deepEqual((causeOf(scene, after!) as { needs: unknown }).needs, [{ id: quick, state: "running" }]);
  });

  test("scheduled, and backing off after a failure", () => {
    const scene = new Scene();
    scene.agent(1);
    const [later, failing] = scene.submit(task({ releaseAt: 5_000 }), task({ retry: { limit: 2, delayMs: 300 } }));
    assert.deepEqual(causeOf(scene, later!), { kind: "scheduled", until: 5_000, cause: "release", failures: 0, losses: 0 });
    scene.fail(failing!);
    assert.deepEqual(causeOf(scene, failing!), { kind: "scheduled", until: 1_300, cause: "backoff", failures: 1, losses: 0 });
  });

  test("running, longer than expected; parked for children; final in an open flow", () => {
    const scene = new Scene();
    const agentId = scene.agent(2);
    const [id] = scene.submit(task({ estimateMs: 10 }));
    scene.pass(15);
    const cause = { kind: "running", since: 1_000, agentId, agent: "agent 2", endsAt: 1_020, overran: true, stopping: undefined };
    assert.deepEqual(causeOf(scene, id!), cause);
    const [child] = scene.children(id!, task());
    scene.park(id!, "children");
    assert.deepEqual(causeOf(scene, id!), { kind: "parked", until: "children", children: [{ id: child, state: "running" }] });
    const [done] = scene.flow(task(), task({ needs: [0] }));
    scene.act({ kind: "cancel", select: { ids: [done!] }, reason: "enough" });
    assert.equal(scene.scheduler.why(999), undefined);
  });
});

test("with several queues the forecast counts every turn of each, as the scheduler does, also of one that has something to start alone", () => {
  const scene = new Scene();
  scene.agent(1);
  const [, one] = scene.submit(task({ queue: "two", estimateMs: 10 }), task({ queue: "one", estimateMs: 10 }));
  // Both come at once, while the task of the first queue runs: the turn is that of the second.
  const later = scene.submit(task({ queue: "two", estimateMs: 100, releaseAt: scene.now + 15 }), task({ queue: "one", estimateMs: 100, releaseAt: scene.now + 15 }));
  const told = [one!, ...later].map((id) => scene.scheduler.why(id)!.forecast!.startAt);
  const really = new Map<number, number>();
  for (let running = scene.running()[0]; running !== undefined; running = scene.running()[0]) {
    const { assignedAt } = scene.scheduler.task(running)!.run!;
    really.set(running, assignedAt);
    const end = assignedAt + scene.scheduler.task(running)!.extra!.estimateMs!;
    if (scene.turn.wakeAt !== undefined && scene.turn.wakeAt < end) scene.pass(scene.turn.wakeAt - scene.now);
    scene.now = end;
    scene.succeed(running);
  }
  assert.deepEqual(told, [one!, ...later].map((id) => really.get(id)));
});

test("what stands aside for a window is told when that has room, also when nothing runs", () => {
  const scene = new Scene();
  scene.now = 10_000;
  scene.limit("api", { kind: "window", units: 1, perMs: 1_000 });
  scene.agent();
  const uses = [{ limit: "api", amount: 1 }];
  const [first] = scene.submit(task({ estimateMs: 10, uses }));
  scene.now += 10;
  scene.succeed(first!);
  const [second] = scene.submit(task({ estimateMs: 10, uses }));
  assert.equal(scene.scheduler.why(second!)!.forecast!.startAt, 11_000);
  scene.pass(990);
  assert.deepEqual(scene.started, [second!]);
});
