/**
 * Memory and SQLite give the same answers to the same random sequence of commits, reads, deletions and restarts.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { TASK_STATES, type TaskState } from "../../src/core/task.ts";
import { createMemoryStore, type MemoryStore } from "../../src/store/memory/memory-store.ts";
import type { TaskInsert, TaskPatch } from "../../src/store/rows.ts";
import { requestAppend } from "../../src/store/sqlite/reader.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { agentOf, attemptOf, commitOf, flowOf, insertOf, pageOf, patchOf, specOf } from "../support/store-rows.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const small = fc.integer({ min: 0, max: 40 });
const instant = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 50 }), fc.constant(1_700_000_000_000));
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null, freq: 2 });
const payload = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 3, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.integer({ min: 1_000, max: 6_000 }).map((length) => JSON.stringify("aé☃".repeat(length))) },
);
const state: fc.Arbitrary<TaskState> = fc.constantFrom(...TASK_STATES);

/** Most fields mostly at their defaults, as in life. */
const patchFields: fc.Arbitrary<Partial<TaskPatch>> = fc.record(
  {
    state, attempt: small, failures: small, losses: small, flowId: maybe(fc.integer({ min: 1, max: 4 })), firstReadyAt: instant, readyAt: instant,
    releaseAt: maybe(instant), parkedFor: maybe(fc.constantFrom("children" as const, "answer" as const)), answered: fc.boolean(),
    agentId: maybe(small), assignedAt: instant, startedAt: instant, finishedAt: instant, servedMs: small, cpuMs: fc.double({ min: 0, max: 9, noNaN: true }),
    peakMemoryBytes: small, cost: fc.double({ min: 0, max: 1, noNaN: true }), reason: maybe(fc.string()),
    result: payload, error: payload, checkpoint: payload, answer: payload,
  },
  { requiredKeys: ["state"] },
);
const insertFields: fc.Arbitrary<Partial<TaskInsert>> = fc.record(
  {
    specId: fc.integer({ min: 1, max: 3 }), parentId: maybe(small), name: maybe(fc.string({ unit: "grapheme" })), key: maybe(fc.constantFrom("a", "b", "c")),
    limitKey: maybe(fc.string()), limitOfKey: maybe(small), needs: maybe(fc.array(small, { maxLength: 3 })), dueAt: maybe(instant), deadlineAt: maybe(instant),
    estimateMs: maybe(small), tenant: maybe(fc.constantFrom("acme", "ünited", "")), session: maybe(fc.string()), weight: maybe(fc.double({ min: 0.1, max: 9, noNaN: true })),
    size: maybe(small), region: maybe(fc.string()), uses: maybe(fc.array(fc.record({ limit: fc.string(), amount: small }, { noNullPrototype: true }), { maxLength: 3 })), input: fc.json(),
  },
  { requiredKeys: [] },
);

type Step =
  | { readonly kind: "commit"; readonly inserts: readonly (Partial<TaskInsert>)[]; readonly patches: readonly { readonly pick: number; readonly fields: Partial<TaskPatch> }[]; readonly flow: number; readonly isFlowDone: boolean; readonly liveFrom: number }
  | { readonly kind: "retain"; readonly finishedBefore: number; readonly keep: number; readonly limit: number }
  | { readonly kind: "request" }
  | { readonly kind: "reopen" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("commit" as const),
      inserts: fc.array(fc.tuple(insertFields, patchFields).map(([own, shared]) => ({ ...shared, ...own })), { maxLength: 40 }),
      patches: fc.array(fc.record({ pick: fc.nat(), fields: patchFields }), { maxLength: 20 }),
      flow: fc.integer({ min: 1, max: 4 }),
      isFlowDone: fc.boolean(),
      liveFrom: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("retain" as const), finishedBefore: instant, keep: small, limit: fc.integer({ min: 1, max: 10 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "request" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "reopen" } as const) },
);

/** Carries out steps on both stores; keeps track of what the next step may refer to. */
class Pair {
  readonly #path: string;
  readonly #memory: MemoryStore = createMemoryStore();
  #sqlite: Store;
  #epoch = 0;
  #lastId = 0;
  #requests: number[] = [];

  constructor(path: string) {
    this.#path = path;
    this.#sqlite = createSqliteStore({ path, compressFromBytes: 64 });
  }

