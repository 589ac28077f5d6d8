// Preemption: who is asked to give way and who is not, what becomes of the work done, time slices, and that nobody plays ping-pong.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Command } from "../../../src/core/event.ts";
import { Scene, task, type TaskPart } from "../../support/core-scene.ts";

const soft = (part: TaskPart): ReturnType<typeof task> => task({ preemptible: true, ...part });

function under(policy: string, slots = 1): Scene {
  const scene = new Scene();
  scene.act({ kind: "policy", queue: "default", policy });
  scene.agent(slots);
  return scene;
}

function asked(scene: Scene): readonly number[] {
  return scene.turn.commands.filter((command): command is Extract<Command, { kind: "stop" }> => command.kind === "stop" && command.reason === "preempted").map(({ id }) => id);
}

/** The attempt gives its task back, with a checkpoint if it keeps its work. */
function handBack(scene: Scene, id: number, keeps: boolean): void {
  const { attempt } = scene.scheduler.task(id)!;
  scene.act({ kind: "release", id, attempt, usage: scene.usage(), ...(keeps ? { checkpoint: "1" } : {}) });
}

describe("for what comes", () => {
  test("the urgent task runs as soon as the other has given way, which goes on after it", () => {
    const scene = under("edf:preempt");
    const [calm] = scene.submit(soft({ dueAt: 9_000 }));
    const [urgent] = scene.submit(soft({ dueAt: 2_000 }));
    assert.deepEqual(asked(scene), [calm]);
    assert.deepEqual(scene.states([calm!, urgent!]), ["running", "queued"], "until it has");
    handBack(scene, calm!, true);
    assert.deepEqual(scene.started, [urgent]);
    scene.succeed(urgent!);
    assert.deepEqual(scene.started, [calm]);
    assert.equal(scene.scheduler.task(calm!)!.failures, 0);
  });

  test("one victim for each that is better, asked once, the last to be due first", () => {
    const scene = under("edf:preempt", 3);
    const ids = scene.submit(soft({ dueAt: 7_000 }), soft({ dueAt: 9_000 }), soft({ dueAt: 8_000 }));
    scene.submit(soft({ dueAt: 2_000 }));
    assert.deepEqual(asked(scene), [ids[1]]);
    scene.submit(soft({ dueAt: 3_000 }), soft({ dueAt: 99_000 }));
    assert.deepEqual(asked(scene), [ids[2]], "the first request still stands for the first");
    scene.act();
    assert.deepEqual(asked(scene), []);
  });

  test("not for equals, not where it is not allowed, not without the option", () => {
    const equal = under("edf:preempt");
    equal.submit(soft({ dueAt: 2_000 }), soft({ dueAt: 2_000 }));
    assert.deepEqual(asked(equal), []);
    const hard = under("edf:preempt");
    hard.submit(task({ dueAt: 9_000 }));
    hard.submit(soft({ dueAt: 1_500 }));
    assert.deepEqual(asked(hard), []);
    const polite = under("edf");
    polite.submit(soft({ dueAt: 9_000 }));
    polite.submit(soft({ dueAt: 2_000 }));
    assert.deepEqual(asked(polite), []);
  });

  test("only on agents that can do what waits", () => {
    const scene = new Scene();
    scene.act({ kind: "policy", queue: "default", policy: "priority:preempt" });
    scene.agent(1, ["a"]);
    scene.agent(2, ["b", "c"]);
    const ids = scene.submit(soft({ type: "a", priority: 9 }), soft({ type: "b", priority: 5 }), soft({ type: "b", priority: 4 }));
    scene.submit(soft({ type: "c", priority: 1 }));
    assert.deepEqual(asked(scene), [ids[1]]);
  });

  test("not while an agent is free or what waits has no room at its limit", () => {
    const scene = under("priority:preempt", 2);
    scene.submit(soft({ priority: 4, limitKey: "k" }), soft({ priority: 4 }));
    scene.submit(soft({ priority: 1, limitKey: "k" }));
    assert.deepEqual(asked(scene), []);
  });

  test("one that does not react is not counted on for ever", () => {
    const scene = under("priority:preempt", 2);
    const ids = scene.submit(soft({ priority: 4 }), soft({ priority: 3 }));
    scene.submit(soft({ priority: 1 }));
    assert.deepEqual(asked(scene), [ids[0]]);
    scene.pass(99);
    assert.deepEqual(asked(scene), []);
    scene.pass(1);
    assert.deepEqual(asked(scene), [ids[1]]);
  });
});

