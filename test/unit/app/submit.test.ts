// Submitting: what comes in is checked once and refused with a sentence that helps; what is accepted comes back as a result.
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { defineTask, TaskFailedError, type App, type SubmitOptions } from "../../../src/app/index.ts";
import { openOn } from "../../../src/app/open.ts";
import type { Clock } from "../../../src/engine/clock.ts";
import { createMemoryStore } from "../../../src/store/memory/memory-store.ts";
import { openForTest, VirtualClock, type TestApp } from "../../../src/testing/index.ts";

const double = defineTask({ type: "double", handler: (input: { n: number }) => ({ twice: input.n * 2 }) });
const echo = defineTask({ type: "echo", handler: (input: unknown) => input });
const checked = defineTask({
  type: "checked",
  input: z.object({ url: z.url(), sizes: z.array(z.number()).default([1]) }),
  handler: (input) => input,
});

/** Submits as JavaScript would, without types. */
function submitLoosely(app: App, type: unknown, input?: unknown, options?: unknown): Promise<unknown> {
  return app.submit(type as string, input, options as SubmitOptions);
}

async function withApp(run: (kit: TestApp) => Promise<void>): Promise<void> {
  await using kit = await openForTest({ tasks: [double, echo, checked] });
  await run(kit);
}

test("a task gives its result, by definition and by type", () =>
  withApp(async ({ app }) => {
    const handle = await app.submit(double, { n: 21 });
    assert.match(handle.id, /^t\d+$/);
    assert.equal(handle.existed, false);
    assert.deepEqual(await handle.result(), { twice: 42 });
    assert.deepEqual(await (await app.submit("double", { n: 4 })).result(), { twice: 8 });
    // Asked again, and later.
    assert.deepEqual(await handle.result(), { twice: 42 });
    assert.deepEqual(await app.task(double, handle.id).result(), { twice: 42 });
    assert.equal(JSON.stringify({ handle }), `{"handle":{"id":"${handle.id}","type":"double"}}`);
  }));

test("many tasks give their results in order, far more than are kept in memory", () =>
  withApp(async ({ app }) => {
    const inputs = Array.from({ length: 12_000 }, (_, n) => ({ n }));
    const handles = await app.submitMany(double, inputs);
    await app.idle();
    await app.submitMany(double, inputs);
    await app.idle();
    const results = await Promise.all(handles.map((handle) => handle.result()));
    assert.deepEqual(results.map(({ twice }) => twice), inputs.map(({ n }) => n * 2));
    assert.deepEqual(await app.submitMany(double, []), []);
  }));

test("options of many tasks: shared, or for each", () =>
  withApp(async ({ app }) => {
    const [first] = await app.submitMany(double, [{ n: 1 }, { n: 2 }], { priority: "high", name: "pair" });
    assert.equal((await app.get(first!))?.priority, 2);
    const each = await app.submitMany(double, [{ n: 1 }, { n: 2 }], (input, index) => ({ key: `k${input.n}`, name: `number ${index}` }));
    assert.equal((await app.get(each[1]!))?.name, "number 1");
    const again = await app.submitMany(double, [{ n: 2 }, { n: 3 }], (input) => ({ key: `k${input.n}` }));
    assert.deepEqual(again.map(({ existed }) => existed), [true, false]);
    assert.equal(again[0]?.id, each[1]?.id);
    await assert.rejects(app.submitMany(double, [{ n: 1 }, { n: 2 }], { key: "same" }), { code: "invalid_option", message: /cannot share a key/ });
    await assert.rejects(app.submitMany(double, "ab" as never), { message: 'submitMany takes an array of inputs, not "ab".' });
  }));

test("the schema checks the input, and its defaults reach the handler", () =>
  withApp(async ({ app }) => {
    assert.deepEqual(await (await app.submit(checked, { url: "https://example.org" })).result(), { url: "https://example.org", sizes: [1] });
    await assert.rejects(submitLoosely(app, "checked", { url: "nowhere", sizes: [1, "two"] }), (error: { code: string; message: string; detail: { issues: { path: string }[] } }) => {
      assert.equal(error.code, "invalid_input");
      assert.match(error.message, /^The input of "checked" is not valid: url: .*; sizes\[1\]: /);
      assert.deepEqual(error.detail.issues.map(({ path }) => path), ["url", "sizes[1]"]);
      return true;
    });
    await assert.rejects(app.submitMany(checked, [{ url: "https://example.org" }, { url: "" }]), { code: "invalid_input", message: /^The input number 1 of "checked"/ });
    assert.equal((await app.list()).tasks.length, 1);
  }));

