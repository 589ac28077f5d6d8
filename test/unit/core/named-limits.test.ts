// Named limits: amounts are reserved when a task starts, all or none, and settled with what was really used when it ends. Slots
// come back, windows slide, budgets start anew with their period, and a back-off shrinks any of them for a while.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RECOVERY_MS } from "../../../src/core/limits/throttle.ts";
import { codeOf, STOP_GRACE_MS, Scene, task, usesOf, type TaskPart } from "../../support/core-scene.ts";

const using = (uses: Readonly<Record<string, number>>, part: TaskPart = {}) => task({ ...part, uses: usesOf(uses) });

function scene(): Scene {
  const stage = new Scene();
  stage.agent(10, ["work", "other"]);
  return stage;
}

describe("slots", () => {
  test("amounts are taken and given back, decimals exactly", () => {
    const stage = scene();
    stage.limit("memory", { kind: "slots", units: 1 });
    const ids = stage.submit(...Array.from({ length: 11 }, () => using({ memory: 0.1 })));
    assert.equal(stage.started.length, 10);
    assert.equal(stage.limitState("memory").used, 1);
    stage.succeed(ids[0]!);
    assert.deepEqual(stage.started, [ids[10]]);
    for (const id of ids.slice(1)) stage.succeed(id);
    assert.deepEqual([stage.limitState("memory").used, stage.limitState("memory").reserved], [0, 0]);
  });

  test("a small one does not overtake a large one that waits there, others pass, and no other limit is held meanwhile", () => {
    const stage = scene();
    stage.limit("gpu", { kind: "slots", units: 4 });
    stage.limit("licence", { kind: "slots", units: 1 });
    const [first, large, small, licensed, plain] = stage.submit(using({ gpu: 2 }), using({ gpu: 4, licence: 1 }), using({ gpu: 1 }), using({ licence: 1 }), task()) as [number, number, number, number, number];
    assert.deepEqual(stage.states([first, large, small, licensed, plain]), ["running", "queued", "queued", "running", "running"]);
    stage.succeed(first);
    assert.deepEqual(stage.started, [small], "the large one waits for the licence now, so the small one may have the gpu");
    stage.succeed(licensed);
    stage.succeed(small);
    assert.deepEqual(stage.started, [large]);
  });

  test("one of better rank goes first, and whoever waits behind one that is cancelled gets its chance", () => {
    const stage = scene();
    stage.limit("gpu", { kind: "slots", units: 4 });
    const [holder, large, small] = stage.submit(using({ gpu: 2 }), using({ gpu: 3 }), using({ gpu: 2 })) as [number, number, number];
    const [urgent] = stage.submit(using({ gpu: 1 }, { priority: 1 })) as [number];
    assert.deepEqual(stage.started, [urgent]);
    stage.succeed(urgent);
    assert.deepEqual(stage.states([holder, large, small]), ["running", "queued", "queued"]);
    stage.act({ kind: "cancel", select: { ids: [large] }, reason: "user" });
    assert.deepEqual(stage.started, [small]);
  });

  test("a stray keeps what it has until it has ended", () => {
    const stage = scene();
    stage.limit("gpu", { kind: "slots", units: 1 });
    const [first, second] = stage.submit(using({ gpu: 1 }), using({ gpu: 1 })) as [number, number];
    stage.act({ kind: "cancel", select: { ids: [first] }, reason: "user" });
    assert.equal(stage.state(second), "queued");
    stage.pass(STOP_GRACE_MS);
    assert.deepEqual(stage.started, [second]);
  });

  test("more units wake as many as fit; lifted, all", () => {
    const stage = scene();
    stage.limit("gpu", { kind: "slots", units: 1 });
    stage.submit(...Array.from({ length: 6 }, () => using({ gpu: 1 })));
    stage.limit("gpu", { kind: "slots", units: 3 });
    assert.equal(stage.started.length, 2);
    stage.limit("gpu", null);
    assert.equal(stage.started.length, 3);
    assert.deepEqual(stage.scheduler.limits(), []);
    stage.limit("gpu", { kind: "slots", units: 7 });
    assert.equal(stage.limitState("gpu").used, 6, "what started meanwhile is counted");
  });

  test("a key and a limit together: waiting for one keeps none of the other", () => {
    const stage = scene();
    stage.limit("gpu", { kind: "slots", units: 1 });
    const [first] = stage.submit(using({ gpu: 1 })) as [number];
    const [both, keyed, other] = stage.submit(using({ gpu: 1 }, { limitKey: "k" }), task({ limitKey: "k" }), using({ gpu: 1 }, { limitKey: "j" })) as [number, number, number];
    assert.deepEqual(stage.states([both, keyed, other]), ["queued", "running", "queued"]);
    stage.succeed(first);
    assert.deepEqual(stage.started, [other], "the best of those whose key is free");
    stage.succeed(keyed);
    assert.deepEqual(stage.started, []);
    stage.succeed(other);
    assert.deepEqual(stage.started, [both]);
  });

  test("a key that comes free changes who stands first at a limit, and so whom it holds up at others", () => {
    const stage = scene();
    for (const name of ["gpu", "money"]) stage.limit(name, { kind: "slots", units: 1 });
    stage.limit("rate", { kind: "slots", units: 2 });
    const [holder] = stage.submit(task({ limitKey: "k" }), using({ money: 1, rate: 1 })) as [number, number];
    const [first, second, third] = stage.submit(using({ money: 1, rate: 1 }, { limitKey: "k" }), using({ money: 1, rate: 2 }), using({ rate: 1, gpu: 1 })) as [number, number, number];
    assert.deepEqual(stage.states([first, second, third]), ["queued", "queued", "queued"], "the second waits for the rate and is the best whose key is free");
    stage.succeed(holder);
    assert.deepEqual(stage.started, [third], "the first waits for money alone");
  });

  test("a key that gets fewer units holds up nobody at other limits any more", () => {
    const stage = scene();
    for (const name of ["gpu", "rate"]) stage.limit(name, { kind: "slots", units: 2 });
    stage.submit(task({ limitKey: "k", limitOfKey: 2 }), using({ rate: 1 }));
    const [large, small] = stage.submit(using({ rate: 2 }, { limitKey: "k", limitOfKey: 2 }), using({ rate: 1, gpu: 1 })) as [number, number];
    assert.deepEqual(stage.states([large, small]), ["queued", "queued"]);
    stage.submit(task({ limitKey: "k", limitOfKey: 1, releaseAt: stage.now + 1_000 }));
    assert.deepEqual(stage.started, [small]);
  });
});

