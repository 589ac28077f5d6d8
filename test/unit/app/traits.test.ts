// What policies, limits and balancers look at in a task: checked where it enters, in the core while the task lives, in the store
// after a restart, shown and found, and passed on to children.
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { defineTask, type App, type SubmitOptions, type TaskInfo } from "../../../src/app/index.ts";
import { systemClock } from "../../../src/engine/clock.ts";
import { createEngine } from "../../../src/engine/engine.ts";
import { createMemoryStore } from "../../../src/store/memory/memory-store.ts";
import { openForTest, VirtualClock } from "../../../src/testing/index.ts";

const plain = defineTask({ type: "plain", handler: (input: unknown) => input });
const spoken = defineTask({
  type: "spoken",
  tenant: "acme", weight: 2, region: "eu", preemptible: true,
  handler: (input: { text: string }) => input.text,
  size: (input) => input.text.length,
});

function traits({ tenant, session, weight, size, region, preemptible }: TaskInfo): unknown {
  return { tenant, session, weight, size, region, preemptible };
}

async function traitsOf(app: App, task: { readonly id: string }): Promise<unknown> {
  return traits((await app.get(task))!);
}

test("a submission says them, else its definition, else nothing", async () => {
  await using kit = await openForTest({ tasks: [plain, spoken], paused: true });
  const { app } = kit;
  const none = { tenant: undefined, session: undefined, weight: 1, size: undefined, region: undefined, preemptible: false };
  assert.deepEqual(await traitsOf(app, await app.submit(plain)), none);
  const given = { tenant: "b", session: "chat-42", weight: 0.5, size: 0, region: "us" };
  assert.deepEqual(await traitsOf(app, await app.submit(plain, 1, given)), { ...given, preemptible: false });
  const defined = { tenant: "acme", session: undefined, weight: 2, size: 5, region: "eu", preemptible: true };
  assert.deepEqual(await traitsOf(app, await app.submit(spoken, { text: "hello" })), defined);
  assert.deepEqual(await traitsOf(app, await app.submit(spoken, { text: "hello" }, { tenant: "b", priority: 1 })), { ...defined, tenant: "b" });
  assert.deepEqual(await traitsOf(app, await app.submit(spoken, { text: "hello" }, { size: 1_000 })), { ...defined, size: 1_000 });
});

test("a size is told from the input as the schema gives it, of one task, many, and a flow's", async () => {
  const input = z.object({ pages: z.number().default(3) });
  const slow = z.object({ pages: z.number() }).refine(async ({ pages }) => pages < 100);
  const print = defineTask({ type: "print", input, handler: ({ pages }) => pages, size: ({ pages }) => pages * 2 });
  const later = defineTask({ type: "later", input: slow, handler: ({ pages }) => pages, size: ({ pages }) => pages });
  await using kit = await openForTest({ tasks: [print, later], paused: true });
  const { app } = kit;
  const sizeOf = async (task: { readonly id: string }): Promise<unknown> => (await app.get(task))?.size;
  assert.equal(await sizeOf(await app.submit(print, {})), 6);
  assert.equal(await sizeOf(await app.submit(later, { pages: 8 })), 8);
  const many = await app.submitMany(print, [{ pages: 1 }, {}, { pages: 10 }], { name: "alike" });
  assert.deepEqual(await Promise.all(many.map(sizeOf)), [2, 6, 20]);
  const each = await app.submitMany(later, [{ pages: 1 }, { pages: 2 }], ({ pages }) => (pages === 1 ? { size: 50 } : {}));
  assert.deepEqual(await Promise.all(each.map(sizeOf)), [50, 2]);
  const flow = await app.submitFlow("flow", (add) => ({ a: add(print, { pages: 4 }), b: add(later, { pages: 5 }) }));
  assert.deepEqual(await Promise.all([flow.tasks.a, flow.tasks.b].map(sizeOf)), [8, 5]);
});

