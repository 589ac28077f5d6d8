// Limits through the SDK: declared at open and at run time, used by tasks, settled with what handlers say they used, shrunk by a
// RateLimitedError, kept over a restart, shown by stats().
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { defineTask, isMakespanError, RateLimitedError } from "../../../src/app/index.ts";
import { openForTest, VirtualClock } from "../../../src/testing/index.ts";
import { createMemoryStore } from "../../../src/store/memory/memory-store.ts";

const DAY_MS = 86_400_000;

const refusal = async (promise: Promise<unknown>): Promise<string> => {
  const error: unknown = await promise.then(() => undefined, (reason: unknown) => reason);
  assert.ok(isMakespanError(error), String(error));
  return `${error.code}: ${error.message}`;
};

test("a rate lets through its units in any minute, and what was not used comes back", async () => {
  const starts: number[] = [];
  const clock = new VirtualClock();
  const call = defineTask({
    type: "call",
    uses: (input: { tokens: number }) => ({ requests: 1, tokens: input.tokens }),
    handler: (input: { tokens: number; real: number }, { used }) => {
      starts.push(clock.now());
      used("tokens", input.real);
      return null;
    },
  });
  const { app, advance, close } = await kit({ clock, tasks: [call], limits: { requests: { kind: "window", units: 3, per: "1m" }, tokens: { kind: "window", units: 100, per: 60_000 } } });
  const begin = clock.now();
  await app.submitMany(call, [{ tokens: 90, real: 10 }, { tokens: 60, real: 60 }, { tokens: 30, real: 30 }, { tokens: 1, real: 1 }]);
  await advance(0);
  assert.deepEqual(starts, [begin, begin, begin]);
  await advance(59_999);
  assert.equal(starts.length, 3);
  await advance(1);
  assert.deepEqual(starts[3], begin + 60_000);
  const [requests, tokens] = (await app.stats()).limits;
  assert.deepEqual([requests?.name, requests?.used, requests?.holdingMs, tokens?.used, tokens?.declaredUnits], ["requests", 1, 60_000, 1, 100]);
  await close();
});

test("a budget is not reset by a restart, and a rule set at run time is kept", async () => {
  const clock = new VirtualClock();
  const store = createMemoryStore();
  let runs = 0;
  const spend = defineTask({ type: "spend", uses: { money: 4 }, handler: (_input: null, { used }) => (used("money", 3), runs++) });
  const first = await kit({ clock, store, tasks: [spend] });
  await first.app.setLimit("money", { kind: "budget", units: 9, per: "1d" });
  await first.app.submitMany(spend, [null, null]);
  await first.advance(1_000);
  assert.equal(runs, 2);
  // It waits over the restart, and still uses what it did.
  await first.app.submit(spend, null);
  await first.close();
  const second = await kit({ clock, store, tasks: [spend] });
  assert.equal((await second.app.stats()).limits[0]?.used, 6, "what waits holds nothing");
  await second.advance(DAY_MS - 1_001 - (clock.now() % DAY_MS));
  assert.equal(runs, 2);
  await second.advance(1_001);
  assert.equal(runs, 3);
  await second.app.setLimit("money", null);
  assert.deepEqual((await second.app.stats()).limits, []);
  await second.close();
});

test("a RateLimitedError shrinks the limit for all, costs no retry and keeps the checkpoint", async () => {
  const clock = new VirtualClock();
  const seen: unknown[] = [];
  const call = defineTask({
    type: "call",
    uses: { requests: 1 },
    handler: async (_input: null, { attempt, checkpoint, restored }) => {
      seen.push(restored);
      if (attempt > 1) return "done";
      await checkpoint("half");
      throw new RateLimitedError({ limit: "requests", retryAfterMs: 5_000 });
    },
  });
  const { app, advance, close } = await kit({ clock, tasks: [call], limits: { requests: { kind: "slots", units: 8 } } });
  const task = await app.submit(call, null);
  await advance(4_999);
  const [state] = (await app.stats()).limits;
  assert.deepEqual([state?.units, state?.declaredUnits, state?.shrinks], [4, 8, 1]);
  await advance(1);
  assert.equal(await task.result(), "done");
  assert.deepEqual(seen, [undefined, "half"]);
  await close();
});

