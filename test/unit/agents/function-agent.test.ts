// What only the function agent does: batches, lazy handlers, and a close that does not wait for ever.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createFunctionAgent } from "../../../src/engine/agents/function-agent.ts";
import type { Handlers } from "../../../src/engine/agents/handlers.ts";
import type { Clock } from "../../../src/engine/clock.ts";
import { systemClock } from "../../../src/engine/clock.ts";
import type { BatchHandler, TaskContext } from "../../../src/engine/context.ts";
import { RetryAfterError } from "../../../src/engine/handler-errors.ts";
import { isMakespanError } from "../../../src/protocol/errors.ts";
import { attemptStart, RecordingReporter } from "../../support/recording-reporter.ts";

/** Time that stands still, with timers that a test sets off. */
function stillClock(): Clock & { readonly timers: { readonly delayMs: number; readonly run: () => void; cancelled: boolean }[] } {
  const timers: { readonly delayMs: number; readonly run: () => void; cancelled: boolean }[] = [];
  return {
    timers,
    now: () => 1_000,
    soon: queueMicrotask,
    after(delayMs, run) {
      const timer = { delayMs, run, cancelled: false };
      timers.push(timer);
      return { cancel: () => void (timer.cancelled = true) };
    },
  };
}

function setup(handlers: Handlers, clock: Clock = systemClock) {
  const agent = createFunctionAgent({ slots: 100, handlers, clock });
  const run = (type: string, input: unknown = null) => {
    const reporter = new RecordingReporter();
    const start = attemptStart(type, input);
    agent.start(start, reporter);
    return { reporter, stop: (reason: "cancelled" | "shutdown") => agent.stop(start.id, start.attempt, reason) };
  };
  return { agent, run };
}

test("handlers may be a plain record, and are called with the parsed input", async () => {
  const { agent, run } = setup({ add: { handler: ({ a, b }: { readonly a: number; readonly b: number }) => a + b } });
  assert.deepEqual(agent.spec, { name: "function", kind: "function", types: ["add"], slots: 100 });
  assert.equal(await run("add", { a: 1, b: 2 }).reporter.result(), 3);
  assert.equal((await run("other").reporter.failure()).code, "handler_missing");
});

test("refuses options that make no sense", () => {
  const handler = { handler: () => 1 };
  assert.throws(() => createFunctionAgent({ slots: 0, handlers: { a: handler } }), (error) => isMakespanError(error, "invalid_option"));
  assert.throws(() => createFunctionAgent({ slots: 1, handlers: {} }), (error) => isMakespanError(error, "invalid_option"));
  assert.throws(() => createFunctionAgent({ slots: 1, handlers: { a: { handler: () => [], batch: { size: 0 } } } }), (error) => isMakespanError(error, "invalid_option"));
});

test("a lazy handler is loaded once, at its first task", async () => {
  let loads = 0;
  const lazy = async () => {
    loads++;
    return { default: (input: unknown) => input, twice: (input: number) => input * 2 };
  };
  const { run } = setup({ one: { lazy }, two: { lazy, export: "twice" } });
  assert.equal(loads, 0);
  const [first, second] = [run("one", 1), run("one", 2)];
  assert.deepEqual([await first.reporter.result(), await second.reporter.result()], [1, 2]);
  assert.equal(await run("one", 3).reporter.result(), 3);
  assert.equal(loads, 1);
  assert.equal(await run("two", 3).reporter.result(), 6);
  assert.equal(loads, 2);
});

test("a load that failed is one clear error, and tried again by the next task", async () => {
  let loads = 0;
  const { run } = setup({
    late: {
      lazy: async () => {
        if (loads++ === 0) throw new Error("not there yet");
        return { handler: () => "here" };
      },
    },
    wrong: { lazy: async () => ({ other: 1 }) },
  });
  const failed = await run("late").reporter.failure();
  assert.deepEqual([failed.code, failed.retryable], ["handler_missing", false]);
  assert.match(failed.error.message, /"late" could not be loaded: not there yet/);
  assert.equal(await run("late").reporter.result(), "here");
  assert.match((await run("wrong").reporter.failure()).error.message, /it exports other/);
});

test("an attempt stopped while its handler loads ends at once and is not called", async () => {
  let called = 0;
  const loaded = Promise.withResolvers<object>();
  const { run } = setup({ slow: { lazy: () => loaded.promise } });
  const stopped = run("slow");
  const other = run("slow");
  stopped.stop("shutdown");
  assert.equal((await stopped.reporter.ended).kind, "release");
  loaded.resolve({ default: () => ++called });
  assert.equal(await other.reporter.result(), 1);
  assert.equal(stopped.reporter.reports.length, 1);
});

