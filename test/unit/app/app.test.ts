// Steering an app: lists and pages, cancel, retry, answers, pauses, limits, agents, statistics, closing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createFunctionAgent, defineTask, open } from "../../../src/app/index.ts";
import { createMemoryStore } from "../../../src/store/memory/memory-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { openForTest } from "../../../src/testing/index.ts";

const quick = defineTask({ type: "quick", handler: (n?: number) => n ?? 0 });
const hang = defineTask({ type: "hang", timeoutMs: 60_000, handler: (_: undefined, { signal }) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))) });

test("pages go on where the one before ended, newest or oldest first", async () => {
  await using kit = await openForTest({ tasks: [quick, hang] });
  const { app } = kit;
  const handles = await app.submitMany(quick, [1, 2, 3, 4, 5]);
  await app.idle();
  const first = await app.list({ type: quick, limit: 2 });
  assert.deepEqual(first.tasks.map(({ id }) => id), [handles[4]!.id, handles[3]!.id]);
  await app.submit(quick, 6);
  const second = await app.list({ type: "quick", limit: 2, cursor: first.cursor! });
  assert.deepEqual(second.tasks.map(({ id }) => id), [handles[2]!.id, handles[1]!.id]);
  const last = await app.list({ limit: 2, cursor: second.cursor! });
  assert.deepEqual([last.tasks.map(({ id }) => id), last.cursor], [[handles[0]!.id], undefined]);
  assert.deepEqual((await app.list({ order: "oldest", limit: 1 })).tasks.map(({ id }) => id), [handles[0]!.id]);
  assert.deepEqual((await app.list({ state: ["failed", "queued"] })).tasks, []);
  await assert.rejects(app.list({ cursor: "page2" }), { code: "invalid_option" });
  await assert.rejects(app.list({ sort: "name" } as never), { message: /^The filter has no option "sort"/ });
});

test("everything about one task", async () => {
  await using kit = await openForTest({ tasks: [quick] });
  const handle = await kit.app.submit(quick, 7, { name: "seven", key: "k7" });
  await handle.result();
  const info = await kit.app.get(handle);
  const at = new Date(kit.clock.now());
  assert.deepEqual(info, {
    id: handle.id, type: "quick", name: "seven", state: "succeeded", reason: undefined, queue: "default", priority: 3, key: "k7", flow: undefined, parent: undefined,
    tenant: undefined, session: undefined, weight: 1, size: undefined, region: undefined, preemptible: false,
    needs: [], attempts: 1, agent: "function", createdAt: at, releaseAt: undefined, dueAt: undefined, deadlineAt: undefined, startedAt: at, finishedAt: at, parkedFor: undefined,
    input: 7, result: 7, error: undefined, checkpoint: undefined,
  });
  assert.equal(await kit.app.get("t999"), undefined);
});

test("cancel one, or all that a filter means; retry them", async () => {
  await using kit = await openForTest({ tasks: [quick, hang] });
  const { app } = kit;
  const running = await app.submit(hang);
  assert.equal(await app.cancel(running, "not needed"), 1);
  await assert.rejects(running.result(), { state: "cancelled", code: "cancelled", reason: "not needed", message: /was cancelled \(not needed\)$/ });
  assert.equal(await app.cancel(running), 0);
  await app.pause();
  const waiting = await app.submitMany(quick, [1, 2, 3], { queue: "side" });
  await app.submit(quick, 4);
  assert.equal(await app.cancel({ queue: "side", type: quick }), 3);
  assert.equal(await app.cancel({}), 1);
  assert.equal(await app.retry({ queue: "side", state: "cancelled" }), 3);
  await app.resume();
  assert.deepEqual(await Promise.all(waiting.map((handle) => handle.result())), [1, 2, 3]);
  assert.equal(await app.retry({ queue: "side" }), 0);
  await assert.rejects(app.retry(waiting[0]!), { code: "nothing_to_redrive" });
  await assert.rejects(app.retry({ state: "succeeded" }), { code: "invalid_option" });
  await assert.rejects(async () => app.cancel({ flows: "f1" } as never), { message: 'The filter has no option "flows"; did you mean "flow"?' });
});

