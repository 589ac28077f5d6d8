/**
 * The nth operation on the file fails, for n = 1, 2, 3, … until the scenario meets no failure. After each: the file opens
 * whole, everything acknowledged is there, and of what was not nothing or all is. The memory store says what ought to be there.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { isMakespanError, type ErrorCode } from "../../src/protocol/errors.ts";
import { createMemoryStore, type MemoryStore } from "../../src/store/memory/memory-store.ts";
import type { Commit } from "../../src/store/rows.ts";
import type { StoreState } from "../../src/store/store.ts";
import { encodeCommit } from "../../src/store/sqlite/encode-commit.ts";
import { FileOwner } from "../../src/store/sqlite/file-owner.ts";
import { openSqliteReader, type SqliteReader } from "../../src/store/sqlite/reader.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { toStoreError } from "../../src/store/sqlite/sqlite-error.ts";
import { FaultyDatabase, type FaultPlan } from "../support/faulty-database.ts";
import { agentOf, attemptOf, commitOf, flowOf, insertOf, pageOf, patchOf, specOf } from "../support/store-rows.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

type Step = { readonly kind: "commit"; readonly commit: Commit } | { readonly kind: "retain"; readonly keep: number };

const long = JSON.stringify("a long text ".repeat(200));

/** Everything that a commit can hold, and a deletion. Task 3 is patched by an owner that has not written it. */
const steps: readonly Step[] = [
  { kind: "commit", commit: commitOf(0, { specs: [specOf(1)], agents: [agentOf(1)], flows: [flowOf(1)], inserts: many(1, 60), settings: [{ name: "s", value: "1" }] }) },
  { kind: "commit", commit: commitOf(0, { inserts: [insertOf(61, { key: "k", name: "n", flowId: 1, dueAt: 5, input: long })], patches: [1, 2, 3].map((id) => patchOf(id, { state: "running", attempt: 1, agentId: 1, assignedAt: 3 })), liveFrom: 2 }) },
  { kind: "commit", commit: commitOf(0, { keysFreed: [61], inserts: [insertOf(62, { key: "k" })], patches: [patchOf(1, { state: "succeeded", finishedAt: 9, result: long }), patchOf(2, { failures: 1, releaseAt: 50, state: "scheduled", error: "{}" })], attempts: [attemptOf(2, 1)], logs: [{ taskId: 2, attempt: 1, at: 1, level: "info", text: "x" }], flows: [flowOf(1, { finishedAt: 8 })], liveFrom: 3 }) },
  { kind: "retain", keep: 0 },
];

describe("the nth operation on a store file fails", () => {
  const variants: readonly (readonly [string, Omit<FaultPlan, "failAt">, ErrorCode])[] = [
    ["an I/O error", { errcode: 10 }, "store_io"],
    ["a full disk from then on", { errcode: 13, isLasting: true }, "store_full"],
    ["an I/O error although it was done", { errcode: 10 + (4 << 8), isDone: true }, "store_io"],
  ];
  for (const [title, plan, code] of variants) {
    test(title, async (t) => {
      const folder = temporaryFolder(t);
      let isClean = false;
      for (let failAt = 1; !isClean; failAt++) {
        assert.ok(failAt < 1_000, "the scenario ends");
        isClean = await play(join(folder, `${failAt}.db`), { ...plan, failAt }, code);
      }
    });
  }

  test("in the thread of the file, what waits behind the failed commit is refused too, and nothing hangs", async (t) => {
    const path = join(temporaryFolder(t), "tasks.db");
    const module = new URL("../support/faulty-database.ts", import.meta.url).href;
    await createEmpty(path);
    for (let failAt = 1; ; failAt += 7) {
      const store = createSqliteStore({ path, wrapper: { module, options: { failAt, errcode: 10 } satisfies FaultPlan } });
      const opened = await store.open().then((state) => state, () => undefined);
      if (opened === undefined) continue;
      const first = opened.lastTaskId + 1;
      const commits = [0, 1, 2].map((index) => store.commit(commitOf(opened.epoch, { specs: [specOf(1)], inserts: many(first + index * 30, 30) })));
      const outcomes = (await Promise.allSettled(commits)).map((outcome) => outcome.status === "fulfilled");
      await store.close().catch(() => undefined);
      const acknowledged = outcomes.filter(Boolean).length;
      assert.deepEqual(outcomes, outcomes.toSorted((a, b) => Number(b) - Number(a)), "none is taken after one has failed");
      const reader = openSqliteReader(path);
      assert.equal(reader.taskList(pageOf({ after: first - 1 })).length, acknowledged * 30);
      reader.close();
      if (acknowledged === 3) return;
    }
  });
});