test("a batch is handed over when it is full", async () => {
  const sizes: number[] = [];
  const square: BatchHandler<number> = async (inputs, contexts) => {
    sizes.push(inputs.length);
    assert.equal(contexts.length, inputs.length);
    return inputs.map((n) => n * n);
  };
  const clock = stillClock();
  const { run } = setup({ square: { handler: square, batch: { size: 3, waitMs: 50 } } }, clock);
  const runs = [1, 2, 3, 4].map((n) => run("square", n).reporter);
  assert.deepEqual(await Promise.all(runs.slice(0, 3).map((reporter) => reporter.result())), [1, 4, 9]);
  assert.equal(runs[3]?.reports.length, 0);
  const [first, second] = clock.timers;
  assert.deepEqual([first?.delayMs, first?.cancelled, second?.cancelled], [50, true, false]);
  second?.run();
  assert.equal(await runs[3]?.result(), 16);
  assert.deepEqual(sizes, [3, 1]);
});

test("each task of a batch ends in its own way", async () => {
  const mixed: BatchHandler = (_inputs, contexts) => [
    "fine",
    new RetryAfterError(9, "this one later"),
    (contexts[2] as TaskContext).park({ for: "answer" }),
    1n,
  ];
  const { run } = setup({ mixed: { handler: mixed, batch: { size: 4 } } });
  const [fine, later, parked, bad] = [0, 1, 2, 3].map(() => run("mixed").reporter);
  assert.equal(await fine?.result(), "fine");
  assert.equal((await later?.failure())?.retryAfterMs, 9);
  assert.equal((await parked?.ended)?.kind, "park");
  assert.equal((await bad?.failure())?.code, "not_serializable");
});

test("a batch handler that throws or loses count fails all of its tasks", async () => {
  const { run } = setup({
    thrown: { handler: async () => Promise.reject(new Error("all of them")), batch: { size: 2 } },
    short: { handler: () => [1], batch: { size: 2 } },
  });
  for (const { reporter } of [run("thrown"), run("thrown")]) assert.equal((await reporter.failure()).error.message, "all of them");
  for (const { reporter } of [run("short"), run("short")]) {
    const failed = await reporter.failure();
    assert.deepEqual([failed.code, failed.retryable], ["batch_mismatch", false]);
  }
});

test("an attempt stopped while it waits for its batch is not in it", async () => {
  const clock = stillClock();
  const { run } = setup({ all: { handler: (inputs: readonly unknown[]) => [...inputs], batch: { size: 10 } } }, clock);
  const [first, second] = [run("all", 1), run("all", 2)];
  first.stop("cancelled");
  assert.equal((await first.reporter.failure()).code, "cancelled");
  clock.timers[0]?.run();
  assert.equal(await second.reporter.result(), 2);
});

test("when no attempt waits for a batch any more, its timer does not either", async () => {
  const clock = stillClock();
  const { agent, run } = setup({ all: { handler: (inputs: readonly unknown[]) => [...inputs], batch: { size: 10 } } }, clock);
  const [first, second] = [run("all", 1), run("all", 2)];
  first.stop("cancelled");
  assert.equal(clock.timers[0]?.cancelled, false);
  second.stop("cancelled");
  assert.equal(clock.timers[0]?.cancelled, true);
  const third = run("all", 3);
  assert.equal(clock.timers[1]?.cancelled, false);
  await agent.close();
  assert.equal(clock.timers[1]?.cancelled, true);
  assert.equal((await third.reporter.ended).kind, "release");
});

test("close gives up handlers that do not obey, and hears nothing more of them", async () => {
  const clock = stillClock();
  const release = Promise.withResolvers<string>();
  const { agent, run } = setup({ deaf: { handler: () => release.promise } }, clock);
  const { reporter } = run("deaf");
  const closed = agent.close();
  clock.timers[0]?.run();
  await closed;
  release.resolve("too late");
  await release.promise;
  assert.deepEqual(reporter.reports.map((report) => report.kind), ["release"]);
});

test("an attempt that was stopped and the retry of its task are told apart", async () => {
  const { agent } = setup({
    wait: { handler: (_input: unknown, { signal, attempt }: TaskContext) => new Promise((resolve) => signal.addEventListener("abort", () => resolve(attempt))) },
  });
  const reporters = [1, 2, 3].map((attempt) => {
    const reporter = new RecordingReporter();
    agent.start(attemptStart("wait", null, { id: 5_000, attempt }), reporter);
    return reporter;
  });
  agent.stop(5_000, 2, "timeout");
  assert.equal(await reporters[1]?.result(), 2);
  agent.stop(5_000, 1, "timeout");
  assert.equal(await reporters[0]?.result(), 1);
  assert.equal(reporters[2]?.reports.length, 0);
  await agent.close();
  assert.equal(await reporters[2]?.result(), 3);
});