describe("shortest remaining time", () => {
  test("what is left counts, not the whole", () => {
    const scene = under("srpt:aging=off:margin=0");
    const [long] = scene.submit(soft({ estimateMs: 100 }));
    scene.now += 60;
    scene.submit(soft({ estimateMs: 50 }));
    assert.deepEqual(asked(scene), [], "40 are left");
    scene.submit(soft({ estimateMs: 30 }));
    assert.deepEqual(asked(scene), [long]);
  });

  test("a checkpoint keeps the work done; without one it is lost", () => {
    for (const keeps of [true, false]) {
      const scene = under("srpt:aging=off:margin=0");
      const [long] = scene.submit(soft({ estimateMs: 100 }));
      scene.now += 60;
      const [short] = scene.submit(soft({ estimateMs: 30 }));
      handBack(scene, long!, keeps);
      assert.deepEqual(scene.started, [short]);
      const [middle] = scene.submit(soft({ estimateMs: 50 }));
      scene.succeed(short!);
      assert.deepEqual(scene.started, [keeps ? long : middle]);
    }
  });

  test("the margin is what a preemption must be worth", () => {
    const scene = under("srpt:aging=off:margin=10ms");
    const [long] = scene.submit(soft({ estimateMs: 100 }));
    scene.submit(soft({ estimateMs: 90 }));
    assert.deepEqual(asked(scene), []);
    scene.submit(soft({ estimateMs: 89 }));
    assert.deepEqual(asked(scene), [long]);
  });
});

describe("time slices", () => {
  test("who has run for a slice goes to the end of the line, if somebody waits", () => {
    const scene = under("round-robin:slice=10");
    const ids = scene.submit(soft({}), soft({}), soft({}));
    const order: number[] = [];
    for (let turns = 0; turns < 7; turns++) {
      const [running] = scene.running();
      order.push(ids.indexOf(running!));
      scene.pass(10);
      assert.deepEqual(asked(scene), [running]);
      handBack(scene, running!, true);
    }
    assert.deepEqual(order, [0, 1, 2, 0, 1, 2, 0]);
    const [alone] = scene.running();
    for (const id of ids) if (id !== alone) scene.act({ kind: "cancel", select: { ids: [id] }, reason: "test" });
    scene.pass(50);
    assert.deepEqual(asked(scene), [], "nobody waits");
  });

  test("nothing is sliced that may not be preempted", () => {
    const scene = under("round-robin:slice=10");
    scene.submit(task(), task());
    scene.pass(100);
    assert.deepEqual(asked(scene), []);
  });

  test("least attained service: a new session stops one that is a slice ahead of it", () => {
    const scene = under("las:aging=off:slice=10");
    const [old] = scene.submit(soft({ session: "old" }));
    scene.now += 9;
    const [young] = scene.submit(soft({ session: "young" }));
    assert.deepEqual(asked(scene), []);
    scene.pass(1);
    assert.deepEqual(asked(scene), [old]);
    handBack(scene, old!, true);
    assert.deepEqual(scene.started, [young]);
    scene.pass(9);
    assert.deepEqual(asked(scene), []);
    scene.pass(2);
    assert.deepEqual(asked(scene), [young], "11 against 10");
  });
});

test("two tasks never stop each other in turn: a run of arrivals causes at most one preemption each", () => {
  // Under least slack what runs gains slack against what waits, so each margin of running may cost one more.
  for (const [policy, marginMs] of [["srpt:margin=0"], ["srpt:aging=off:margin=0"], ["priority:preempt"], ["edf:preempt"], ["sjf:preempt"], ["least-slack:preempt:margin=30", 30]] as const) {
    const scene = under(policy, 2);
    let preemptions = 0;
    let released = 0;
    for (let step = 0; step < 400; step++) {
      if (step % 4 === 0) {
        released += 1;
        scene.submit(soft({ estimateMs: 1 + ((step * 7919) % 40), dueAt: scene.now + ((step * 104729) % 300), priority: 1 + (step % 5) }));
      } else scene.pass(1 + (step % 3));
      for (const id of asked(scene)) {
        preemptions += 1;
        handBack(scene, id, true);
        for (const more of asked(scene)) {
          preemptions += 1;
          handBack(scene, more, true);
        }
      }
      const [first] = scene.running();
      // Failed and not done: what is learned of durations would move the ranks.
      if (step % 5 === 0 && first !== undefined) scene.fail(first, { retryable: false });
    }
    const more = marginMs === undefined ? 0 : (2 * (scene.now - 1_000)) / marginMs;
    assert.ok(preemptions > 0 && preemptions <= released + more, `${policy}: ${preemptions} preemptions for ${released} releases`);
  }
});

