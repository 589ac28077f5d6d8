// Agents: balancing, joining, leaving, falling silent, what becomes of their attempts, and draining with and without leave.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Agent } from "../../../src/core/agent.ts";
import { Fleet } from "../../../src/core/fleet.ts";
import { TaskRecord } from "../../../src/core/task-record.ts";
import { attemptOn } from "../../support/core-attempt.ts";
import { Scene, codeOf, spec, task } from "../../support/core-scene.ts";

const tasks = (count: number, part: Parameters<typeof task>[0] = {}) => Array.from({ length: count }, () => task(part));

describe("balancing", () => {
  test("round robin gives to one after the other, and passes over full ones", () => {
    const scene = new Scene();
    const [a, b, c] = [scene.agent(3), scene.agent(1), scene.agent(3)];
    scene.submit(...tasks(7));
    assert.deepEqual(scene.startedOn, [a, b, c, a, c, a, c]);
  });

  test("round robin goes on from match to match, also when agents came back out of order", () => {
    const scene = new Scene();
    const ids = [scene.agent(9), scene.agent(9), scene.agent(9)];
    scene.act({ kind: "agent-leave", id: ids[0]!, drain: false });
    scene.act({ kind: "agent-join", id: ids[0]!, agent: { name: "back", kind: "function", types: ["work"], slots: 9 } });
    const seen = Array.from({ length: 6 }, () => {
      scene.submit(task());
      return scene.startedOn[0];
    });
    assert.deepEqual(seen, [...ids, ...ids]);
  });

  test("least connections gives to the one with the fewest, strays included; of equals the lowest id", () => {
    const scene = new Scene();
    scene.act({ kind: "balancer", balancer: "least-connections" });
    const a = scene.agent(5);
    const first = scene.submit(...tasks(2));
    const b = scene.agent(5);
    scene.submit(...tasks(4));
    assert.deepEqual(scene.startedOn, [b, b, a, b]);
    scene.act({ kind: "cancel", select: { ids: first }, reason: "user" });
    scene.submit(task());
    assert.deepEqual(scene.startedOn, [a], "both have three");
    scene.submit(task());
    assert.deepEqual(scene.startedOn, [b]);
  });

  test("a fleet knows who has room, whoever joins, works, drains or leaves", () => {
    const fleet = new Fleet();
    const agent = (name: string, types: readonly string[], id?: number): Agent => fleet.join({ name, kind: "function", types, slots: 1 }, 0, id);
    const work = new TaskRecord(1, spec(), "running", 1, 0);
    const room = (): string => ["x", "y"].map((type) => (fleet.hasFreeSlot(type) ? type : "-")).join("");
    const seen = [room()];
    const a = agent("a", ["x", "x"]);
    const b = agent("b", ["x", "y"]);
    seen.push(room());
    const [onA, onB] = [attemptOn(a, work), attemptOn(b, work)];
    fleet.take(onB);
    seen.push(room());
    fleet.leave(a);
    seen.push(room());
    fleet.giveBack(onB);
    seen.push(room());
    fleet.drain(b);
    seen.push(room());
    // Ids are given back after a restart: the one that left has no say in the count.
    const back = agent("a", ["x"], a.id);
    fleet.take(onA);
    fleet.leave(a);
    seen.push(room());
    fleet.take(attemptOn(back, work));
    seen.push(room());
    assert.deepEqual(seen, ["--", "xy", "x-", "--", "xy", "--", "x-", "--"]);
  });

  test("another balancer is refused", () => {
    assert.equal(codeOf(new Scene().act({ kind: "balancer", balancer: "luck" }).replies[0]), "balancer_unknown");
  });

  test("a task goes only to an agent that does its type", () => {
    const scene = new Scene();
    const [a, b] = [scene.agent(5, ["x"]), scene.agent(5, ["y", "x", "x"])];
    scene.submit(...tasks(2, { type: "y" }), ...tasks(4, { type: "x" }), task({ type: "z" }));
    assert.deepEqual(scene.startedOn.toSorted((one, other) => one - other), [a, a, b, b, b, b]);
  });
});