describe("a window", () => {
  test("lets through at most its units in any stretch of its length, and says when there is room", () => {
    const stage = scene();
    stage.limit("requests", { kind: "window", units: 3, perMs: 1_000 });
    const ids = stage.submit(using({ requests: 1 }), using({ requests: 1 }));
    stage.pass(400);
    ids.concat(stage.submit(using({ requests: 1 }), using({ requests: 2 }), using({ requests: 1 })));
    assert.equal(stage.started.length, 1);
    for (const id of [1, 2, 3]) stage.succeed(id);
    assert.deepEqual([stage.turn.wakeAt, stage.limitState("requests").nextRoomAt], [2_000, 2_000]);
    stage.pass(599);
    assert.deepEqual(stage.started, []);
    stage.pass(1);
    assert.deepEqual(stage.started, [4]);
    stage.pass(399);
    assert.deepEqual(stage.started, []);
    stage.pass(1);
    assert.deepEqual(stage.started, [5]);
  });

  test("counts what was really used, from the start of the attempt; unused comes back at once", () => {
    const stage = scene();
    stage.limit("tokens", { kind: "window", units: 100, perMs: 1_000 });
    const [first, second] = stage.submit(using({ tokens: 80 }), using({ tokens: 70 })) as [number, number];
    stage.pass(500);
    stage.succeedUsing(first, { tokens: 30 });
    assert.deepEqual(stage.started, [second]);
    assert.equal(stage.limitState("tokens").wasteUnitMs, 50 * 500);
    stage.pass(500);
    assert.equal(stage.limitState("tokens").used, 70, "30 have left the window");
  });

  test("what runs longer than the window goes on counting; counted from its end if so chosen", () => {
    const stage = scene();
    stage.limit("start", { kind: "window", units: 1, perMs: 100 });
    stage.limit("end", { kind: "window", units: 1, perMs: 100, counts: "end" });
    const [a, b, c, d] = stage.submit(using({ start: 1 }), using({ end: 1 }), using({ start: 1 }), using({ end: 1 })) as [number, number, number, number];
    stage.pass(150);
    assert.deepEqual(stage.started, []);
    stage.succeed(a);
    assert.deepEqual(stage.started, [c]);
    stage.succeed(b);
    stage.pass(99);
    assert.deepEqual(stage.started, []);
    stage.pass(1);
    assert.deepEqual(stage.started, [d]);
  });

  test("what was used beyond the reservation is counted, told and paid back", () => {
    const stage = scene();
    stage.limit("tokens", { kind: "window", units: 10, perMs: 1_000 });
    const [first] = stage.submit(using({ tokens: 5 })) as [number];
    stage.pass(100);
    stage.succeedUsing(first, { tokens: 25 });
    const { used, overused } = stage.limitState("tokens");
    assert.deepEqual([used, overused], [25, 20]);
    const [next] = stage.submit(using({ tokens: 1 })) as [number];
    stage.pass(999);
    assert.deepEqual(stage.started, []);
    stage.pass(1);
    assert.deepEqual(stage.started, [next]);
  });
});