  async open(): Promise<void> {
    const [memory, sqlite] = await Promise.all([this.#memory.open(), this.#sqlite.open()]);
    assert.deepEqual(sqlite, memory);
    this.#epoch = memory.epoch;
  }

  async close(): Promise<void> {
    await Promise.all([this.#memory.close(), this.#sqlite.close()]);
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case "commit":
        return this.#commit(step);
      case "retain":
        return this.#both((store) => store.retain(step, this.#epoch));
      case "request": {
        const id = this.#memory.requestAppend("{}", 3);
        assert.equal(requestAppend(this.#path, "{}", 3), id);
        this.#requests.push(id);
        return;
      }
      case "reopen":
        await this.close();
        this.#sqlite = createSqliteStore({ path: this.#path, compressFromBytes: 64 });
        return this.open();
    }
  }

  async #commit({ inserts, patches, flow, isFlowDone, liveFrom }: Extract<Step, { kind: "commit" }>): Promise<void> {
    const taken = new Set<string>();
    const rows = inserts.map((fields) => {
      const wanted = fields.key ?? null;
      const key = wanted !== null && taken.has(wanted) ? null : wanted;
      if (key !== null) taken.add(key);
      return insertOf(++this.#lastId, { ...fields, key });
    });
    const holders = await this.#memory.keyFind([...taken]);
    const commit = commitOf(this.#epoch, {
      specs: this.#lastId === rows.length ? [specOf(1), specOf(2, { type: "other", preemptible: true }), specOf(3, { queue: "slow" })] : [],
      agents: [agentOf(flow, { weight: flow / 2, speed: flow, region: isFlowDone ? "eu" : null, speeds: isFlowDone ? { ocr: flow } : null })],
      flows: [flowOf(flow, { finishedAt: isFlowDone ? 4 : null })],
      inserts: rows,
      patches: this.#lastId === 0 ? [] : patches.map(({ pick, fields }) => patchOf(1 + (pick % this.#lastId), fields)),
      keysFreed: holders.flatMap((holder) => (holder === null ? [] : [holder.id])),
      attempts: patches.map(({ pick }) => attemptOf(1 + (pick % 9), pick % 5)),
      logs: patches.map(({ pick }) => ({ taskId: 1 + (pick % 9), attempt: 1, at: pick, level: "info", text: `${pick}` })),
      settings: [{ name: `setting ${flow}`, value: `${liveFrom}` }],
      requestsDone: this.#requests.splice(0, 1),
      liveFrom,
    });
    await this.#both((store) => store.commit(commit));
  }

  /** Every way of asking. */
  async compare(): Promise<void> {
    const ids = Array.from({ length: this.#lastId + 1 }, (_, index) => index);
    await this.#both((store) => store.taskGet(ids, true));
    await this.#both((store) => store.liveLoad(0, 1_000));
    await this.#both((store) => store.taskList(pageOf({ limit: 7, after: 9, descending: true })));
    await this.#both((store) => store.taskList(pageOf({ filter: { types: ["type-1", "other"], states: ["queued", "failed", "running"] } })));
    await this.#both((store) => store.taskList(pageOf({ filter: { queue: "slow", nameContains: "a" } })));
    await this.#both((store) => store.taskList(pageOf({ filter: { flowId: 2 } })));
    await this.#both((store) => store.taskList(pageOf({ filter: { tenant: "acme" }, limit: 3 })));
    await this.#both((store) => store.taskList(pageOf({ filter: { session: "", tenant: "ünited" } })));
    await this.#both((store) => store.agentList());
    await this.#both((store) => store.taskList(pageOf({ filter: { parentId: 3 }, limit: 5 })));
    const kinds = ["input", "result", "error", "checkpoint", "answer"] as const;
    await this.#both((store) => store.payloadLoad(ids.flatMap((id) => kinds.map((kind) => ({ id, kind })))));
    await this.#both((store) => store.keyFind(["a", "b", "c", "d"]));
    await this.#both((store) => store.flowTaskIds([1, 2, 4]));
    await this.#both((store) => store.flowList(1, 2));
    await this.#both((store) => store.attemptList(3));
    await this.#both((store) => store.logList(2, 1, 5));
    await this.#both((store) => store.requestList(3));
    await this.#both(async (store) => (await store.info()).tasks);
  }

  async #both(ask: (store: Store) => Promise<unknown>): Promise<void> {
    const [memory, sqlite] = await Promise.all([ask(this.#memory), ask(this.#sqlite)]);
    assert.deepEqual(sqlite, memory);
  }
}

test("memory and SQLite give the same answers", async (t) => {
  const folder = temporaryFolder(t);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), async (steps) => {
      const pair = new Pair(join(folder, `${++run}.db`));
      await pair.open();
      try {
        for (const one of steps) {
          await pair.take(one);
          await pair.compare();
        }
      } finally {
        await pair.close();
      }
    }),
    { numRuns: 40 },
  );
});