test("a parked task goes on with its answer; children are checked like submissions", async () => {
  const ask = defineTask({ type: "ask", handler: (question: string, { wake, park }) => (wake?.kind === "answer" ? { question, said: wake.answer } : park({ for: "answer" })) });
  const family = defineTask({
    type: "family",
    handler: async (n: number, { submit, park, wake }) => {
      if (wake?.kind === "children") return wake.outcomes.map(({ result }) => result);
      for (let child = 0; child < n; child++) await submit(quick, child, { priority: "high" });
      return park({ for: "children" });
    },
  });
  const slip = defineTask({ type: "slip", handler: (_: undefined, { submit }) => submit("quik", 1) });
  const half = defineTask({ type: "half", handler: (_: undefined, { submit }) => submit("quick", 1, { key: "\ud83d" }) });
  await using kit = await openForTest({ tasks: [ask, family, quick, slip, half] });
  const { app } = kit;
  const asked = await app.submit(ask, "why?");
  await kit.runUntilIdle();
  assert.deepEqual([(await app.get(asked))?.state, (await app.get(asked))?.parkedFor], ["parked", "answer"]);
  await app.answer(asked, { because: 42 });
  assert.deepEqual(await asked.result(), { question: "why?", said: { because: 42 } });
  await assert.rejects(app.answer(asked, 1), { code: "task_not_found" });
  const parent = await app.submit(family, 3);
  assert.deepEqual(await parent.result(), [0, 1, 2]);
  assert.deepEqual((await app.list({ parent })).tasks.map(({ priority }) => priority), [2, 2, 2]);
  await assert.rejects((await app.submit(slip)).result(), { message: /did you mean "quick"\?/ });
  await assert.rejects((await app.submit(half)).result(), { message: /key must be a text without half a character/ });
});

test("agents come and go, and their types with them", async () => {
  await using kit = await openForTest();
  const { app } = kit;
  await assert.rejects(app.submit("late"), { code: "type_unknown", message: 'No agent does tasks of the type "late". Known types: none.' });
  const agent = createFunctionAgent({ name: "helpers", slots: 2, handlers: { late: { handler: () => "done" } }, clock: kit.clock.forAgents });
  await app.addAgent(agent);
  assert.equal(await (await app.submit("late")).result(), "done");
  await assert.rejects(app.addAgent(agent), { code: "invalid_option", message: /an agent called "helpers" already/ });
  await app.removeAgent("helpers");
  await assert.rejects(app.removeAgent("helpers"), { code: "agent_unknown" });
});

test("policy, balancer and concurrency", async () => {
  let most = 0;
  let now = 0;
  const narrow = defineTask({
    type: "narrow",
    concurrency: 2,
    handler: async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
    },
  });
  await using kit = await openForTest({ tasks: [narrow] });
  const { app } = kit;
  await Promise.all((await app.submitMany(narrow, new Array(10).fill(undefined))).map((handle) => handle.result()));
  assert.equal(most, 2);
  await app.setConcurrency(narrow, null);
  await Promise.all((await app.submitMany(narrow, new Array(10).fill(undefined))).map((handle) => handle.result()));
  assert.ok(most > 2);
  await app.setPolicy("default", "fcfs");
  await app.setBalancer("least-connections");
  await assert.rejects(app.setPolicy("default", "lifo"), { code: "policy_unknown", message: /fcfs/ });
  await assert.rejects(app.setBalancer("random"), { code: "balancer_unknown" });
  await app.setFairShare("default", { acme: 2, beta: 0.5 });
  await app.setFairShare("default", null);
  await assert.rejects(app.setFairShare("default", { acme: 0 }), { code: "invalid_option", message: 'The weight of the tenant "acme" must be a number of more than 0, not 0.' });
  await assert.rejects(app.setFairShare("", {}), { code: "invalid_option" });
});

