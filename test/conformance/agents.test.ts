// One suite for the agents that run handlers: functions, threads and processes behave alike wherever they can.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { StopReason } from "../../src/core/attempt.ts";
import type { AgentDriver, AttemptStart } from "../../src/engine/agent.ts";
import { createFunctionAgent } from "../../src/engine/agents/function-agent.ts";
import type { Handlers } from "../../src/engine/agents/handlers.ts";
import { createProcessAgent } from "../../src/engine/agents/process-agent.ts";
import { createThreadAgent } from "../../src/engine/agents/thread-agent.ts";
import { MakespanError } from "../../src/protocol/errors.ts";
import { attemptStart, RecordingReporter } from "../support/recording-reporter.ts";
import { tasks } from "./agent-tasks.ts";

const module = new URL("./agent-tasks.ts", import.meta.url);
const types = Object.keys(tasks);
const payloadBytes = 10_000;
const handlers = new Map(Object.entries(tasks).map(([type, handler]) => [type, { handler }])) as Handlers;

const kinds = {
  function: (): AgentDriver => createFunctionAgent({ slots: 10, handlers, payloadBytes }),
  thread: (): AgentDriver => createThreadAgent({ threads: 2, module, types, payloadBytes, memoryLimitMb: 64, killAfterMs: 50 }),
  process: (): AgentDriver => createProcessAgent({ processes: 2, module, types, payloadBytes, memoryLimitMb: 200, killAfterMs: 50 }),
};

