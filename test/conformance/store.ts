/**
 * What every store must do, whatever it is made of.
 */
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { TASK_STATES } from "../../src/core/task.ts";
import { isMakespanError } from "../../src/protocol/errors.ts";
import type { TaskRow } from "../../src/store/rows.ts";
import { SERVED_TASKS, type Store } from "../../src/store/store.ts";
import { agentOf, attemptOf, commitOf, flowOf, insertOf, pageOf, patchOf, specOf } from "../support/store-rows.ts";

export interface StoreUnderTest {
  /** Not open yet. */
  readonly store: Store;
  /** Closes the store if it is open; the one returned has the same content and is not open. */
  reopen(): Promise<Store>;
  /** Leaves a request as somebody outside does; returns its id. */
  requestAppend(request: string, at: number): number;
}

export function storeConformance(name: string, makeStore: (t: TestContext) => Promise<StoreUnderTest>): void {
  const check = (title: string, run: (store: Store, epoch: number, under: StoreUnderTest) => Promise<void>): void => {
    test(title, async (t) => {
      const under = await makeStore(t);
      const { epoch } = await under.store.open();
      try {
        await run(under.store, epoch, under);
      } finally {
        await under.store.close();
      }
    });
  };

  describe(`${name}: ownership`, () => {
    test("an empty store opens empty", async (t) => {
      const { store } = await makeStore(t);
      const state = await store.open();
      assert.ok(state.epoch > 0);
      assert.deepEqual({ ...state, epoch: 0 }, { epoch: 0, specs: [], agents: [], flows: [], settings: [], served: { flows: [], sessions: [] }, lastTaskId: 0, lastFlowId: 0 });
      await store.close();
    });

    check("the next owner finds everything, and a greater epoch", async (store, epoch, under) => {
      const specs = [specOf(1), specOf(2, { timeoutMs: 250, priority: -1.5, onDependencyFailure: "fail", queue: "q", preemptible: true })];
      const agents = [agentOf(1, { slots: 4, costPerHour: 0.25, weight: 2.5, region: "eu", speed: 0.5, speeds: { ocr: 3 } }), agentOf(2)];
      const settings = [{ name: "paused", value: '["default"]' }, { name: "balancer", value: '"round-robin"' }];
      const flows = [flowOf(1, { finishedAt: 9 }), flowOf(2)];
      await store.commit(commitOf(epoch, { specs, agents, settings, flows, inserts: [insertOf(1), insertOf(2)] }));
      await store.commit(commitOf(epoch, { settings: [{ name: "paused", value: "[]" }] }));
      const next = await under.reopen();
      const state = await next.open();
      assert.ok(state.epoch > epoch);
      assert.deepEqual(state.specs, specs);
      assert.deepEqual(state.agents, agents);
      assert.deepEqual(state.flows, [flows[1]]);
      assert.deepEqual(state.settings, [settings[1], { name: "paused", value: "[]" }]);
      assert.equal(state.lastTaskId, 2);
      assert.equal(state.lastFlowId, 2);
      assert.deepEqual((await next.taskList(pageOf())).map((row) => row.id), [1, 2]);
      await next.commit(commitOf(state.epoch, { inserts: [insertOf(3)] }));
      await next.close();
    });

    check("the next owner is told what unfinished flows and sessions were served", async (store, epoch, under) => {
      const done = { state: "succeeded", assignedAt: 100, finishedAt: 130 } as const;
      const failed = { state: "failed", assignedAt: 300, finishedAt: 350 } as const;
      const inserts = [
        insertOf(1, { flowId: 1, ...done }),
        insertOf(2, { flowId: 1, session: "chat", state: "queued" }),
        insertOf(3, { session: "chat", ...done }),
        insertOf(4, { flowId: 1, session: "chat", ...failed }),
        insertOf(5, { session: "été", ...done }),
        insertOf(9, { session: "chat", ...done }),
        insertOf(6, { flowId: 2, ...done }),
        insertOf(7, { flowId: 1, session: "new", state: "running", assignedAt: 400 }),
        insertOf(10, { flowId: 1, state: "succeeded", assignedAt: 500, finishedAt: 507 }),
        insertOf(8, done),
      ];
      // An attempt that did not succeed has a row of its own: of one that waits again, one that failed, one that succeeded later.
      const attempts = [attemptOf(2, 1, { assignedAt: 200, endedAt: 205, outcome: "released" }), attemptOf(4, 1, { assignedAt: 300, endedAt: 350 }), attemptOf(7, 1, { assignedAt: 1, endedAt: 9_000, outcome: "lost" }), attemptOf(10, 1, { assignedAt: 400, endedAt: 403, outcome: "released" })];
      await store.commit(commitOf(epoch, { specs: [specOf(1)], flows: [flowOf(1), flowOf(2, { finishedAt: 140 })], inserts, attempts }));
      const next = await under.reopen();
      const { served } = await next.open();
      assert.deepEqual(served, { flows: [[1, 95]], sessions: [["été", 30], ["chat", 115]] });
      await next.close();
    });

    check("of sessions, only the newest tasks count", async (store, epoch, under) => {
      const done = { state: "succeeded", assignedAt: 100, finishedAt: 130 } as const;
      const inserts = [insertOf(1, { session: "old", ...done }), insertOf(2, { session: "new", ...done }), insertOf(1 + SERVED_TASKS, { session: "new", ...done })];
      await store.commit(commitOf(epoch, { specs: [specOf(1)], inserts }));
      const next = await under.reopen();
      assert.deepEqual((await next.open()).served.sessions, [["new", 60]]);
      await next.close();
    });

    check("a commit of a former owner is refused and changes nothing, one of the owner goes on", async (store, epoch) => {
      const isFenced = (error: unknown) => isMakespanError(error, "store_fenced");
      const stale = commitOf(epoch - 1, { specs: [specOf(1)], inserts: [insertOf(1)] });
      await assert.rejects(store.commit(stale), isFenced);
      await assert.rejects(store.retain({ finishedBefore: 1, keep: 0, limit: 1 }, epoch - 1), isFenced);
      assert.deepEqual(await store.taskList(pageOf()), []);
      await store.commit({ ...stale, epoch });
      assert.equal((await store.taskList(pageOf())).length, 1);
    });

    check("it is open once", async (store) => {
      await assert.rejects(store.open(), (error) => isMakespanError(error, "store_in_use"));
    });

    test("a store that is not open takes nothing", async (t) => {
      const { store } = await makeStore(t);
      const isClosed = (error: unknown) => isMakespanError(error, "engine_closed");
      await assert.rejects(store.taskList(pageOf()), isClosed);
      await assert.rejects(store.commit(commitOf(1)), isClosed);
      await store.close();
    });

    check("close waits for what is under way", async (store, epoch, under) => {
      const commits = [store.commit(commitOf(epoch, { specs: [specOf(1)], inserts: [insertOf(1)] })), store.commit(commitOf(epoch, { inserts: [insertOf(2)] }))];
      await store.close();
      await Promise.all(commits);
      const next = await under.reopen();
      assert.equal((await next.open()).lastTaskId, 2);
      await next.close();
    });
  });

  describe(`${name}: tasks`, () => {
    check("a row comes back as it was written, in every field", async (store, epoch) => {
      const full = insertOf(5, {
        state: "parked", attempt: 2, failures: 1, losses: 1, flowId: 3, firstReadyAt: 1, readyAt: 2, releaseAt: 3, parkedFor: "answer", answered: true,
        agentId: 4, assignedAt: 5, startedAt: 6, finishedAt: 7, servedMs: 8.5, cpuMs: 9.25, peakMemoryBytes: 1e9, cost: 0.125, reason: "why",
        parentId: 2, name: "näme", key: "k", limitKey: "l", limitOfKey: 2, needs: [1, 2], createdAt: 1_700_000_000_123, dueAt: 10, deadlineAt: 11,
        estimateMs: 12, tenant: "ténant", session: "chat-42", weight: 2.5, size: 0, region: "eu-1",
        uses: [{ limit: "gpu", amount: 1 }, { limit: "usd", amount: 0.25 }], input: "1", result: "2", error: "3", checkpoint: "4", answer: "5",
      });
      const spec = specOf(1);
      await store.commit(commitOf(epoch, { specs: [spec], flows: [flowOf(3)], inserts: [full, insertOf(6)] }));
      const bare = { input: "", result: undefined, error: undefined, checkpoint: undefined, answer: undefined };
      const rows = await store.taskGet([6, 5, 99], false);
      const expected = [
        { ...insertOf(6), ...bare, spec, hasCheckpoint: false, hasInput: true },
        { ...full, ...bare, spec, hasCheckpoint: true, hasInput: true },
      ];
      assert.deepEqual(rows, expected);
      assert.deepEqual(await store.taskGet([5], true), [{ ...expected[1], result: "2", error: "3" }]);
      const payloads = await store.payloadLoad([
        { id: 5, kind: "answer" }, { id: 5, kind: "input" }, { id: 5, kind: "result" }, { id: 5, kind: "error" }, { id: 5, kind: "checkpoint" },
        { id: 6, kind: "result" }, { id: 6, kind: "checkpoint" }, { id: 7, kind: "input" },
      ]);
      assert.deepEqual(payloads, ["5", "1", "2", "3", "4", null, null, null]);
    });

    check("a patch sets every field, back to defaults too, and leaves payloads that it does not carry", async (store, epoch) => {
      const rich = {
        state: "parked", attempt: 2, failures: 1, losses: 1, flowId: 3, firstReadyAt: 1, readyAt: 2, releaseAt: 3, parkedFor: "children", answered: true,
        agentId: 4, assignedAt: 5, startedAt: 6, finishedAt: 7, servedMs: 8, cpuMs: 9, peakMemoryBytes: 10, cost: 11, reason: "why",
        result: "2", error: "3", checkpoint: "4", answer: "5",
      } as const;
      const specs = [specOf(1)];
      await store.commit(commitOf(epoch, { specs, inserts: [insertOf(1, rich), insertOf(2), insertOf(3, { name: "n", key: "k", dueAt: 1, tenant: "a", region: "eu" })] }));
      await store.commit(commitOf(epoch, { patches: [patchOf(1), patchOf(2, rich), patchOf(3, { state: "running" }), patchOf(77, rich)] }));
      const [first, second, third] = (await store.taskGet([1, 2, 3, 77], true)) as [TaskRow, TaskRow, TaskRow];
      assert.deepEqual(first, { ...insertOf(1), spec: specs[0], hasCheckpoint: true, hasInput: true, input: "", result: "2", error: "3" });
      const { checkpoint: _checkpoint, answer: _answer, ...kept } = rich;
      assert.deepEqual(second, { ...insertOf(2), ...kept, spec: specs[0], hasCheckpoint: true, hasInput: true, input: "", checkpoint: undefined, answer: undefined });
      assert.deepEqual([third.name, third.key, third.dueAt, third.tenant, third.region, third.state], ["n", "k", 1, "a", "eu", "running"]);
      const asked = [{ id: 1, kind: "checkpoint" }, { id: 1, kind: "answer" }, { id: 2, kind: "answer" }, { id: 77, kind: "answer" }] as const;
      assert.deepEqual(await store.payloadLoad(asked), ["4", "5", "5", null]);
      assert.equal((await store.taskList(pageOf())).length, 3);
    });

    check("a life in many commits, also over a restart", async (store, epoch, under) => {
      const running = { state: "running", attempt: 1, agentId: 2, assignedAt: 20, firstReadyAt: 10, readyAt: 10 } as const;
      await store.commit(commitOf(epoch, { specs: [specOf(1)], inserts: [insertOf(1), insertOf(2, running)] }));
      await store.commit(commitOf(epoch, { patches: [patchOf(1, running)] }));
      await store.commit(commitOf(epoch, { patches: [patchOf(1, { ...running, startedAt: 21, reason: "lost" })] }));
      const next = await under.reopen();
      const state = await next.open();
      await next.commit(commitOf(state.epoch, { patches: [patchOf(1, { state: "scheduled", attempt: 1, failures: 1, releaseAt: 90, readyAt: 10, firstReadyAt: 10 })] }));
      const last = { ...running, attempt: 2, assignedAt: 95, readyAt: 90 };
      await next.commit(commitOf(state.epoch, { patches: [patchOf(1, last)] }));
      await next.commit(commitOf(state.epoch, { patches: [patchOf(1, { ...last, state: "succeeded", startedAt: 96, finishedAt: 97, result: "true" })] }));
      const [row] = await next.taskGet([1], true);
      assert.deepEqual(row, {
        ...insertOf(1), ...last, state: "succeeded", startedAt: 96, finishedAt: 97, result: "true", input: "", spec: specOf(1), hasCheckpoint: false, hasInput: true,
      });
      await next.close();
    });

    check("an insert and a patch of the same task in one commit", async (store, epoch) => {
      await store.commit(commitOf(epoch, { specs: [specOf(1)], inserts: [insertOf(1)], patches: [patchOf(1, { state: "failed", reason: "x" }), patchOf(1, { state: "queued" })] }));
      const [row] = await store.taskGet([1], false);
      assert.deepEqual([row?.state, row?.reason], ["queued", null]);
    });

    check("text of any length and alphabet", async (store, epoch) => {
      const texts = ['"snow ☃ 𝄞 naïve"', '""', `"${"é".repeat(600)}"`, `"${"x".repeat(1024 * 1024)}"`, `"${"漢字".repeat(100_000)}"`, `"${noise(1024 * 1024)}"`, `"${noise(5_000)}"`];
      const inserts = texts.map((input, index) => insertOf(index + 1, { input, result: input, error: input, checkpoint: input, answer: input, name: input.slice(0, 300), key: `${index} ${input.slice(0, 50)}` }));
      await store.commit(commitOf(epoch, { specs: [specOf(1)], inserts, attempts: [attemptOf(1, 1, { error: texts[4]! })], logs: [{ taskId: 1, attempt: 1, at: 1, level: "info", text: texts[4]! }] }));
      for (const [index, text] of texts.entries()) {
        const id = index + 1;
        const kinds = ["input", "result", "error", "checkpoint", "answer"] as const;
        assert.deepEqual(await store.payloadLoad(kinds.map((kind) => ({ id, kind }))), kinds.map(() => text));
        assert.equal((await store.taskGet([id], true))[0]?.name, text.slice(0, 300));
        assert.deepEqual(await store.keyFind([`${index} ${text.slice(0, 50)}`]), [{ id, state: "queued" }]);
      }
      assert.equal((await store.attemptList(1))[0]?.error, texts[4]);
      assert.equal((await store.logList(1, 0, 10))[0]?.text, texts[4]);
    });

    check("ten thousand rows, read by pages", async (store, epoch) => {
      const ids = Array.from({ length: 10_000 }, (_, index) => index + 1);
      const inserts = ids.map((id) => insertOf(id, id % 3 === 0 ? { name: `name ${id}` } : {}));
      await store.commit(commitOf(epoch, { specs: [specOf(1)], inserts }));
      await store.commit(commitOf(epoch, { patches: ids.map((id) => patchOf(id, { state: "succeeded", finishedAt: id, result: `${id}` })) }));
      const seen: number[] = [];
      for (let after: number | undefined; ; after = seen.at(-1)) {
        const rows = await store.taskList(pageOf({ after, limit: 999 }));
        seen.push(...rows.map((row) => row.id));
        if (rows.length < 999) break;
      }
      assert.deepEqual(seen, ids);
      assert.equal((await store.taskGet([9_999], true))[0]?.result, "9999");
      assert.equal((await store.info()).tasks.succeeded, 10_000);
    });

    check("many patches of one commit, of one shape and of several, each written as it stands and in order", async (store, epoch) => {
      const ids = Array.from({ length: 80 }, (_, index) => index + 1);
      await store.commit(commitOf(epoch, { specs: [specOf(1)], inserts: ids.map((id) => insertOf(id)) }));
      const shapes = (id: number) =>
        id % 40 === 7 ? { state: "failed", reason: `why ${id}`, error: `{"id":${id}}`, failures: 2 } as const
        : id % 40 === 8 ? { state: "running", attempt: id, agentId: 3, assignedAt: 1_700_000_000_000 + id } as const
        : { state: "succeeded", startedAt: id, finishedAt: id + 0.5, result: id % 40 === 9 ? JSON.stringify("long ".repeat(2_000)) : `"${id}"` } as const;
      const patches = [...ids.map((id) => patchOf(id, shapes(id))), patchOf(900, shapes(1)), patchOf(2, { ...shapes(2), result: '"again"' }), patchOf(3, shapes(7)), patchOf(3, shapes(3))];
      await store.commit(commitOf(epoch, { patches }));
      const rows = await store.taskGet(ids, true);
      for (const [index, row] of rows.entries()) {
        const id = index + 1;
        const expected = { ...insertOf(id), ...patchOf(id, { ...shapes(id), ...(id === 2 && { result: '"again"' }), ...(id === 3 && { error: '{"id":7}' }) }) };
        for (const name of ["state", "reason", "error", "failures", "attempt", "agentId", "assignedAt", "startedAt", "finishedAt", "result"] as const) {
          assert.equal(row[name], expected[name], `${name} of task ${id}`);
        }
      }
      assert.equal(rows.length, ids.length);
    });

    check("an empty commit is a commit", async (store, epoch) => {
      await store.commit(commitOf(epoch));
      assert.deepEqual(await store.taskList(pageOf()), []);
    });

    check("a commit with a fault in it leaves nothing behind, and stops the store", async (store, epoch, under) => {
      await store.commit(commitOf(epoch, { specs: [specOf(1)], inserts: [insertOf(1, { key: "k" })] }));
      const broken = commitOf(epoch, { flows: [flowOf(9)], inserts: [insertOf(2), insertOf(3, { key: "k" })], patches: [patchOf(1, { state: "failed" })] });
      await assert.rejects(store.commit(broken));
      await assert.rejects(store.commit(commitOf(epoch, { inserts: [insertOf(4)] })));
      assert.deepEqual((await store.taskList(pageOf())).map((row) => [row.id, row.state]), [[1, "queued"]]);
      assert.deepEqual(await store.flowList(0, 10), []);
      const next = await under.reopen();
      const state = await next.open();
      assert.equal(state.lastTaskId, 1);
      await next.commit(commitOf(state.epoch, { inserts: [insertOf(2)] }));
      await next.close();
    });
  });

  describe(`${name}: finding`, () => {
    check("filters, alone and together, in both directions", async (store, epoch) => {
      const specs = [specOf(1, { type: "a", queue: "x" }), specOf(2, { type: "b", queue: "x" }), specOf(3, { type: "a", queue: "y" })];
      const inserts = [
        insertOf(1, { specId: 1, name: "Build one" }), insertOf(2, { specId: 2, state: "running", flowId: 1, name: "build 100%" }),
        insertOf(3, { specId: 3, state: "failed", flowId: 1, parentId: 2, tenant: "acme", session: "s" }),
        insertOf(4, { specId: 1, state: "running", parentId: 2, name: "", tenant: "acme" }), insertOf(5, { specId: 3, session: "s" }),
      ];
      await store.commit(commitOf(epoch, { specs, flows: [flowOf(1)], inserts }));
      const ids = async (given: Parameters<typeof pageOf>[0]) => (await store.taskList(pageOf(given))).map((row) => row.id);
      assert.deepEqual(await ids({ filter: { states: ["running", "failed"] } }), [2, 3, 4]);
      assert.deepEqual(await ids({ filter: { states: [] } }), []);
      assert.deepEqual(await ids({ filter: { types: ["a"] } }), [1, 3, 4, 5]);
      assert.deepEqual(await ids({ filter: { types: ["a", "b", "none"] } }), [1, 2, 3, 4, 5]);
      assert.deepEqual(await ids({ filter: { queue: "y" } }), [3, 5]);
      assert.deepEqual(await ids({ filter: { flowId: 1 } }), [2, 3]);
      assert.deepEqual(await ids({ filter: { parentId: 2 } }), [3, 4]);
      assert.deepEqual(await ids({ filter: { nameContains: "uild" } }), [1, 2]);
      assert.deepEqual(await ids({ filter: { nameContains: "%" } }), [2]);
      assert.deepEqual(await ids({ filter: { nameContains: "build" } }), [2]);
      assert.deepEqual(await ids({ filter: { tenant: "acme" } }), [3, 4]);
      assert.deepEqual(await ids({ filter: { tenant: "acme" }, descending: true, limit: 1 }), [4]);
      assert.deepEqual(await ids({ filter: { tenant: "nobody" } }), []);
      assert.deepEqual(await ids({ filter: { session: "s" } }), [3, 5]);
      assert.deepEqual(await ids({ filter: { session: "s", tenant: "acme" } }), [3]);
      assert.deepEqual(await ids({ filter: { types: ["a"], states: ["running"], parentId: 2, queue: "x" } }), [4]);
      assert.deepEqual(await ids({ descending: true, limit: 2 }), [5, 4]);
      assert.deepEqual(await ids({ descending: true, limit: 2, after: 4 }), [3, 2]);
      assert.deepEqual(await ids({ limit: 2, after: 2 }), [3, 4]);
      assert.deepEqual(await ids({ limit: 0 }), []);
      assert.deepEqual((await store.taskList(pageOf({ after: 4 })))[0]?.spec, specs[2]);
    });

    check("keys: found, freed before the inserts, and passed on", async (store, epoch) => {
      await store.commit(commitOf(epoch, { specs: [specOf(1)], inserts: [insertOf(1, { key: "a", state: "failed" }), insertOf(2, { key: "b" })] }));
      assert.deepEqual(await store.keyFind(["b", "none", "a"]), [{ id: 2, state: "queued" }, null, { id: 1, state: "failed" }]);
      await store.commit(commitOf(epoch, { keysFreed: [1], inserts: [insertOf(3, { key: "a" })] }));
      assert.deepEqual(await store.keyFind(["a"]), [{ id: 3, state: "queued" }]);
      assert.deepEqual((await store.taskGet([1, 3], false)).map((row) => row.key), [null, "a"]);
    });

    check("live tasks: not final, or of a flow that is not finished", async (store, epoch) => {
      const inserts = TASK_STATES.map((state, index) => insertOf(index + 1, { state }));
      const ofFlows = [insertOf(20, { state: "succeeded", flowId: 1 }), insertOf(21, { state: "succeeded", flowId: 2 }), insertOf(22, { flowId: 1 })];
      await store.commit(commitOf(epoch, { specs: [specOf(1)], flows: [flowOf(1), flowOf(2, { finishedAt: 3 })], inserts: [...inserts, ...ofFlows] }));
      const ids = async (after: number, limit: number) => (await store.liveLoad(after, limit)).map((row) => row.id);
      assert.deepEqual(await ids(0, 100), [1, 2, 3, 4, 5, 20, 22]);
      assert.deepEqual(await ids(2, 2), [3, 4]);
      assert.deepEqual(await ids(4, 10), [5, 20, 22]);
      await store.commit(commitOf(epoch, { liveFrom: 4, patches: [1, 2, 3].map((id) => patchOf(id, { state: "succeeded" })) }));
      assert.deepEqual(await ids(0, 100), [4, 5, 20, 22]);
      const [row] = await store.liveLoad(19, 1);
      assert.deepEqual(row, { ...ofFlows[0], input: "", spec: specOf(1), hasCheckpoint: false, hasInput: true });
    });

    check("flows and what belongs to them", async (store, epoch) => {
      const flows = [flowOf(1), flowOf(2), flowOf(3)];
      await store.commit(commitOf(epoch, { specs: [specOf(1)], flows, inserts: [insertOf(1, { flowId: 2 }), insertOf(2, { flowId: 1 }), insertOf(3), insertOf(4, { flowId: 2 })] }));
      assert.deepEqual(await store.flowTaskIds([2]), [1, 4]);
      assert.deepEqual(await store.flowTaskIds([1, 2, 9]), [1, 2, 4]);
      assert.deepEqual(await store.flowTaskIds([]), []);
      assert.deepEqual(await store.flowList(0, 2), flows.slice(0, 2));
      await store.commit(commitOf(epoch, { flows: [flowOf(3, { finishedAt: 8 })] }));
      assert.deepEqual(await store.flowList(2, 9), [flowOf(3, { finishedAt: 8 })]);
    });

    check("attempts, logs, agents", async (store, epoch) => {
      const attempts = [attemptOf(1, 2, { outcome: "timeout", error: '{"code":"timeout"}', cpuMs: 1.5, cost: 0.5, peakMemoryBytes: 7 }), attemptOf(1, 1), attemptOf(2, 1)];
      const logs = Array.from({ length: 5 }, (_, index) => ({ taskId: 1, attempt: 1, at: 50 - index, level: "warn", text: `line ${index}` }) as const);
      const agent = agentOf(1, { region: "eu", speeds: {} });
      await store.commit(commitOf(epoch, { specs: [specOf(1)], inserts: [insertOf(1), insertOf(2)], attempts, logs: logs.slice(0, 3), agents: [agent] }));
      await store.commit(commitOf(epoch, { logs: logs.slice(3), agents: [{ ...agent, slots: 9 }, agentOf(2)] }));
      assert.deepEqual(await store.attemptList(1), [attempts[1], attempts[0]]);
      assert.deepEqual(await store.attemptList(9), []);
      assert.deepEqual(await store.logList(1, 0, 100), logs);
      assert.deepEqual(await store.logList(1, 1, 2), logs.slice(1, 3));
      assert.deepEqual(await store.logList(1, 5, 2), []);

      const many = Array.from({ length: 107 }, (_, line) => ({ taskId: 1 + (line % 2), attempt: 3, at: 400 + line, level: line % 3 === 0 ? "stderr" : "debug", text: line === 50 ? "é☃".repeat(5_000) : `${line}` }) as const);
      await store.commit(commitOf(epoch, { logs: many }));
      assert.deepEqual(await store.logList(1, logs.length, 200), many.filter(({ taskId }) => taskId === 1));
      assert.deepEqual(await store.logList(2, 0, 200), many.filter(({ taskId }) => taskId === 2));
      assert.deepEqual(await store.agentList(), [{ ...agent, slots: 9 }, agentOf(2)]);
    });

    check("a read sees every commit made before it, without waiting for it", async (store, epoch) => {
      const first = store.commit(commitOf(epoch, { specs: [specOf(1)], inserts: [insertOf(1)] }));
      const seenOne = store.taskList(pageOf());
      const second = store.commit(commitOf(epoch, { inserts: [insertOf(2)] }));
      const seenTwo = store.taskList(pageOf());
      assert.deepEqual([(await seenOne).length, (await seenTwo).length], [1, 2]);
      await Promise.all([first, second]);
    });

    check("counts by state", async (store, epoch) => {
      await store.commit(commitOf(epoch, { specs: [specOf(1)], inserts: [insertOf(1), insertOf(2), insertOf(3, { state: "shed" })] }));
      const { tasks, bytes } = await store.info();
      assert.deepEqual([tasks.queued, tasks.shed, tasks.running], [2, 1, 0]);
      assert.deepEqual(Object.keys(tasks).sort(), [...TASK_STATES].sort());
      assert.ok(bytes > 0);
    });
  });

  describe(`${name}: requests from outside`, () => {
    check("come oldest first, until a commit has carried them out", async (store, epoch, under) => {
      assert.deepEqual(await store.requestList(10), []);
      const first = under.requestAppend('{"kind":"cancel"}', 5);
      assert.deepEqual(await store.requestList(10), [{ id: first, at: 5, request: '{"kind":"cancel"}' }]);
      const second = under.requestAppend('{"kind":"pause"}', 6);
      assert.ok(second > first);
      assert.deepEqual((await store.requestList(10)).map((row) => row.id), [first, second]);
      assert.deepEqual((await store.requestList(1)).map((row) => row.id), [first]);
      await store.commit(commitOf(epoch, { requestsDone: [first, second] }));
      assert.deepEqual(await store.requestList(10), []);
      assert.ok(under.requestAppend("{}", 7) > second, "ids are not given twice");
      assert.equal((await store.requestList(10)).length, 1);
    });
  });

  describe(`${name}: retention`, () => {
    check("lets go what is old, then what is too much, with all that belongs to it", async (store, epoch, under) => {
      const done = (id: number, finishedAt: number) => insertOf(id, { state: "succeeded", finishedAt, key: `k${id}` });
      const inserts = [done(1, 10), done(2, 30), insertOf(3), done(4, 20), done(5, 40), done(6, 50)];
      await store.commit(commitOf(epoch, { specs: [specOf(1)], inserts, attempts: [attemptOf(1, 1)], logs: [{ taskId: 1, attempt: 1, at: 1, level: "info", text: "x" }] }));
      const left = async () => (await store.taskList(pageOf())).map((row) => row.id);
      assert.equal(await store.retain({ finishedBefore: 10, keep: 10, limit: 10 }, epoch), 0);
      assert.equal(await store.retain({ finishedBefore: 25, keep: 10, limit: 1 }, epoch), 1);
      assert.deepEqual(await left(), [2, 3, 4, 5, 6]);
      assert.deepEqual([await store.attemptList(1), await store.logList(1, 0, 9), await store.keyFind(["k1"])], [[], [], [null]]);
      assert.equal(await store.retain({ finishedBefore: 25, keep: 2, limit: 10 }, epoch), 2);
      assert.deepEqual(await left(), [3, 5, 6]);
      assert.equal(await store.retain({ finishedBefore: 25, keep: 0, limit: 10 }, epoch), 2);
      assert.deepEqual(await left(), [3]);
      await store.commit(commitOf(epoch, { patches: [patchOf(3, { state: "cancelled", finishedAt: 5 })] }));
      assert.equal(await store.retain({ finishedBefore: 6, keep: 10, limit: 10 }, epoch), 1);
      assert.deepEqual(await left(), []);
      const next = await under.reopen();
      assert.equal((await next.open()).lastTaskId, 6, "ids of deleted tasks are not given again");
      await next.close();
    });

    check("never takes a task of an unfinished flow; a finished flow goes with its last task", async (store, epoch) => {
      const done = (id: number, flowId: number) => insertOf(id, { state: "failed", finishedAt: id, flowId });
      await store.commit(commitOf(epoch, { specs: [specOf(1)], flows: [flowOf(1), flowOf(2, { finishedAt: 9 })], inserts: [done(1, 1), done(2, 2), done(3, 2), insertOf(4, { flowId: 1 })] }));
      assert.equal(await store.retain({ finishedBefore: 3, keep: 100, limit: 100 }, epoch), 1);
      assert.deepEqual((await store.flowList(0, 9)).map((flow) => flow.id), [1, 2]);
      assert.equal(await store.retain({ finishedBefore: 100, keep: 0, limit: 100 }, epoch), 1);
      assert.deepEqual((await store.flowList(0, 9)).map((flow) => flow.id), [1]);
      await store.commit(commitOf(epoch, { flows: [flowOf(1, { finishedAt: 20 })], patches: [patchOf(4, { state: "succeeded", finishedAt: 20, flowId: 1 })] }));
      assert.equal(await store.retain({ finishedBefore: 0, keep: 1, limit: 100 }, epoch), 1);
      assert.equal(await store.retain({ finishedBefore: 100, keep: 1, limit: 100 }, epoch), 1);
      assert.deepEqual(await store.flowList(0, 9), []);
    });
  });
}

/** Text that does not compress, the same each time. */
function noise(length: number): string {
  let state = 12345;
  let text = "";
  while (text.length < length) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    text += String.fromCharCode(48 + ((state >>> 16) % 43));
  }
  return text.replaceAll("\\", "/");
}