test("statistics: what was done since the app was opened, and how things stand", async () => {
  await using kit = await openForTest({ tasks: [quick, hang], slots: 5 });
  const { app } = kit;
  await Promise.all((await app.submitMany(quick, [1, 2, 3])).map((handle) => handle.result()));
  await app.submit(hang);
  await app.submit(quick, 1, { delayMs: 1_000, queue: "later" });
  const stats = await app.stats();
  assert.deepEqual([stats.kpis.tasks.succeeded, stats.kpis.attempts, stats.kpis.by_type.map(({ type }) => type)], [3, 3, ["quick"]]);
  assert.deepEqual(stats.live, { scheduled: 1, blocked: 0, queued: 0, running: 1, parked: 0 });
  assert.deepEqual(stats.queues, [{ name: "default", queued: 0, running: 1, waiting: 0 }, { name: "later", queued: 0, running: 0, waiting: 1 }]);
  assert.deepEqual(stats.agents, [{ name: "function", kind: "function", types: ["quick", "hang"], slots: 5, busy: 1, load: 0.2, speed: 1, weight: 1, region: undefined, costPerHour: 0, draining: false }]);
  assert.equal(stats.store.tasks.succeeded, 3);
  assert.ok(stats.eventLoopDelayMs.p99 >= 0);
});

test("closing is done once, however often it is asked for; afterwards every call is refused", async () => {
  const { app, close } = await openForTest({ tasks: [quick] }).then((kit) => ({ app: kit.app, close: () => kit.close() }));
  const handle = await app.submit(quick, 1);
  const unfinished = await app.submit(quick, 2, { delayMs: 1 });
  // Nobody looks at this one: it must not end the process.
  void unfinished.result();
  await Promise.all([app.close(), app.close({ mode: "now" }), app[Symbol.asyncDispose]()]);
  await close();
  await assert.rejects(app.submit(quick, 1), { code: "engine_closed" });
  await assert.rejects(app.pause(), { code: "engine_closed" });
  assert.equal(await handle.result(), 1);
  await assert.rejects(unfinished.result(), { code: "engine_closed", message: /goes on after the next open/ });
  assert.throws(() => app.close({ mode: "later" as never }), { code: "invalid_option" });
});

test("a drain that takes too long becomes a stop", async () => {
  const kit = await openForTest({ tasks: [hang] });
  const handle = await kit.app.submit(hang);
  const result = assert.rejects(handle.result(), { code: "engine_closed" });
  const closed = kit.app.close({ timeoutMs: 5_000 });
  await kit.advance(5_000);
  await kit.advance(5_000);
  await closed;
  await result;
});

test("the time-out of a close keeps the process alive, since the handler it waits for may not", async () => {
  await using kit = await openForTest({ tasks: [hang] });
  await kit.app.submit(hang);
  const closed = kit.app.close({ timeoutMs: 1_000 });
  await kit.clock.settle();
  assert.equal(kit.clock.nextDueAt(false), kit.clock.now() + 1_000);
  await kit.advance(1_000);
  await closed;
});

test("open refuses what it cannot use", async () => {
  const elsewhere = defineTask({ type: "elsewhere" });
  await assert.rejects(open({ path: ":memory:", task: [quick] } as never), { message: 'open() has no option "task"; did you mean "tasks"?' });
  await assert.rejects(open({ path: "" }), { message: "path must be a text that is not empty, not \"\"." });
  await assert.rejects(open({ path: ":memory:", tasks: [quick, quick] }), { message: 'Two definitions in `tasks` have the type "quick".' });
  await assert.rejects(open({ path: ":memory:", tasks: [elsewhere] }), { code: "handler_missing", message: /^Nobody does the task "elsewhere"/ });
  await assert.rejects(open({ path: ":memory:", tasks: [{ type: "x" } as never] }), { message: /what defineTask\(\) gave/ });
  await assert.rejects(open({ path: ":memory:", slots: 0 }), { message: /slots must be a whole number/ });
  await assert.rejects(open({ path: ":memory:", limits: { payloadByte: 1 } }), { message: 'limits has no option "payloadByte"; did you mean "payloadBytes"?' });
});