test("what is wrong is refused with what was meant", async () => {
  const throws = defineTask({ type: "throws", handler: (input: { text?: string }) => input, size: (input) => input.text!.length });
  const negative = defineTask({ type: "negative", handler: (input: number) => input, size: (input) => -input });
  await using kit = await openForTest({ tasks: [plain, throws, negative] });
  const { app } = kit;
  const refusals: readonly (readonly [options: unknown, message: string | RegExp])[] = [
    [{ tenat: "a" }, 'A submission has no option "tenat"; did you mean "tenant"?'],
    [{ tenant: "" }, /^tenant must be a text that is not empty/],
    [{ session: 42 }, /^session must be a text that is not empty, not 42/],
    [{ weight: 0 }, "weight must be a number of more than 0, not 0."],
    [{ weight: Number.NaN }, /^weight must be a number of more than 0/],
    [{ size: -1 }, "size must be a number of at least 0, not -1."],
    [{ size: () => 1 }, /^size must be a number/],
    [{ region: ["eu"] }, /^region must be a text/],
    [{ preemptible: true }, /^A submission has no option "preemptible"/],
  ];
  for (const [options, message] of refusals) await assert.rejects(app.submit(plain, 1, options as SubmitOptions), { code: "invalid_option", message });
  await assert.rejects(app.submit(throws, {}), { code: "invalid_option", message: /^The size of a task of the type "throws" could not be told from its input: .*length/ });
  await assert.rejects(app.submit(negative, 5), { code: "invalid_option", message: 'The size that the definition of "negative" tells from an input must be a number of at least 0, not -5.' });
  const define = (more: object) => () => defineTask({ type: "odd", handler: () => 1, ...more });
  assert.throws(define({ weight: -1 }), { code: "invalid_option", message: /^weight must be/ });
  assert.throws(define({ preemptible: "yes" }), { code: "invalid_option", message: 'preemptible must be true or false, not "yes".' });
  assert.throws(define({ preemptable: true }), { message: /has no option "preemptable"; did you mean "preemptible"\?/ });
  assert.throws(define({ size: "large" }), { message: /^size must be a number/ });
});

test("lists are filtered by tenant and session", async () => {
  await using kit = await openForTest({ tasks: [plain], paused: true });
  const { app } = kit;
  const one = await app.submit(plain, 1, { tenant: "acme", session: "s" });
  const two = await app.submit(plain, 2, { tenant: "acme" });
  const three = await app.submit(plain, 3, { tenant: "b", session: "s" });
  const ids = async (filter: object) => (await app.list({ order: "oldest", ...filter })).tasks.map(({ id }) => id);
  assert.deepEqual(await ids({ tenant: "acme" }), [one.id, two.id]);
  assert.deepEqual(await ids({ session: "s" }), [one.id, three.id]);
  assert.deepEqual(await ids({ session: "s", tenant: "b", type: "plain" }), [three.id]);
  await assert.rejects(app.list({ tenant: "" }), { code: "invalid_option" });
  // Where a filter means what is changed, it must not be passed over.
  assert.throws(() => app.cancel({ region: "eu" } as object), { code: "invalid_option", message: /The filter has no option "region"/ });
});

test("children belong to the tenant and session of their parent, unless they or their definition say", async () => {
  const parent = defineTask({
    type: "parent",
    handler: async (_: undefined, { submit, park, wake }) => {
      if (wake !== undefined) return "done";
      await submit("plain", 1, { name: "heir" });
      await submit("plain", 2, { name: "own", tenant: "b", session: "other" });
      await submit("spoken", { text: "hi" }, { name: "defined" });
      await submit("nested", undefined, { name: "nested" });
      return park({ for: "children" });
    },
  });
  const nested = defineTask({
    type: "nested",
    handler: async (_: undefined, { submit }) => void (await submit("plain", 3, { name: "grandchild" })),
  });
  await using kit = await openForTest({ tasks: [plain, spoken, parent, nested] });
  const root = await kit.app.submit(parent, undefined, { tenant: "c", session: "chat-42", weight: 3 });
  await kit.runUntilIdle();
  assert.equal(await root.result(), "done");
  const found = new Map((await kit.app.list()).tasks.map((task) => [task.name, [task.tenant, task.session, task.weight, task.size]]));
  assert.deepEqual(found.get("heir"), ["c", "chat-42", 1, undefined]);
  assert.deepEqual(found.get("own"), ["b", "other", 1, undefined]);
  assert.deepEqual(found.get("defined"), ["acme", "chat-42", 2, 2]);
  assert.deepEqual(found.get("grandchild"), ["c", "chat-42", 1, undefined]);
});

