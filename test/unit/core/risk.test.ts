// Tasks at risk of being late are reported before they are, and new ones that cannot make it are refused or downgraded.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Scene, codeOf, idsOf, task } from "../../support/core-scene.ts";

/** `id kind` of the notices of the last turn. */
function notices({ turn }: Scene): readonly string[] {
  return turn.notices.map((notice) => `${notice.task.id} ${notice.kind}`);
}

/** Turns at the instants at which the scheduler asks for one, up to a time. */
function until(scene: Scene, at: number): readonly string[] {
  const told: string[] = [];
  while ((scene.turn.wakeAt ?? Infinity) <= at) {
    scene.now = Math.max(scene.now, scene.turn.wakeAt!);
    scene.act();
    for (const notice of notices(scene)) told.push(`${scene.now} ${notice}`);
  }
  scene.now = at;
  return told;
}

describe("due dates at risk", () => {
  test("a waiting task is reported at its latest start, with a forecast, once; and when it is late", () => {
    const scene = new Scene();
    scene.agent(1);
    const [, id] = scene.submit(task({ estimateMs: 500 }), task({ estimateMs: 100, dueAt: 1_300 }));
    assert.deepEqual(notices(scene), []);
    assert.deepEqual(until(scene, 1_200), [`1200 ${id} at_risk`]);
    assert.equal(scene.turn.notices[0]?.forecast?.finishAt, 1_600);
    assert.deepEqual(until(scene, 1_400), [`1300 ${id} late`]);
    assert.deepEqual(until(scene, 5_000), []);
  });

  test("one that starts in time after all has recovered; one that runs too long is reported before its due date", () => {
    const scene = new Scene();
    const slow = scene.agent(1, ["work"], { name: "slow", speed: 0.5 });
    const [first, id] = scene.submit(task({ estimateMs: 50 }), task({ estimateMs: 100, dueAt: 1_300 }));
    assert.deepEqual(until(scene, 1_101), [`1100 ${id} at_risk`]);
    scene.agent(1, ["work"], { name: "fast", speed: 1 });
    assert.deepEqual(notices(scene), [`${id} recovered`]);
    scene.succeed(first!);
    assert.ok(scene.scheduler.agents().some((agent) => agent.id === slow));
    // Expected end 1201, due 1300: halfway it is past what it should take, and as long again would be late.
    assert.deepEqual(until(scene, 1_299), [`1250.5 ${id} at_risk`]);
  });

  test("a task that begins too late to make it is reported at once; one without a due date, never", () => {
    const scene = new Scene();
    scene.agent(2);
    const [late] = scene.submit(task({ estimateMs: 100, dueAt: 1_050 }), task({ estimateMs: 100 }));
    assert.deepEqual(notices(scene), [`${late} at_risk`]);
    assert.equal(scene.turn.notices[0]?.forecast?.finishAt, 1_100);
  });

  test("a back-off that eats the slack is reported, and a restart finds the risk again", () => {
    const scene = new Scene();
    scene.agent(1);
    const [id] = scene.submit(task({ estimateMs: 10, dueAt: 1_100, retry: { limit: 1, delayMs: 95, maxDelayMs: 95 } }));
    scene.fail(id!);
    assert.deepEqual(notices(scene), [`${id} at_risk`]);
    scene.restart();
    assert.deepEqual(notices(scene), [`${id} at_risk`]);
  });

  test("a blocked task is at risk when the path before it has become too long", () => {
    const scene = new Scene();
    const [, last] = scene.flow(task({ estimateMs: 100 }), task({ estimateMs: 100, dueAt: 1_500, needs: [0] }));
    const told = until(scene, 1_450);
    assert.equal(told.length, 1, told.join());
    const at = Number(told[0]!.split(" ")[0]);
    assert.ok(at > 1_300 && at <= 1_320 && told[0]!.endsWith(`${last} at_risk`), told[0]);
  });

  test("many at risk in one turn are reported together, and what settles is not", () => {
    const scene = new Scene();
    const ids = scene.submit(...Array.from({ length: 20 }, () => task({ estimateMs: 10, dueAt: 1_100 })));
    scene.act({ kind: "cancel", select: { ids: [ids[0]!] }, reason: "enough" });
    assert.equal(until(scene, 1_090).length, 19);
  });
});

