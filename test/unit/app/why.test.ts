// Why, due dates at risk and admission through the SDK, on virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { defineTask, isMakespanError, type TaskChange } from "../../../src/app/index.ts";
import { openForTest, type TestApp } from "../../../src/testing/index.ts";

const wait = defineTask({
  type: "wait",
  handler: (_: null, { signal }) => new Promise<null>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))),
});
const quick = defineTask({ type: "quick", handler: (input: string) => input.toUpperCase() });

/** One slot, taken for 10 s as far as anybody knows. */
async function busyKit(): Promise<TestApp> {
  const kit = await openForTest({ tasks: [wait, quick], slots: 1 });
  await kit.app.submit(wait, null, { estimateMs: 10_000, name: "long" });
  return kit;
}

async function close(kit: TestApp): Promise<void> {
  await kit.app.close({ mode: "now" });
}

test("why tells the obstacle, the place and the forecast as data and in words; and changes nothing", async () => {
  const kit = await busyKit();
  const [first, second] = await kit.app.submitMany(wait, [null, null], { estimateMs: 5_000 });
  const now = kit.clock.now();
  const why = await kit.app.why(second!);
  assert.ok(why.kind === "queued" && why.obstacle.kind === "agents-full");
  assert.equal(why.obstacle.nextFreeAt?.getTime(), now + 10_000);
  assert.deepEqual([why.id, why.ahead, why.first], [second!.id, 1, [first!.id]]);
  assert.deepEqual([why.forecast?.startAt.getTime(), why.forecast?.finishAt.getTime()], [now + 15_000, now + 20_000]);
  assert.match(why.firstThen, /^It waits for a free slot of an agent that does "wait": the one slot is taken, and the next should be free in 10 s; 1 task ranks before it \(t2\)\. It should start in about 15 s/);
  assert.deepEqual(await kit.app.why(second!), why);
  await kit.app.pause();
  assert.match((await kit.app.why(second!)).firstThen, /^Every queue is paused: resume it\.$/);
  await close(kit);
});

test("why of a task that has ended comes from the store; one that never was is not found", async () => {
  await using kit = await openForTest({ tasks: [quick] });
  const done = await kit.app.submit(quick, "a");
  await done.result();
  const why = await kit.app.why(done);
  assert.ok(why.kind === "final" && why.state === "succeeded" && why.forecast === undefined);
  assert.equal(why.firstThen, "It succeeded at the first attempt.");
  await assert.rejects(kit.app.why("t99"), (error) => isMakespanError(error, "task_not_found"));
});

test("ifLate: refuse rejects with the forecast, downgrade tells it, accept is the default", async () => {
  const kit = await busyKit();
  const now = kit.clock.now();
  const dueAt = now + 12_000;
  const options = { estimateMs: 5_000, dueAt };
  await assert.rejects(kit.app.submit(wait, null, { ...options, ifLate: "refuse" }), (error) => {
    assert.ok(isMakespanError(error, "cannot_make_it"));
    assert.ok(error.retryable && error.status === 409);
    assert.deepEqual(error.detail["late"], [{ index: 0, due_at: new Date(dueAt).toISOString(), finish_at: new Date(now + 15_000).toISOString(), late_ms: 3_000, starts_before: 0 }]);
    return true;
  });
  const low = await kit.app.submit(wait, null, { ...options, ifLate: "downgrade" });
  assert.deepEqual([low.downgraded?.lateMs, low.downgraded?.finishAt.getTime()], [3_000, now + 15_000]);
  assert.match((await kit.app.why(low)).firstThen, /best effort/);
  assert.equal((await kit.app.submit(wait, null, options)).downgraded, undefined);
  await assert.rejects(kit.app.submit(wait, null, { ifLate: "refuse" }), (error) => isMakespanError(error, "invalid_option"));
  await assert.rejects(kit.app.submit(wait, null, { dueAt, ifLate: "never" as never }), (error) => isMakespanError(error, "invalid_option"));
  await close(kit);
});

test("a watcher hears of a task at risk before it is late, and the KPIs count it", async () => {
  const kit = await busyKit();
  const feed = kit.app.watch();
  const dueAt = kit.clock.now() + 8_000;
  const late = await kit.app.submit(wait, null, { estimateMs: 2_000, dueAt, name: "due soon" });
  await kit.advance(6_000);
  const risks: TaskChange[] = [];
  while (risks.length === 0) {
    const { value } = await feed.next();
    if (value?.kind === "risk") risks.push(value);
  }
  const [risk] = risks;
  assert.ok(risk?.kind === "risk" && risk.risk === "at_risk" && risk.id === late.id && risk.name === "due soon");
  assert.ok(risk.at.getTime() < dueAt && risk.forecast!.finishAt.getTime() > dueAt);
  assert.equal((await kit.app.why(late)).due?.risk, "at_risk");
  assert.equal((await kit.app.stats()).kpis.at_risk, 1);
  await close(kit);
});