describe("a balancer that lets tasks wait, in the scheduler", () => {
  const fast = (scene: Scene): number => scene.agent(1, ["work"], { speed: 10 });
  const slow = (scene: Scene): number => scene.agent(1, ["work", "other"]);

  test("the task waits for the fast agent, those behind it take the slow one, and it starts when the fast one is free", () => {
    const scene = new Scene();
    scene.act({ kind: "balancer", balancer: "earliest-finish" });
    const [a, b] = [fast(scene), slow(scene)];
    const [first, second, other] = scene.submit(task({ estimateMs: 1_000 }), task({ estimateMs: 1_000 }), task({ type: "other", estimateMs: 10 })) as [number, number, number];
    assert.deepEqual([scene.started, scene.startedOn, scene.state(second)], [[first, other], [a, b], "queued"]);
    scene.now += 90;
    scene.succeed(other);
    assert.equal(scene.state(second), "queued", "the slow one is free, and the fast one still the better choice");
    scene.now += 10;
    scene.succeed(first);
    assert.deepEqual([scene.started, scene.startedOn], [[second], [a]]);
  });

  test("when the fast agent hangs, time alone makes the task start on the slow one", () => {
    const scene = new Scene();
    scene.act({ kind: "balancer", balancer: "earliest-finish" });
    const [, b] = [fast(scene), slow(scene)];
    const [, second] = scene.submit(task({ estimateMs: 1_000 }), task({ estimateMs: 1_000 })) as [number, number];
    assert.equal(scene.turn.wakeAt, scene.now + 1_000, "as long as the slow one would take");
    scene.pass(999);
    assert.deepEqual([scene.started, scene.startedOn], [[second], [b]], "the fast one has overrun by nine times its estimate: it is not hoped for any more");
  });

  test("nobody is woken for a task that is gone", () => {
    const scene = new Scene();
    scene.act({ kind: "balancer", balancer: "earliest-finish" });
    fast(scene);
    slow(scene);
    const [, second] = scene.submit(task({ estimateMs: 1_000 }), task({ estimateMs: 1_000 })) as [number, number];
    scene.act({ kind: "cancel", select: { ids: [second] }, reason: "user" });
    assert.equal(scene.turn.wakeAt, undefined);
  });

  test("another balancer at run time: the waiting task starts at once", () => {
    const scene = new Scene();
    scene.act({ kind: "balancer", balancer: "earliest-finish" });
    const [, b] = [fast(scene), slow(scene)];
    const [, second] = scene.submit(task({ estimateMs: 1_000 }), task({ estimateMs: 1_000 })) as [number, number];
    scene.act({ kind: "balancer", balancer: "least-connections" });
    assert.deepEqual([scene.started, scene.startedOn], [[second], [b]]);
  });

  test("distances come by an event and count at once", () => {
    const scene = new Scene();
    scene.act({ kind: "balancer", balancer: "nearest" });
    const ids = ["us", "asia"].map((region) => scene.agent(5, ["work"], { region }));
    scene.submit(task({ region: "eu" }));
    const before = scene.startedOn;
    scene.act({ kind: "distances", distances: { eu: { asia: 10, us: 90 } } });
    scene.submit(task({ region: "eu" }), task({ region: "eu" }));
    assert.deepEqual([before, scene.startedOn], [[ids[0]], [ids[1], ids[1]]]);
  });
});