/** What a handler without types may come up with; each gives or throws it. */
const ODD: readonly (readonly [name: string, code: string, says: RegExp, odd: (context: TaskContext) => unknown])[] = [
  ["an error without a message", "handler_error", /^undefined$/, () => thrown(Object.assign(new Error("x"), { message: undefined }))],
  ["an error whose message is an object", "handler_error", /quota/, () => thrown(Object.assign(new Error("x"), { message: { reason: "quota" } }))],
  ["an error whose stack is a number", "handler_error", /^x$/, () => thrown(Object.assign(new Error("x"), { stack: 5 }))],
  ["an error whose name is a bigint", "handler_error", /^x$/, () => thrown(Object.assign(new Error("x"), { name: 1n }))],
  ["an error whose cause has no message", "handler_error", /^x$/, () => thrown(new Error("x", { cause: Object.assign(new Error(), { message: null }) }))],
  ["an error with a getter that throws", "handler_error", /cannot be read/, () => thrown(Object.defineProperty(new Error("x"), "name", { get: () => thrown(new Error("lazy")) }))],
  ["something without a prototype that is no JSON", "handler_error", /threw/, () => thrown(Object.assign(Object.create(null) as object, { n: 1n }))],
  ["a result with a getter that throws", "not_serializable", /lazy loading failed/, () => ({ get x() { return thrown(new Error("lazy loading failed")); } })],
  ["a deep result", "not_serializable", /call stack/, () => deep(100_000)],
  ["a result that can be read once only", "not_serializable", /read before/, () => readOnce()],
  ["a getter `then` that throws", "handler_error", /then getter/, () => having("then", { get: () => thrown(new Error("then getter")) })],
  ["a `then` that throws", "handler_error", /then called/, () => having("then", { value: () => thrown(new Error("then called")) })],
  ["a proxy that has been revoked", "handler_error", /revoked/, () => revoked()],
  ["park() without what to wait for", "handler_error", /park\(\) must be told/, (context) => (context.park as () => unknown)()],
];

function thrown(error: unknown): never {
  throw error;
}

function having(name: string, property: PropertyDescriptor): object {
  return Object.defineProperty({}, name, { ...property, enumerable: true });
}

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = { a: value };
  return value;
}

function readOnce(): object {
  let reads = 0;
  return { get x() { return reads++ === 0 ? 1 : thrown(new Error("read before")); } };
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

for (const [name, code, says, odd] of ODD) {
  test(`${name} fails its attempt and nothing else`, async () => {
    const { agent, run } = setup({
      sync: { handler: (_input: unknown, context: TaskContext) => odd(context) },
      async: {
        handler: async (_input: unknown, context: TaskContext) => {
          await Promise.resolve();
          return odd(context);
        },
      },
      batch: { handler: (_inputs: readonly unknown[], contexts: readonly unknown[]) => ["fine", odd(contexts[1] as TaskContext)], batch: { size: 2 } },
    });
    for (const { reporter } of [run("sync"), run("async")]) {
      const failed = await reporter.failure();
      assert.equal(failed.code, code);
      assert.match(failed.error.message, says);
    }
    const [first, second] = [run("batch"), run("batch")];
    await second.reporter.failure();
    await first.reporter.ended;
    await agent.close();
  });
}

test("a lazy function that forgets its return is told", async () => {
  const { run } = setup({ lazy: { lazy: (async () => {}) as unknown as () => Promise<object> } });
  const failed = await run("lazy").reporter.failure();
  assert.deepEqual([failed.code, failed.retryable], ["handler_missing", false]);
  assert.match(failed.error.message, /it exports nothing/);
});

test("calls on the context of an ended attempt are refused or ignored", async () => {
  const kept: TaskContext[] = [];
  const { run } = setup({ keep: { handler: (_input: unknown, context: TaskContext) => void kept.push(context) } });
  const { reporter } = run("keep");
  await reporter.ended;
  const [context] = kept;
  assert.ok(context !== undefined);
  context.log("late");
  context.progress(1);
  await assert.rejects(context.checkpoint(1), (error) => isMakespanError(error, "stale_attempt"));
  await assert.rejects(context.submit("child"), (error) => isMakespanError(error, "stale_attempt"));
  assert.deepEqual([reporter.logs, reporter.progressed, reporter.children], [[], [], []]);
});