describe("admission", () => {
  /** One slot that is taken until 1100. */
  function busy(policy = "edf"): Scene {
    const scene = new Scene();
    scene.act({ kind: "policy", queue: "default", policy });
    scene.agent(1);
    scene.submit(task({ estimateMs: 100 }));
    return scene;
  }

  test("what cannot make it is refused with the forecast, and nothing of the submission is accepted", () => {
    const scene = busy();
    const lastId = scene.scheduler.task(1)!.id;
    const reply = scene.act({ kind: "submit", tasks: [task(), task({ estimateMs: 50, dueAt: 1_120, ifLate: "refuse" })], flow: { name: "f" } }).replies[0]!;
    assert.equal(codeOf(reply), "cannot_make_it");
    assert.deepEqual(reply.kind === "refused" ? reply.late : undefined, [{ index: 1, dueAt: 1_120, finishAt: 1_150, startsBefore: 0 }]);
    assert.deepEqual([...scene.scheduler.tasks()].map(({ id }) => id), [lastId]);
    assert.deepEqual(scene.turn.flows, []);
    assert.equal(scene.submit(task({ estimateMs: 50, dueAt: 1_150, ifLate: "refuse" })).length, 1);
  });

  test("its rank counts: with an earlier due date it goes before those that wait", () => {
    const scene = busy();
    scene.submit(task({ estimateMs: 500, dueAt: 9_000 }));
    assert.equal(codeOf(scene.act({ kind: "submit", tasks: [task({ estimateMs: 50, dueAt: 1_150, ifLate: "refuse" })] }).replies[0]), "submitted");
    const fcfs = busy("fcfs");
    fcfs.submit(task({ estimateMs: 500, dueAt: 9_000 }));
    assert.equal(codeOf(fcfs.act({ kind: "submit", tasks: [task({ estimateMs: 50, dueAt: 1_150, ifLate: "refuse" })] }).replies[0]), "cannot_make_it");
  });

  test("a paused queue counts as resumed at once", () => {
    const scene = busy("fcfs");
    scene.act({ kind: "pause" });
    scene.submit(task({ estimateMs: 40 }));
    const reply = (dueAt: number): string | undefined => codeOf(scene.act({ kind: "submit", tasks: [task({ estimateMs: 10, dueAt, ifLate: "refuse" })] }).replies[0]);
    assert.equal(reply(1_149), "cannot_make_it");
    assert.equal(reply(1_150), "submitted");
  });

  test("without an agent only its own length counts against it", () => {
    const scene = new Scene();
    const reply = (dueAt: number): string | undefined => codeOf(scene.act({ kind: "submit", tasks: [task({ estimateMs: 50, dueAt, ifLate: "refuse" })] }).replies[0]);
    assert.equal(reply(1_049), "cannot_make_it");
    assert.equal(reply(1_050), "submitted");
  });

  test("downgraded it keeps its due date, ranks as one without, is not reported at risk, and still expires; a restart keeps that", () => {
    const scene = busy();
    const reply = scene.act({ kind: "submit", tasks: [task({ estimateMs: 50, dueAt: 1_120, deadlineAt: 1_400, ifLate: "downgrade" })] }).replies[0]!;
    const [low] = idsOf(reply);
    assert.deepEqual(reply.kind === "submitted" ? reply.downgraded?.map(({ index }) => index) : undefined, [0]);
    const [dated] = scene.submit(task({ estimateMs: 10, dueAt: 5_000 }));
    assert.equal(scene.scheduler.why(low!)!.due?.downgraded, true);
    const { cause } = scene.scheduler.why(low!)!;
    assert.deepEqual(cause.kind === "queued" ? cause.place : undefined, { ahead: 1, first: [dated] });
    assert.deepEqual(until(scene, 1_300), []);
    scene.restart();
    assert.equal(scene.scheduler.why(low!)!.due?.downgraded, true);
    assert.deepEqual(notices(scene), []);
    until(scene, 1_400);
    assert.equal(scene.state(low!), "expired");
  });

  test("the decision follows from the state: the same events give the same replies", () => {
    const [one, other] = [busy(), busy()];
    for (const scene of [one, other]) {
      for (let dueAt = 1_050; dueAt < 1_300; dueAt += 10) scene.act({ kind: "submit", tasks: [task({ estimateMs: 20, dueAt, ifLate: "refuse" })] });
    }
    assert.deepEqual([...one.scheduler.tasks()].map(({ id }) => id), [...other.scheduler.tasks()].map(({ id }) => id));
  });
});