describe("an agent that leaves", () => {
  test("at once: its attempts are lost at no cost to the retries, and run elsewhere", () => {
    const scene = new Scene();
    const [a, b] = [scene.agent(1), scene.agent(1)];
    const ids = scene.submit(...tasks(2));
    scene.act({ kind: "agent-leave", id: a, drain: false });
    assert.deepEqual([scene.states(ids), scene.stopped, scene.row(ids[0]!).losses, scene.row(ids[0]!).failures], [["queued", "running"], [`${ids[0]}#1 agent_lost`], 1, 0]);
    scene.succeed(ids[1]!);
    assert.deepEqual([scene.started, scene.startedOn, scene.row(ids[0]!).attempt], [[ids[0]], [b], 2]);
    assert.equal(codeOf(scene.succeed(ids[0]!, "1", 1)), "stale_attempt");
  });

  test("draining: it takes nothing new and is gone when its last attempt has ended", () => {
    const scene = new Scene();
    const a = scene.agent(2);
    const [one, two, waits] = scene.submit(...tasks(2, { timeoutMs: 50 }), task()) as [number, number, number];
    scene.act({ kind: "agent-leave", id: a, drain: true });
    scene.succeed(one);
    assert.deepEqual([scene.state(waits), scene.scheduler.agents().length], ["queued", 1]);
    scene.pass(50);
    assert.equal(scene.scheduler.agents().length, 1, "a stray is on it still");
    scene.succeed(two, "1", 1);
    assert.deepEqual([scene.state(two), scene.scheduler.agents()], ["failed", []]);
    assert.equal(codeOf(scene.act({ kind: "heartbeat", id: a }).replies[0]), "agent_unknown");
  });

  test("draining with nothing on it: gone at once", () => {
    const scene = new Scene();
    scene.act({ kind: "agent-leave", id: scene.agent(2), drain: true });
    assert.deepEqual(scene.scheduler.agents(), []);
  });

  test("unknown: refused", () => {
    assert.equal(codeOf(new Scene().act({ kind: "agent-leave", id: 7, drain: true }).replies[0]), "agent_unknown");
  });

  test("joins again under its id: what ran on it before is lost", () => {
    const scene = new Scene();
    const a = scene.agent(1);
    const [id] = scene.submit(task()) as [number];
    scene.act({ kind: "agent-join", id: a, agent: { name: "again", kind: "function", types: ["work"], slots: 1 } });
    assert.deepEqual([scene.row(id).losses, scene.row(id).attempt, scene.startedOn, scene.scheduler.agents().length], [1, 2, [a], 1]);
  });

  test("too often: the task fails after its loss limit", () => {
    const scene = new Scene();
    const [id] = scene.submit(task({ retry: { limit: 5, lossLimit: 1 } })) as [number];
    for (const state of ["queued", "failed"]) {
      scene.act({ kind: "agent-leave", id: scene.agent(1), drain: false });
      assert.equal(scene.state(id), state);
    }
    assert.deepEqual([scene.row(id).reason, scene.row(id).losses, scene.row(id).failures], ["agent_lost", 2, 0]);
    assert.match(scene.row(id).error ?? "", /lost 2 times/);
  });
});

describe("heartbeats", () => {
  test("an agent that falls silent is lost with its attempts, exactly after its time", () => {
    const scene = new Scene();
    scene.agent(1, ["work"], { heartbeatTimeoutMs: 100 });
    const [id] = scene.submit(task()) as [number];
    scene.pass(99);
    assert.equal(scene.state(id), "running");
    scene.pass(1);
    assert.deepEqual([scene.state(id), scene.stopped, scene.scheduler.agents()], ["queued", [`${id}#1 agent_lost`], []]);
  });

  test("each one keeps it for another while", () => {
    const scene = new Scene();
    const agent = scene.agent(1, ["work"], { heartbeatTimeoutMs: 100 });
    for (let beat = 0; beat < 5; beat++) {
      scene.now += 60;
      scene.act({ kind: "heartbeat", id: agent });
    }
    scene.pass(99);
    assert.equal(scene.scheduler.agents().length, 1);
    scene.pass(1);
    assert.equal(scene.scheduler.agents().length, 0);
  });

  test("an agent without them is never lost by time", () => {
    const scene = new Scene();
    scene.agent(1);
    scene.pass(1e9);
    assert.deepEqual([scene.scheduler.agents().length, scene.turn.wakeAt], [1, undefined]);
  });
});

describe("draining the engine", () => {
  test("starts nothing any more and lets what runs end", () => {
    const scene = new Scene();
    scene.agent(1);
    const [runs, waits] = scene.submit(...tasks(2)) as [number, number];
    scene.act({ kind: "drain", leave: false });
    assert.deepEqual(scene.turn.commands, []);
    scene.succeed(runs);
    assert.deepEqual(scene.states([runs, waits]), ["succeeded", "queued"]);
  });

  test("with leave: attempts are asked once to hand back, and may still succeed", () => {
    const scene = new Scene();
    scene.agent(3);
    const [back, done, cancelled] = scene.submit(...tasks(3)) as [number, number, number];
    scene.act({ kind: "cancel", select: { ids: [cancelled] }, reason: "user" });
    scene.act({ kind: "drain", leave: true });
    assert.deepEqual(scene.stopped, [`${back}#1 shutdown`, `${done}#1 shutdown`]);
    scene.act({ kind: "drain", leave: true });
    assert.deepEqual(scene.stopped, []);
    scene.release(back, `"half"`);
    scene.succeed(done);
    assert.deepEqual([scene.states([back, done]), scene.row(back).checkpoint, scene.row(back).losses], [["queued", "succeeded"], `"half"`, 0]);
    assert.equal(scene.restart().commands.length, 0);
    scene.agent(1);
    assert.deepEqual(scene.started, [back]);
  });
});