test("an asynchronous schema", async () => {
  const slow = defineTask({ type: "slow", input: z.string().refine(async (text) => text !== "bad"), handler: (input) => input.length });
  await using kit = await openForTest({ tasks: [slow] });
  assert.equal(await (await kit.app.submit(slow, "good")).result(), 4);
  const handles = await kit.app.submitMany(slow, ["a", "bc"]);
  assert.deepEqual(await Promise.all(handles.map((handle) => handle.result())), [1, 2]);
  await assert.rejects(kit.app.submit(slow, "bad"), { code: "invalid_input" });
});

test("what cannot be written as JSON is refused by its path", () =>
  withApp(async ({ app }) => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    for (const [input, where] of [
      [{ list: [1, { n: 1n }] }, "list[1].n"],
      [{ a: { run() {} } }, "a.run"],
      [{ map: new Map() }, "map"],
      [circle, "self"],
    ] as const) {
      await assert.rejects(app.submit(echo, input), (error: { code: string; message: string }) => {
        assert.equal(error.code, "not_serializable");
        assert.ok(error.message.includes(where), error.message);
        return true;
      });
    }
    // Nothing is given as null.
    assert.equal(await (await app.submit(echo)).result(), null);
  }));

test("a large input is refused with its size and the limit", async () => {
  await using kit = await openForTest({ tasks: [echo], limits: { payloadBytes: 1_000 } });
  await assert.rejects(kit.app.submit(echo, "é".repeat(600)), { code: "payload_too_large", message: /^The input has 1202 bytes as JSON; at most 1000 are kept/ });
  assert.equal(await (await kit.app.submit(echo, "é".repeat(400))).result(), "é".repeat(400));
});

test("an unknown type is refused with the known ones", () =>
  withApp(async ({ app }) => {
    await assert.rejects(submitLoosely(app, "dubble"), { code: "type_unknown", message: 'No agent does tasks of the type "dubble"; did you mean "double"? Known types: double, echo, checked.' });
    const stranger = defineTask({ type: "stranger", handler: () => 1 });
    await assert.rejects(app.submit(stranger), { code: "type_unknown", message: /add its definition to `tasks` of open\(\)/ });
    await assert.rejects(submitLoosely(app, 7), { code: "invalid_option" });
  }));

test("options are checked: names, values, times", () =>
  withApp(async ({ app }) => {
    const refusals: readonly (readonly [options: unknown, message: string | RegExp])[] = [
      [{ priorty: 1 }, 'A submission has no option "priorty"; did you mean "priority"?'],
      [{ priority: "urgent" }, /priority must be "critical" or "high" or "medium" or "low", not "urgent"/],
      [{ dueAt: "tomorrow" }, 'dueAt must be a Date or milliseconds since 1970, not "tomorrow".'],
      [{ dueAt: new Date(Number.NaN) }, /not an invalid date/],
      [{ delayMs: -1 }, /delayMs must be a number of at least 0, not -1/],
      [{ delayMs: 1, releaseAt: 2 }, /releaseAt or delayMs, not both/],
      [{ limit: "key" }, /limit must be an object/],
      [{ limit: { key: "k", maximum: 2 } }, /limit has no option "maximum"/],
      [{ needs: "t1" }, /needs must be an array/],
      [{ needs: ["1"] }, /The id of a task looks like t17; got "1"/],
      [{ key: "" }, /key must be a text/],
      [{ key: "Hello\ud83d" }, /key must be a text without half a character \(a lone surrogate\), not "Hello\\ud83d"/],
      [{ queue: "\udc00" }, /queue must be a text without half a character/],
      ["high", /must be an object, not "high"/],
    ];
    for (const [options, message] of refusals) await assert.rejects(submitLoosely(app, "echo", 1, options), { code: "invalid_option", message });
    await assert.rejects(app.submit(echo, 1, { needs: ["t999"] }), { code: "dependency_unknown" });
  }));

test("a task is accepted while the one that it needs settles", async () => {
  const results: Promise<unknown>[] = [];
  const second = defineTask({ type: "second", handler: (_: undefined, { needs }) => needs[0]?.result });
  const submitSecond = async (steps: number, options: SubmitOptions): Promise<unknown> => {
    for (let step = 0; step < steps; step++) await Promise.resolve();
    return (await kit.app.submit(second, undefined, options)).result();
  };
  // Some come between the report that the first one has ended and its application.
  const first = defineTask({
    type: "first",
    handler: async (n: number, { id }) => {
      results.push(submitSecond(n, { needs: [id] }), submitSecond(n, { needs: [id], key: `second ${n}` }));
      return n;
    },
  });
  await using kit = await openForTest({ tasks: [first, second] });
  for (let n = 0; n < 12; n++) {
    await (await kit.app.submit(first, n)).result();
    assert.deepEqual(await Promise.all(results.splice(0)), [n, n]);
  }
  await assert.rejects(kit.app.submit(second, undefined, { key: "other", needs: ["t1", "t999"] }), { code: "dependency_unknown" });
});