describe("a budget", () => {
  test("is full again when its period begins, by the calendar", () => {
    const stage = scene();
    stage.limit("money", { kind: "budget", units: 1, perMs: 1_000, anchor: 300 });
    const [first, second] = stage.submit(using({ money: 0.7 }), using({ money: 0.7 })) as [number, number];
    stage.succeedUsing(first, { money: 0.4 });
    assert.deepEqual(stage.started, []);
    assert.equal(stage.turn.wakeAt, 1_300);
    stage.pass(300);
    assert.deepEqual(stage.started, [second]);
  });

  test("a restart resets nothing, and what ran counts as used", () => {
    const stage = scene();
    stage.limit("money", { kind: "budget", units: 10, perMs: 1_000_000 });
    const [first] = stage.submit(using({ money: 4 }), using({ money: 3 })) as [number, number];
    stage.succeedUsing(first, { money: 2 });
    stage.restart();
    assert.deepEqual([stage.limitState("money").used, stage.limitState("money").reserved], [5, 0]);
    stage.agent(10);
    assert.deepEqual([stage.limitState("money").used, stage.limitState("money").reserved], [8, 3], "the lost attempt is repeated");
  });

  test("an attempt that was under way at the end of the period when the engine died counts in the next one", () => {
    const stage = scene();
    stage.limit("money", { kind: "budget", units: 10, perMs: 1_000 });
    const [done] = stage.submit(using({ money: 4 }), using({ money: 3 })) as [number, number];
    stage.succeed(done);
    stage.now += 1_000;
    stage.restart();
    assert.equal(stage.limitState("money").used, 3);
  });
});