for (const [kind, create] of Object.entries(kinds)) {
  describe(`${kind} agent`, () => {
    let agent: AgentDriver;
    before(() => void (agent = create()));
    after(() => agent.close());

    const run = (type: string, input?: unknown, more: Partial<AttemptStart> = {}): RecordingReporter => {
      const reporter = new RecordingReporter();
      agent.start(attemptStart(type, input, more), reporter);
      return reporter;
    };

    test("says what it is", () => {
      assert.equal(agent.spec.kind, kind);
      assert.equal(agent.spec.name, kind);
      assert.deepEqual(agent.spec.types, types);
    });

    test("gives the result as JSON, with its usage", async () => {
      const before = Date.now();
      const reporter = run("echo", { a: [1, "ü\n", null] });
      assert.deepEqual(await reporter.result(), { a: [1, "ü\n", null] });
      const report = await reporter.ended;
      assert.ok(report.usage.startedAt >= before && report.usage.startedAt <= Date.now());
      assert.equal(report.usage.cost, 0);
    });

    test("gives null for a handler that returns nothing", async () => {
      assert.equal(await run("nothing").result(), null);
    });

    test("reports what a handler threw", async () => {
      const failed = await run("fail", { message: "it broke" }).failure();
      assert.equal(failed.code, "handler_error");
      assert.equal(failed.retryable, true);
      assert.equal(failed.error.message, "it broke");
      assert.equal(failed.error["name"], "TypeError");
      assert.match(String(failed.error["stack"]), /agent-tasks/);
      assert.match((await run("throw-text").failure()).error.message, /only words/);
    });

    test("honours the errors that say when to try again", async () => {
      const later = await run("retry-after").failure();
      assert.deepEqual([later.retryable, later.retryAfterMs], [true, 1234]);
      const never = await run("non-retryable").failure();
      assert.deepEqual([never.retryable, never.retryAfterMs], [false, undefined]);
      const hinted = await run("hints").failure();
      assert.deepEqual([hinted.retryable, hinted.retryAfterMs, hinted.error["cause_code"]], [false, 7, "EHINT"]);
    });

    test("refuses results that JSON cannot hold, and says where", async () => {
      for (const [type, where] of [
        ["bigint", /rows\[0\]\.count is a BigInt/],
        ["circle", /self\.again contains itself/],
        ["function", /deep\.call is a function/],
        ["map", /is a Map/],
      ] as const) {
        const failed = await run(type).failure();
        assert.equal(failed.code, "not_serializable");
        assert.equal(failed.retryable, false);
        assert.match(failed.error.message, where);
      }
    });

    test("refuses results that are too large", async () => {
      assert.equal(await run("large", { length: payloadBytes - 2 }).result(), "x".repeat(payloadBytes - 2));
      const failed = await run("large", { length: payloadBytes - 1 }).failure();
      assert.deepEqual([failed.code, failed.retryable], ["payload_too_large", false]);
    });

    test("gives handlers their context", async () => {
      const needs = [
        { id: 5, name: "first", state: "succeeded", result: '{"n":1}', error: undefined },
        { id: 6, name: undefined, state: "failed", result: undefined, error: '{"code":"timeout"}' },
      ] as const;
      const wake = { kind: "children", outcomes: [{ id: 8, name: "kid", state: "succeeded", result: "2", error: undefined }] } as const;
      const more = { id: 17, attempt: 3, name: "mine", dueAt: 86_400_000, checkpoint: '{"page":2}', needs, wake };
      assert.deepEqual(await run("context", null, more).result(), {
        id: "t17",
        type: "context",
        name: "mine",
        attempt: 3,
        dueAt: "1970-01-02T00:00:00.000Z",
        restored: { page: 2 },
        needs: [{ id: "t5", name: "first", state: "succeeded", result: { n: 1 } }, { id: "t6", state: "failed", error: { code: "timeout" } }],
        named: { id: "t5", name: "first", state: "succeeded", result: { n: 1 } },
        wake: { kind: "children", outcomes: [{ id: "t8", name: "kid", state: "succeeded", result: 2 }] },
        aborted: false,
      });
      const answered = (await run("context", null, { wake: { kind: "answer", answer: '"yes"' } }).result()) as { readonly wake: unknown };
      assert.deepEqual(answered.wake, { kind: "answer", answer: "yes" });
    });

    test("passes on logs and progress", async () => {
      const reporter = run("log");
      await reporter.ended;
      assert.deepEqual(reporter.logs, [["info", "plain"], ["debug", "one"], ["info", "two"], ["warn", "three"], ["error", "four"]]);
      assert.deepEqual(reporter.progressed, [[0.5, "half"], [1, undefined]]);
    });

    test("saves checkpoints and restores them", async () => {
      const reporter = run("checkpoint", { row: 7 }, { checkpoint: '{"row":6}' });
      assert.deepEqual(await reporter.result(), { restored: { row: 6 } });
      assert.deepEqual(reporter.checkpoints, ['{"row":7}']);
      assert.match((await run("bad-checkpoint").failure()).error.message, /BigInt/);
    });

    test("tells the handler why a checkpoint was refused", async () => {
      const reporter = new RecordingReporter();
      reporter.refusal = new MakespanError("stale_attempt", "too late");
      agent.start(attemptStart("caught-refusal", null), reporter);
      assert.equal(await reporter.result(), "stale_attempt");
    });

    test("adds children with keys that a repeated attempt makes again, and parks", async () => {
      const reporter = run("children", null, { id: 40 });
      const report = await reporter.ended;
      assert.deepEqual(reporter.children, [
        { type: "child", input: '{"n":1}', options: { priority: 2, dueAt: 5, key: "t40/0" } },
        { type: "child", input: "null", options: { key: "t40/1" } },
        { type: "child", input: "null", options: { key: "mine" } },
        { type: "child", input: "null", options: { key: "t40/2" } },
      ]);
      assert.deepEqual(reporter.checkpoints, ['{"$children":2,"value":{"added":2}}']);
      assert.ok(report.kind === "park");
      assert.equal(report.until, "children");
      assert.equal(report.checkpoint, '{"$children":3,"value":["t101","t102","t103","t104"]}');

      // The next attempt sees its own value only, and goes on counting.
      const context = (await run("context", null, { id: 40, attempt: 2, checkpoint: report.checkpoint }).result()) as { readonly restored: unknown };
      assert.deepEqual(context.restored, ["t101", "t102", "t103", "t104"]);
      const next = run("children", null, { id: 40, attempt: 3, checkpoint: report.checkpoint });
      await next.ended;
      assert.equal(next.children[0]?.options["key"], "t40/3");
    });

    test("parks for an answer and leaves the checkpoint as it is", async () => {
      const report = await run("park-answer", null, { checkpoint: "9" }).ended;
      assert.ok(report.kind === "park");
      assert.deepEqual([report.until, report.checkpoint], ["answer", undefined]);
    });

    test("adds up what handlers say it cost", async () => {
      assert.equal((await run("cost").ended).usage.cost, 0.75);
    });

    for (const reason of ["cancelled", "timeout", "expired", "agent_lost", "shutdown", "preempted"] satisfies StopReason[]) {
      test(`stops handlers that obey: ${reason}`, async () => {
        const start = attemptStart("until-stopped", null, { attempt: 2 });
        const reporter = new RecordingReporter();
        agent.start(start, reporter);
        await reporter.until(({ logs }) => logs.length > 0);
        agent.stop(start.id, 1, reason);
        agent.stop(start.id, 2, reason);
        const report = await reporter.ended;
        if (reason === "shutdown" || reason === "preempted") assert.deepEqual([report.kind, report.kind === "release" && report.checkpoint], ["release", '{"at":3}']);
        else assert.equal((await reporter.failure()).code, reason);
        assert.equal(reporter.reports.length, 1);
      });
    }

    for (const reason of ["shutdown", "preempted"] satisfies StopReason[]) {
      test(`takes the result of a handler that finishes in spite of a stop: ${reason}`, async () => {
        const start = attemptStart("finish-when-stopped", null);
        const reporter = new RecordingReporter();
        agent.start(start, reporter);
        await reporter.until(({ logs }) => logs.length > 0);
        agent.stop(start.id, 1, reason);
        assert.equal(await reporter.result(), `stopped: ${reason}`);
      });

      test(`a handler that takes no notice runs on to its end: ${reason}`, async () => {
        const start = attemptStart("heedless", null);
        const reporter = new RecordingReporter();
        agent.start(start, reporter);
        await reporter.until(({ logs }) => logs.length > 0);
        agent.stop(start.id, 1, reason);
        assert.equal(await reporter.result(), "all of it");
        assert.equal(reporter.reports.length, 1);
      });
    }

    test("ignores a stop for what it does not run", () => {
      agent.stop(999_999, 1, "cancelled");
    });

    test("close ends what runs and hands it back", async () => {
      const other = create();
      const reporter = new RecordingReporter();
      other.start(attemptStart("until-stopped", null), reporter);
      await reporter.until(({ logs }) => logs.length > 0);
      await other.close();
      assert.deepEqual(reporter.reports.map((report) => report.kind), ["release"]);
    });

    if (kind === "function") return;

    test("a handler that never yields is killed when it must stop", async () => {
      for (const [reason, ending] of [["timeout", "fail"], ["preempted", "release"]] as const) {
        const start = attemptStart("never-yields", null);
        const reporter = new RecordingReporter();
        agent.start(start, reporter);
        await reporter.until(({ logs }) => logs.length > 0);
        agent.stop(start.id, 1, reason);
        const report = await reporter.ended;
        assert.equal(report.kind, ending);
        if (report.kind === "release") assert.equal(report.checkpoint, '{"at":4}');
        if (report.kind === "fail") assert.equal(report.failure.code, "timeout");
      }
      assert.equal(await run("echo", 1).result(), 1);
    });

    for (const type of ["exit", "uncaught", "grow-heap"]) {
      test(`a crash costs one attempt and the pool goes on: ${type}`, async () => {
        const neighbour = attemptStart("until-stopped", null);
        const spared = new RecordingReporter();
        agent.start(neighbour, spared);
        await spared.until(({ logs }) => logs.length > 0);
        const failed = await run(type).failure();
        assert.equal(failed.code, "agent_crashed");
        assert.equal(failed.retryable, true);
        if (type === "uncaught" && kind === "thread") assert.match(failed.error.message, /thrown beside the handler/);
        if (type === "exit") assert.match(failed.error.message, /exit code 3/);
        if (type === "grow-heap" && kind === "process") assert.match(failed.error.message, /of 200 MB allowed/);
        assert.equal(spared.reports.length, 0);
        assert.equal(await run("echo", 2).result(), 2);
        agent.stop(neighbour.id, 1, "cancelled");
        await spared.ended;
      });
    }

    test("a worker that holds too much after a task is replaced", async () => {
      const single = kind === "thread" ? createThreadAgent({ threads: 1, module, types, memoryLimitMb: 64 }) : createProcessAgent({ processes: 1, module, types, memoryLimitMb: 200 });
      const hold = async (megabytes: number): Promise<unknown> => {
        const reporter = new RecordingReporter();
        single.start(attemptStart("hold-memory", { megabytes }), reporter);
        return reporter.result();
      };
      assert.equal(await hold(1), 1);
      assert.equal(await hold(1), 2);
      assert.equal(await hold(300).catch(() => 3), 3);
      assert.equal(await hold(1), 1);
      await single.close();
    });

    test("workers are warm: the module is loaded once and kept", async () => {
      const single = kind === "thread" ? createThreadAgent({ threads: 1, module, types }) : createProcessAgent({ processes: 1, module, types });
      for (const expected of [1, 2, 3]) {
        const reporter = new RecordingReporter();
        single.start(attemptStart("count", null), reporter);
        assert.equal(await reporter.result(), expected);
      }
      await single.close();
    });

    test("more attempts than workers wait, and can be stopped while they do", async () => {
      const reporters = Array.from({ length: 6 }, () => run("echo", 1));
      const start = attemptStart("echo", 2);
      const waiting = new RecordingReporter();
      agent.start(start, waiting);
      agent.stop(start.id, 1, "cancelled");
      assert.equal((await waiting.failure()).code, "cancelled");
      for (const reporter of reporters) assert.equal(await reporter.result(), 1);
    });

    test("what handlers print is logged and does not disturb the channel", async () => {
      const reporter = run("print");
      await reporter.ended;
      assert.deepEqual(reporter.logs, [["stdout", "to stdout"], ["stderr", "to stderr"], ["stdout", "no end"]]);
    });

    test("measures CPU time and memory", async () => {
      const { usage } = await run("compute", { steps: 20_000_000 }).ended;
      assert.ok(usage.cpuMs > 1, `${usage.cpuMs} ms`);
      assert.ok(usage.peakMemoryBytes > 1_000_000);
    });

    test("a module or handler that is not there is one clear error", async () => {
      const lost = new URL("./no-such-module.ts", import.meta.url);
      const modules = { gone: { module: lost }, unnamed: { module, export: "absent" }, tasks: { module, export: "tasks" } };
      const other = kind === "thread" ? createThreadAgent({ threads: 1, modules }) : createProcessAgent({ processes: 1, modules });
      for (const [type, message] of [["gone", /no-such-module/], ["unnamed", /no function called "absent"/], ["tasks", /no function called "tasks"/]] as const) {
        const reporter = new RecordingReporter();
        other.start(attemptStart(type, null), reporter);
        const failed = await reporter.failure();
        assert.equal(failed.code, "handler_missing");
        assert.equal(failed.retryable, false);
        assert.match(failed.error.message, message);
      }
      await other.close();
    });
  });
}