test("tenants share a queue by weight, also after a restart, until it is one line again", async () => {
  const started: string[] = [];
  const clock = new VirtualClock();
  const turn = defineTask({
    type: "turn",
    handler: async (tenant: string) => {
      started.push(tenant);
      await clock.sleep(10);
    },
  });
  const store = createMemoryStore();
  const firstSix = async (prepare: (app: App) => Promise<void>): Promise<string> => {
    await using kit = await openForTest({ tasks: [turn], slots: 1, store, clock, paused: true });
    await prepare(kit.app);
    started.length = 0;
    for (const tenant of ["a", "b"]) await kit.app.submitMany(turn, new Array<string>(6).fill(tenant), { tenant, estimateMs: 10 });
    await kit.app.resume();
    await kit.runUntilIdle();
    return started.slice(0, 6).sort().join("");
  };
  assert.equal(await firstSix((app) => app.setPolicy("default", "fcfs")), "aaaaaa");
  assert.equal(await firstSix((app) => app.setFairShare("default", { b: 2 })), "aabbbb");
  assert.equal(await firstSix(async () => {}), "aabbbb");
  assert.equal(await firstSix((app) => app.setFairShare("default", null)), "aaaaaa");
});

test("what sessions and flows were served counts after a restart too", async () => {
  const clock = new VirtualClock();
  const store = createMemoryStore();
  const started: string[] = [];
  const work = defineTask({
    type: "work",
    handler: async ({ name, ms }: { name: string; ms: number }) => {
      started.push(name);
      await clock.sleep(ms);
    },
  });
  const options = { tasks: [work], slots: 1, store, clock };
  {
    await using kit = await openForTest(options);
    await kit.app.setPolicy("default", "las");
    await kit.app.submit(work, { name: "chat before", ms: 60_000 }, { session: "chat" });
    await kit.app.submitFlow("report", (add) => {
      const first = add(work, { name: "flow before", ms: 60_000 }, { name: "first" });
      add(work, { name: "flow after", ms: 10 }, { name: "second", needs: [first], delayMs: 3_700_000 });
    });
    await kit.advance(120_000);
    assert.deepEqual(started, ["chat before", "flow before"]);
  }
  await using kit = await openForTest({ ...options, paused: true });
  await kit.advance(3_600_000);
  await kit.app.submit(work, { name: "chat after", ms: 10 }, { session: "chat" });
  await kit.advance(1_000);
  await kit.app.submit(work, { name: "fresh", ms: 10 }, { session: "fresh" });
  started.length = 0;
  await kit.app.resume();
  await kit.runUntilIdle();
  assert.deepEqual(started, ["fresh", "flow after", "chat after"]);
});

test("the core has them, before and after a restart", async () => {
  const store = createMemoryStore();
  const options = { store, clock: systemClock, limits: { requestEveryMs: Infinity } };
  const retry = { limit: 0, backoff: "fixed", delayMs: 1, maxDelayMs: 1, jitter: 0, lossLimit: 1 } as const;
  const spec = { type: "t", queue: "q", priority: 3, retry, onDependencyFailure: "skip", preemptible: true } as const;
  const given = { tenant: "acme", session: "s", weight: 2, size: 9, region: "eu", uses: [{ limit: "gpu", amount: 1 }] };
  const first = await createEngine(options);
  await first.setLimit("gpu", { kind: "slots", units: 1 });
  const { ids } = await first.submit({ tasks: [{ spec, input: "1", ...given }, { spec: { ...spec, preemptible: false }, input: "2" }] });
  for (const engine of [first, await first.close("leave").then(() => createEngine(options))]) {
    const [one, two] = ids.map((id) => engine.liveTask(id)!);
    const { tenant, session, weight, size, region, uses } = one!.extra!;
    assert.deepEqual({ tenant, session: session?.name, weight, size, region, uses }, given);
    assert.deepEqual([one!.spec.preemptible === true, two!.spec.preemptible === true], [true, false]);
    assert.notEqual(one!.spec.id, two!.spec.id);
    if (engine !== first) await engine.close("now");
  }
});