test("with an asynchronous schema, the refusal of one task is the only one that is heard", async () => {
  const late = defineTask({ type: "late", input: z.number().refine(async (n) => n > 0), handler: (n) => n });
  await using kit = await openForTest({ tasks: [late] });
  const unheard: unknown[] = [];
  const hear = (reason: unknown): void => void unheard.push(reason);
  process.on("unhandledRejection", hear);
  const options = (_: number, index: number): SubmitOptions => (index === 1 ? { delayMs: -1 } : {});
  await assert.rejects(kit.app.submitMany(late, [-1, 2], options), { code: "invalid_option", message: /delayMs/ });
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", hear);
  assert.deepEqual(unheard, []);
  await assert.rejects(kit.app.submitMany(late, [1, -2]), { code: "invalid_input", message: /input number 1/ });
});

test("settings reach the task: from the definition, and from the submission over it", async () => {
  const task = defineTask({ type: "task", priority: "low", queue: "slow", retries: { limit: 2, backoff: "fixed", delayMs: 5 }, handler: () => 1 });
  await using kit = await openForTest({ tasks: [task], paused: true });
  const { app, clock } = kit;
  const dueAt = new Date(clock.now() + 5_000);
  const plain = await app.get(await app.submit(task));
  assert.deepEqual([plain?.priority, plain?.queue, plain?.state], [4, "slow", "queued"]);
  const other = await app.get(await app.submit(task, undefined, { priority: 2.5, queue: "fast", dueAt, delayMs: 1_000, name: "other" }));
  assert.deepEqual([other?.priority, other?.queue, other?.state, other?.name], [2.5, "fast", "scheduled", "other"]);
  assert.deepEqual([other?.dueAt, other?.releaseAt?.getTime()], [dueAt, clock.now() + 1_000]);
});

test("a delay begins now, also when the clock of the system was set back", async () => {
  const virtual = new VirtualClock();
  let setBackMs = 0;
  const clock: Clock = { now: () => virtual.now() - setBackMs, after: (delayMs, run, unref) => virtual.after(delayMs, run, unref), soon: virtual.soon };
  const parent = defineTask({ type: "parent", handler: async (_: undefined, { submit }) => void (await submit("echo", 1, { delayMs: 1_000 })) });
  const app = await openOn({ store: createMemoryStore(), clock, tasks: [echo, parent], watchdogMs: 0 });
  setBackMs = 3_600_000;
  const delayed = { delayMs: 1_000 };
  await Promise.all([app.submit(echo, 1, delayed), app.submitMany(echo, [1], delayed), app.submitMany(echo, [1], () => delayed), app.submitFlow("f", (add) => void add(echo, 1, delayed)), app.submit(parent)]);
  // Until it has caught up, the engine's time goes at half speed.
  await virtual.advance(1_500);
  assert.equal(app.counts().scheduled, 5);
  await virtual.advance(1_000);
  assert.equal(app.counts().scheduled, 0);
  await app.close();
});

test("a task that fails rejects with everything that is known", async () => {
  const flaky = defineTask({
    type: "flaky",
    retries: { limit: 2, delayMs: 1_000, jitter: 0 },
    handler: (_: undefined, { attempt }) => {
      throw new TypeError(`no luck ${attempt}`);
    },
  });
  await using kit = await openForTest({ tasks: [flaky] });
  const handle = await kit.app.submit(flaky);
  await kit.runUntilIdle();
  await assert.rejects(handle.result(), (error) => {
    assert.ok(error instanceof TaskFailedError);
    assert.deepEqual([error.id, error.type, error.state, error.code, error.attempts], [handle.id, "flaky", "failed", "handler_error", 3]);
    assert.equal(error.error?.message, "no luck 3");
    assert.equal(error.message, `The task ${handle.id} (flaky) failed after 3 attempts: no luck 3`);
    return true;
  });
  assert.deepEqual((await kit.app.attempts(handle)).map(({ attempt, outcome }) => [attempt, outcome]), [[1, "failed"], [2, "failed"], [3, "failed"]]);
});

test("a result that does not fit the output schema fails the attempt", async () => {
  const sized = defineTask({ type: "sized", output: z.object({ size: z.number().max(10) }), handler: (size: number) => ({ size, more: true }) });
  await using kit = await openForTest({ tasks: [sized] });
  // What the schema leaves out is left out.
  assert.deepEqual(await (await kit.app.submit(sized, 3)).result(), { size: 3 });
  await assert.rejects((await kit.app.submit(sized, 30)).result(), { code: "invalid_result", message: /does not fit its schema: size: / });
});