test("how a task ended is waited for while it is being written, and not read from the store", async () => {
  const memory = createMemoryStore();
  let reads = 0;
  const store = storeWith(memory, {
    commit: async (commit) => {
      for (let rounds = 0; rounds < 5; rounds++) await new Promise((resolve) => setImmediate(resolve));
      await memory.commit(commit);
    },
    taskGet: (ids, payloads) => {
      reads += 1;
      return memory.taskGet(ids, payloads);
    },
  });
  const answer = defineTask({ type: "answer", handler: () => 42 });
  const refuse = defineTask({ type: "refuse", retries: 0, handler: () => Promise.reject(new Error("no")) });
  await using test = await openForTest({ store, tasks: [answer, refuse] });
  // The handlers run as soon as the submission is durable, so both have ended when it is answered.
  const [answered, refused] = await Promise.all([test.app.submit(answer), test.app.submit(refuse)]);
  assert.equal(await answered.result(), 42);
  await assert.rejects(refused.result(), /no/);
  assert.equal(reads, 0);
});

test("who asks for a result while the task is run again hears how it ended then", async () => {
  const memory = createMemoryStore();
  let held: Promise<void> | undefined;
  const store = storeWith(memory, {
    taskGet: async (ids, payloads) => {
      const before = held;
      held = undefined;
      await before;
      return memory.taskGet(ids, payloads);
    },
  });
  const again = Promise.withResolvers<never>();
  const refuse = defineTask({ type: "refuse", retries: 0, handler: (_: undefined, { attempt }) => (attempt === 1 ? Promise.reject(new Error("once")) : again.promise) });
  await using test = await openForTest({ store, tasks: [refuse] });
  const task = await test.app.submit(refuse);
  await assert.rejects(task.result(), /once/);
  const gate = Promise.withResolvers<void>();
  held = gate.promise;
  const asked = task.result();
  assert.equal(await test.app.retry(task), 1);
  gate.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  again.reject(new Error("twice"));
  await assert.rejects(asked, /twice/);
});

test("a stop that comes while an attempt's input is still being read reaches its handler, once", async () => {
  const memory = createMemoryStore();
  const reading = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const store = storeWith(memory, {
    payloadLoad: async (requests) => {
      reading.resolve();
      await gate.promise;
      return memory.payloadLoad(requests);
    },
  });
  const heard: string[] = [];
  const again = defineTask({
    type: "again",
    retries: { limit: 1, delayMs: 0 },
    preemptible: true,
    handler: (_: undefined, { attempt, signal }) => {
      if (attempt === 1) throw new Error("once");
      if (attempt > 2) return undefined;
      return new Promise((_resolve, reject) => signal.addEventListener("abort", () => {
        heard.push((signal.reason as { readonly reason: string }).reason);
        reject(signal.reason as Error);
      }));
    },
  });
  const urgent = defineTask({ type: "urgent", priority: "critical", handler: () => undefined });
  await using kit = await openForTest({ store, tasks: [again, urgent], slots: 1 });
  await kit.app.setPolicy("default", "priority:preempt");
  await kit.app.submit(again);
  await kit.advance(1_000);
  await reading.promise;
  await kit.app.submit(urgent);
  await kit.clock.settle();
  gate.resolve();
  await kit.clock.settle();
  assert.deepEqual(heard, ["preempted"]);
});

/** The store with some of its methods replaced. */
function storeWith(store: Store, replaced: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(replaced, name) ?? Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