/** Plays the scenario on a fresh file; true when no operation failed. */
async function play(path: string, plan: FaultPlan, code: ErrorCode): Promise<boolean> {
  let faulty: FaultyDatabase | undefined;
  const owner = ownerOf(path, (db) => (faulty = new FaultyDatabase(db, plan)));
  const expected = createMemoryStore();
  const { epoch } = await expected.open();
  let failedStep: Step | undefined;
  let state: StoreState | undefined;
  let caught: unknown;
  try {
    state = owner.carryOut({ op: "open" }) as StoreState;
    for (const step of steps) {
      failedStep = step;
      carryOut(owner, step, state.epoch);
      await mirror(expected, step, epoch);
    }
    failedStep = undefined;
  } catch (error) {
    caught = toStoreError(error, path);
  }
  const isClean = caught === undefined;
  if (!isClean) {
    assert.ok(isMakespanError(caught, code), `operation ${plan.failAt}: ${String(caught)}`);
    if (state !== undefined) assert.throws(() => carryOut(owner, { kind: "commit", commit: commitOf(0) }, state.epoch), "no write after a failed one");
  }
  const countAtEnd = faulty?.count ?? 0;
  try {
    owner.carryOut({ op: "close" });
  } catch {
    assert.ok(!isClean);
  }
  assert.equal(isClean, countAtEnd < plan.failAt);

  const next = ownerOf(path, undefined);
  next.carryOut({ op: "open" });
  next.carryOut({ op: "close" });
  const reader = openSqliteReader(path);
  const found = await contentOf(reader);
  reader.close();
  const wanted = [await contentOf(expected)];
  if (failedStep !== undefined && plan.isDone === true) {
    await mirror(expected, failedStep, epoch);
    wanted.push(await contentOf(expected));
  }
  assert.ok(wanted.some((content) => isSame(content, found)), `operation ${plan.failAt}: neither all nor nothing of a commit`);
  return isClean;
}

function ownerOf(path: string, wrap: ConstructorParameters<typeof FileOwner>[1]): FileOwner {
  return new FileOwner({ path, synchronous: "normal", compressFromBytes: 1_024, wrapper: undefined }, wrap);
}

function carryOut(owner: FileOwner, step: Step, epoch: number): void {
  if (step.kind === "commit") owner.carryOut(encodeCommit({ ...step.commit, epoch }));
  else owner.carryOut({ op: "retain", rule: { finishedBefore: 0, keep: step.keep, limit: 100 }, epoch });
}

async function mirror(store: MemoryStore, step: Step, epoch: number): Promise<void> {
  if (step.kind === "commit") await store.commit({ ...step.commit, epoch });
  else await store.retain({ finishedBefore: 0, keep: step.keep, limit: 100 }, epoch);
}

/** What both a store and a reader tell of it. */
async function contentOf(source: MemoryStore | SqliteReader): Promise<unknown> {
  const ids = Array.from({ length: 70 }, (_, index) => index);
  return [
    await source.taskGet(ids, true), await source.flowList(0, 9), await source.agentList(), await source.attemptList(2),
    await source.logList(2, 0, 9), await source.payloadLoad([{ id: 61, kind: "input" }]),
  ];
}

function isSame(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}

function many(first: number, count: number) {
  return Array.from({ length: count }, (_, index) => insertOf(first + index));
}

async function createEmpty(path: string): Promise<void> {
  const store = createSqliteStore({ path });
  await store.open();
  await store.close();
}