describe("a back-off", () => {
  const backOff = (stage: Scene, id: number, retryAfterMs: number) =>
    stage.act({ kind: "backoff", id, attempt: stage.row(id).attempt, limit: "requests", retryAfterMs, usage: stage.usage() });

  test("halves the limit once for all that was under way, keeps it there, and lets it grow back evenly", () => {
    const stage = scene();
    stage.limit("requests", { kind: "slots", units: 8 });
    const ids = stage.submit(...Array.from({ length: 12 }, () => using({ requests: 1 })));
    backOff(stage, ids[0]!, 2_000);
    assert.equal(stage.limitState("requests").units, 4);
    backOff(stage, ids[1]!, 1_000);
    assert.equal(stage.limitState("requests").units, 4, "the same congestion");
    assert.deepEqual([stage.state(ids[0]!), stage.row(ids[0]!).failures, stage.started], ["scheduled", 0, []]);
    stage.pass(2_000);
    assert.equal(stage.limitState("requests").units, 4);
    stage.pass(RECOVERY_MS / 4);
    assert.equal(stage.limitState("requests").units, 6);
    stage.pass(RECOVERY_MS);
    assert.deepEqual([stage.limitState("requests").units, stage.limitState("requests").shrinks], [8, 1]);
  });

  test("halves it again for an attempt that started after, but leaves something", () => {
    const stage = scene();
    stage.limit("requests", { kind: "window", units: 64, perMs: 1_000 });
    const units: number[] = [];
    for (let round = 0; round < 8; round++) {
      const [id] = stage.submit(using({ requests: 0.01 })) as [number];
      assert.deepEqual(stage.started, [id]);
      backOff(stage, id, 1_000_000);
      units.push(stage.limitState("requests").units);
    }
    assert.deepEqual(units, [32, 16, 8, 4, 2, 1, 1, 1]);
  });

  test("never makes a limit larger that was declared larger while it was shrunk", () => {
    const stage = scene();
    stage.limit("requests", { kind: "slots", units: 0.6 });
    const [first, second] = stage.submit(task(), task()) as [number, number];
    backOff(stage, first, 1_000);
    stage.limit("requests", { kind: "slots", units: 2 });
    assert.equal(stage.limitState("requests").units, 0.6);
    stage.pass(10);
    const [third] = stage.submit(task()) as [number];
    backOff(stage, third, 1_000);
    assert.deepEqual([stage.limitState("requests").units, stage.limitState("requests").shrinks], [0.6, 2]);
    backOff(stage, second, 1_000);
    assert.equal(stage.limitState("requests").shrinks, 2);
  });

  test("those that wait come back when it has recovered enough, without a poll", () => {
    const stage = scene();
    stage.limit("requests", { kind: "slots", units: 8 });
    const [first] = stage.submit(using({ requests: 1 })) as [number];
    backOff(stage, first, 1_000);
    const [large] = stage.submit(using({ requests: 6 })) as [number];
    stage.act({ kind: "cancel", select: { ids: [first] }, reason: "user" });
    assert.equal(stage.turn.wakeAt, stage.now + 1_000 + RECOVERY_MS / 4);
    stage.pass(1_000 + RECOVERY_MS / 4 - 1);
    assert.equal(stage.state(large), "queued");
    stage.pass(1);
    assert.deepEqual(stage.started, [large]);
  });
});

test("a use that makes no sense is refused with its reason", () => {
  const stage = scene();
  stage.limit("gpu", { kind: "slots", units: 4 });
  const refusal = (...uses: readonly { limit: string; amount: number }[]) => {
    const reply = stage.act({ kind: "submit", tasks: [task({ uses })] }).replies[0];
    return [codeOf(reply), reply?.kind === "refused" ? reply.detail : ""];
  };
  assert.deepEqual(refusal({ limit: "gpus", amount: 1 }), ["limit_unknown", "work uses gpus; declared limits: gpu"]);
  assert.deepEqual(refusal({ limit: "gpu", amount: 4.5 }), ["use_too_large", "work uses 4.5 of gpu, which has 4 in all"]);
  assert.deepEqual(refusal({ limit: "gpu", amount: 0 })[0], "use_invalid");
  assert.deepEqual(refusal({ limit: "gpu", amount: 1 }, { limit: "gpu", amount: 1 })[0], "use_invalid");
  assert.equal(codeOf(stage.limit("bad", { kind: "window", units: 1, perMs: 0.5 })), "limit_invalid");
  assert.equal(codeOf(stage.limit("bad", { kind: "slots", units: -1 })), "limit_invalid");
});

test("time at the limit and starts put off are counted", () => {
  const stage = scene();
  stage.limit("gpu", { kind: "slots", units: 1 });
  const ids = stage.submit(using({ gpu: 1 }), using({ gpu: 1 }), using({ gpu: 1 }));
  stage.pass(250);
  assert.deepEqual([stage.limitState("gpu").refusals, stage.limitState("gpu").holdingMs, stage.limitState("gpu").isHolding], [2, 250, true]);
  for (const id of ids) stage.succeed(id);
  stage.pass(100);
  assert.deepEqual([stage.limitState("gpu").holdingMs, stage.limitState("gpu").isHolding], [250, false]);
});