describe("who waits for something else", () => {
  const others: Readonly<Record<string, (scene: Scene) => void>> = {
    "a type whose agents are full of what may not be stopped": (scene) => scene.submit(task({ type: "other", estimateMs: 10 })),
    "a type without an agent": (scene) => scene.submit(task({ type: "nobody", estimateMs: 10 })),
    "a limit without room": (scene) => scene.submit(task({ estimateMs: 10, uses: [{ limit: "money", amount: 1 }] })),
    "a limit of its type": (scene) => {
      scene.act({ kind: "type-limit", type: "other", limit: 1 });
      scene.submit(task({ type: "other", estimateMs: 10 }));
    },
  };
  for (const [what, submit] of Object.entries(others)) {
    test(`does not keep others from being helped: ${what}`, () => {
      const scene = new Scene();
      scene.act({ kind: "policy", queue: "default", policy: "srpt" });
      scene.limit("money", { kind: "slots", units: 1 });
      scene.agent(1);
      scene.agent(1, ["other"], { name: "other" });
      scene.submit(task({ type: "other", estimateMs: 3_600_000, uses: [{ limit: "money", amount: 1 }] }));
      const [long] = scene.submit(task({ preemptible: true, estimateMs: 3_600_000 }));
      submit(scene);
      scene.submit(task({ estimateMs: 1_000 }));
      assert.deepEqual(scene.stopped, [`${long}#1 preempted`]);
    });
  }
});

test("the victim is one whose agent is of use, though another would go first", () => {
  const scene = new Scene();
  scene.act({ kind: "policy", queue: "default", policy: "edf:preempt" });
  scene.agent(1, ["work", "other"], { name: "both" });
  scene.agent(1, ["work"], { name: "one" });
  const [onBoth] = scene.submit(task({ preemptible: true, dueAt: 8_000_000 }), task({ preemptible: true, dueAt: 9_000_000 }));
  scene.submit(task({ type: "other", dueAt: 2_000 }));
  assert.deepEqual(scene.stopped, [`${onBoth}#1 preempted`]);
});

test("nobody is stopped on an agent that leaves", () => {
  const scene = new Scene();
  scene.act({ kind: "policy", queue: "default", policy: "edf:preempt" });
  scene.agent(1, ["work"], { name: "stays" });
  const leaving = scene.agent(1, ["work"], { name: "leaves" });
  const [onStaying] = scene.submit(task({ preemptible: true, dueAt: 8_000_000 }), task({ preemptible: true, dueAt: 9_000_000 }));
  scene.act({ kind: "agent-leave", id: leaving, drain: true });
  scene.submit(task({ dueAt: 2_000 }));
  assert.deepEqual(scene.stopped, [`${onStaying}#1 preempted`]);
});

test("on agents of other speeds what is left now counts, not what was left at the start", () => {
  const scene = new Scene();
  scene.act({ kind: "policy", queue: "default", policy: "srpt:aging=off" });
  scene.agent(1, ["work"], { name: "slow" });
  scene.agent(1, ["work"], { name: "fast", speed: 10 });
  const [onSlow] = scene.submit(task({ preemptible: true, estimateMs: 100_000 }), task({ preemptible: true, estimateMs: 200_000 }));
  scene.pass(15_000);
  scene.submit(task({ estimateMs: 60_000 }));
  assert.deepEqual(scene.stopped, [`${onSlow}#1 preempted`]);
});

test("at the end of slices no more give way than tasks wait that they can help", () => {
  const scene = new Scene();
  scene.act({ kind: "policy", queue: "default", policy: "round-robin:slice=1s" });
  scene.agent(4);
  scene.submit(...Array.from({ length: 4 }, () => task({ preemptible: true })));
  scene.now += 10;
  scene.submit(task({ preemptible: true }), ...Array.from({ length: 4 }, () => task({ type: "nobody" })));
  scene.pass(990);
  assert.equal(scene.stopped.length, 1);
});

test("least slack: what runs gives way when it has gained enough slack, without anything else happening", () => {
  const scene = new Scene();
  scene.act({ kind: "policy", queue: "default", policy: "least-slack:preempt" });
  scene.agent(1);
  const [long] = scene.submit(task({ preemptible: true, estimateMs: 60_000, dueAt: scene.now + 100_000 }));
  const since = scene.now;
  scene.submit(task({ estimateMs: 10_000, dueAt: scene.now + 60_000 }));
  // 40 s of slack against 50 s; a second is the margin.
  while (scene.stopped.length === 0 && scene.turn.wakeAt !== undefined) scene.pass(scene.turn.wakeAt - scene.now);
  assert.deepEqual(scene.stopped, [`${long}#1 preempted`]);
  assert.ok(Math.abs(scene.now - since - 11_000) <= 2, `after ${scene.now - since} ms`);
});

test("least slack: one that has overrun its estimate gains no more slack, and is not looked at for ever", () => {
  const scene = new Scene();
  scene.act({ kind: "policy", queue: "default", policy: "least-slack:preempt" });
  scene.agent(1);
  scene.submit(task({ preemptible: true, estimateMs: 1_000, dueAt: scene.now + 10_000 }));
  scene.submit(task({ estimateMs: 1_000, dueAt: scene.now + 10_500 }));
  let turns = 0;
  for (; scene.turn.wakeAt !== undefined && turns < 50; turns++) scene.pass(scene.turn.wakeAt - scene.now);
  assert.ok(turns < 20, `${turns} turns`);
});