describe("refusals", () => {
  test("of one task of many: none is submitted, however many they are", async () => {
    const noop = defineTask({ type: "noop", handler: () => null });
    const { app, close } = await kit({ tasks: [noop], limits: { gpus: { kind: "slots", units: 10 } } });
    const uses = (amount: number) => ({ uses: { gpus: amount } });
    assert.match(await refusal(app.submitMany(noop, new Array(1_200).fill(undefined), (_, index) => uses(index === 1_100 ? 11 : 1))), /^use_too_large/);
    await app.idle();
    assert.equal((await app.list()).tasks.length, 0);
    await close();
  });

  test("of submissions beyond liveTasks: those under way count, and each once", async () => {
    const noop = defineTask({ type: "noop", handler: () => null });
    const at = { releaseAt: Date.UTC(2040, 0) };
    const open = () => kit({ tasks: [noop], limits: { liveTasks: 10 } });
    const { app, close } = await open();
    const keyed = (index: number) => (index % 2 === 0 ? at : { ...at, key: `k${index}` });
    const all = await Promise.allSettled(Array.from({ length: 100 }, (_, index) => app.submit(noop, undefined, keyed(index))));
    assert.equal(all.filter(({ status }) => status === "fulfilled").length, 10);
    await close();
    // The second one comes before the first is applied, after that, and after it is answered.
    for (let steps = 0; steps < 12; steps++) {
      const { app: other, close: closeOther } = await open();
      const first = other.submitMany(noop, new Array(6).fill(undefined), at);
      for (let step = 0; step < steps; step++) await Promise.resolve();
      assert.equal((await other.submitMany(noop, new Array(4).fill(undefined), at)).length, 4, `after ${steps} steps`);
      assert.match(await refusal(other.submit(noop)), /^too_many_waiting: 10 tasks/);
      await first;
      await closeOther();
    }
  });

  test("say what was expected", async () => {
    const noop = defineTask({ type: "noop", handler: () => null });
    const { app, close } = await kit({ tasks: [noop], limits: { tokens: { kind: "window", units: 10, per: "1m" } } });
    assert.match(await refusal(app.submit(noop, undefined, { uses: { token: 1 } })), /^limit_unknown: noop uses the limit "token", which is not declared; did you mean "tokens"\?/);
    assert.match(await refusal(app.submit(noop, undefined, { uses: { tokens: 11 } })), /^use_too_large: .*noop uses 11 of tokens, which has 10 in all/);
    assert.match(await refusal(app.submit(noop, undefined, { uses: { tokens: -1 } })), /^invalid_option: uses\["tokens"\] must be a number above 0/);
    assert.match(await refusal(app.setLimit("key:x", { kind: "slots", units: 1 })), /^limit_invalid: The name "key:x" begins with key:/);
    assert.match(await refusal(app.setLimit("x", { kind: "window", units: 1, per: "5" })), /^limit_invalid: The limit x: per: expected a duration such as/);
    assert.match(await refusal(app.setLimit("x", { kind: "slot" } as never)), /^limit_invalid: The limit x: expected a limit with a kind \(slots, window, budget\), got "slot"/);
    await close();
    assert.match(await refusal(kit({ limits: { payloadByte: 5 } })), /^invalid_option: limits has no option "payloadByte"; did you mean "payloadBytes"\?/);
    assert.match(await refusal(kit({ limits: { gpu: 5 } })), /a limit that tasks use has a rule/);
  });
});

async function kit(options: Parameters<typeof openForTest>[0]) {
  const one = await openForTest(options);
  return { app: one.app, advance: (ms: number) => one.advance(ms), close: () => one.close() };
}
