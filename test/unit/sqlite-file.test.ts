/**
 * What lies in a store file: migrations from every earlier version, the view for people, compressed payloads, and the columns
 * that a patch writes.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { PARK_REASONS, MIGRATIONS, STATE_CODES } from "../../src/store/sqlite/schema.ts";
import { TASK_STATES } from "../../src/core/task.ts";
import { encodeCommit } from "../../src/store/sqlite/encode-commit.ts";
import { migrate, openFile } from "../../src/store/sqlite/open-file.ts";
import { packPayload, unpackPayload } from "../../src/store/sqlite/payload.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { RESTORED_MASK, MASKS, SECTIONS, SHARED_TEXT } from "../../src/store/sqlite/sections.ts";
import { agentOf, commitOf, insertOf, pageOf, specOf } from "../support/store-rows.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("a file of every earlier version becomes a current one and keeps its tasks", async (t) => {
  const folder = temporaryFolder(t);
  for (let version = 1; version <= MIGRATIONS.length; version++) {
    const path = join(folder, `${version}.db`);
    openFile(path, { synchronous: "full", migrations: MIGRATIONS.slice(0, version) }).close();
    const old = new DatabaseSync(path);
    old.exec(`INSERT INTO spec (id, type, queue, priority, retry, timeout_ms, on_dependency_failure) VALUES (1, 'type-1', 'default', 3, '${JSON.stringify(specOf(1).retry)}', NULL, 'skip')`);
    old.exec("INSERT INTO task (id, state, spec_id, created_at, input) VALUES (1, 2, 1, 1001, '{\"n\":1}'), (2, 2, 1, 1002, '{\"n\":2}')");
    old.exec("INSERT INTO task_extra (id, due_at) VALUES (2, 9)");
    old.exec("INSERT INTO agent (id, name, kind, slots, cost_per_hour, joined_at) VALUES (1, 'agent 1', 'function', 1, 0, 3)");
    old.close();
    const store = createSqliteStore({ path });
    const { epoch } = await store.open();
    const bare = { input: "", spec: specOf(1), hasCheckpoint: false, hasInput: true };
    const before = [{ ...insertOf(1), ...bare }, { ...insertOf(2, { dueAt: 9 }), ...bare }];
    assert.deepEqual(await store.taskGet([1, 2], false), before);
    assert.deepEqual(await store.agentList(), [agentOf(1)]);
    const newer = insertOf(3, { specId: 2, tenant: "acme", session: "s", weight: 2, size: 7, region: "eu", uses: [{ limit: "gpu", amount: 1 }] });
    const preemptible = specOf(2, { preemptible: true });
    await store.commit(commitOf(epoch, { specs: [preemptible], inserts: [newer] }));
    assert.deepEqual(await store.taskList(pageOf()), [...before, { ...newer, ...bare, spec: preemptible }]);
    assert.equal((await store.info()).schemaVersion, MIGRATIONS.length);
    await store.close();
  }
});

test("a migration runs once; one that fails leaves the file at the version it had", (t) => {
  const path = join(temporaryFolder(t), "tasks.db");
  openFile(path, { synchronous: "full" }).close();
  const more = [...MIGRATIONS, { sql: "ALTER TABLE task ADD COLUMN colour TEXT; UPDATE task SET colour = 'red'" }];
  const broken = [...more, { sql: "CREATE TABLE half (x); CREATE TABLE task (x)" }];
  assert.throws(() => openFile(path, { synchronous: "full", migrations: broken }), /task already exists/);
  const untouched = openFile(path, { synchronous: "full" });
  assert.deepEqual(untouched.db.prepare("SELECT name FROM sqlite_schema WHERE name = 'half'").all(), []);
  untouched.close();
  const migrated = openFile(path, { synchronous: "full", migrations: more });
  assert.equal(Object.values(migrated.db.prepare("PRAGMA user_version").get() as object)[0], more.length);
  migrate(migrated.db, more);
  migrated.close();
  openFile(path, { synchronous: "full", migrations: more }).close();
});

test("the event loop goes round between any two answers, however closely commits follow each other", async (t) => {
  const store = createSqliteStore({ path: join(temporaryFolder(t), "tasks.db") });
  const { epoch } = await store.open();
  const commits = 150;
  let rounds = 0;
  const answeredIn = new Set<number>();
  let counting = true;
  setImmediate(function count() {
    rounds += 1;
    if (counting) setImmediate(count);
  });
  // As from an engine under load: three are under way, and dealing with an answer takes longer than a commit, so the next is there.
  const follow = async (first: number): Promise<void> => {
    for (let id = first; id <= commits; id += 3) {
      await store.commit(commitOf(epoch, { inserts: [insertOf(id)] }));
      answeredIn.add(rounds);
      const since = performance.now();
      while (performance.now() - since < 3);
    }
  };
  await Promise.all([follow(1), follow(2), follow(3)]);
  counting = false;
  await store.close();
  assert.equal(answeredIn.size, commits);
});

test("the view tasks says it in words", async (t) => {
  const path = join(temporaryFolder(t), "tasks.db");
  const store = createSqliteStore({ path });
  const { epoch } = await store.open();
  const at = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
  const inserts = TASK_STATES.map((state, index) => insertOf(index + 1, { state, createdAt: at }));
  const agents = [agentOf(4, { name: "worker" })];
  const one = insertOf(50, { state: "parked", parkedFor: "answer", agentId: 4, startedAt: at, finishedAt: at + 250, servedMs: 50, name: "n", input: '"i"', result: JSON.stringify("z".repeat(5_000)),
    tenant: "acme", session: "s", size: 7.5, region: "eu", uses: [{ limit: "gpu", amount: 1 }, { limit: "usd", amount: 0.25 }] });
  await store.commit(commitOf(epoch, { specs: [specOf(1, { priority: 2, preemptible: true })], agents, inserts: [...inserts, one] }));
  await store.close();
  const db = new DatabaseSync(path, { readOnly: true });
  const rows = db.prepare("SELECT id, state, created_at FROM tasks WHERE id < 50 ORDER BY id").all();
  assert.deepEqual(rows.map((row) => row["state"]), [...TASK_STATES]);
  assert.equal(rows[0]?.["created_at"], "2026-01-02T03:04:05.678Z");
  const columns = "type, queue, priority, agent, parked_for, service_ms, failures, input, result, started_at, assigned_at, tenant, session, weight, size, region, uses, preemptible";
  assert.deepEqual({ ...db.prepare(`SELECT ${columns} FROM tasks WHERE id = 50`).get() }, {
    type: "type-1", queue: "default", priority: 2, agent: "worker", parked_for: "answer", service_ms: 300, failures: 0, input: '"i"', result: "(compressed)",
    started_at: "2026-01-02T03:04:05.678Z", assigned_at: null,
    tenant: "acme", session: "s", weight: 1, size: 7.5, region: "eu", uses: "gpu 1, usd 0.25", preemptible: "yes",
  });
  db.close();
});

test("payloads are text unless compressing pays", () => {
  const long = JSON.stringify("abc".repeat(1_000));
  assert.equal(packPayload("{}", 1_024), "{}");
  assert.equal(packPayload(long, 10_000), long);
  const packed = packPayload(long, 1_024);
  assert.ok(packed instanceof Uint8Array && packed.length < 200);
  assert.equal(unpackPayload(packed), long);
  const wide = "漢".repeat(400);
  assert.ok(packPayload(wide, 1_024) instanceof Uint8Array, "the size counts, not the number of characters");
  assert.equal(packPayload('{"n":1}', 1), '{"n":1}', "compressing it would not make it smaller");
  assert.equal(unpackPayload(null), null);
});

test("codes are fixed, and masks fit where they are kept", () => {
  assert.equal(STATE_CODES.scheduled, 0);
  assert.equal(STATE_CODES.succeeded, 5);
  assert.equal(STATE_CODES.skipped, 10);
  assert.deepEqual(PARK_REASONS, ["children", "answer"]);
  assert.ok(RESTORED_MASK < 65_536);
  assert.ok(SECTIONS.reduce((mask, section) => mask | section.bit, 0) < MASKS);
  assert.equal(new Set(SECTIONS.map((section) => section.bit)).size, SECTIONS.length);
});

test("many shapes of rows in one commit", async (t) => {
  const path = join(temporaryFolder(t), "tasks.db");
  const store = createSqliteStore({ path });
  const { epoch } = await store.open();
  const inserts = Array.from({ length: 8_192 }, (_, index) =>
    insertOf(index + 1, {
      attempt: index & 1, readyAt: index & 2, startedAt: index & 4, cpuMs: index & 8, failures: index & 16, releaseAt: (index & 32) === 0 ? null : 1,
      flowId: (index & 64) === 0 ? null : 1, name: (index & 128) === 0 ? null : "n", limitKey: (index & 256) === 0 ? null : "l",
      dueAt: (index & 512) === 0 ? null : 2, parentId: (index & 1_024) === 0 ? null : 3, tenant: (index & 2_048) === 0 ? null : "t", size: (index & 4_096) === 0 ? null : 5,
    }),
  );
  await store.commit(commitOf(epoch, { specs: [specOf(1)], inserts }));
  const rows = await store.taskList(pageOf({ limit: 10_000 }));
  assert.deepEqual(rows, inserts.map((row) => ({ ...row, input: "", spec: specOf(1), hasCheckpoint: false, hasInput: true })));
  await store.close();
});

test("a commit with more text than one string should hold is packed into several, and read back as it was", async (t) => {
  const input = "x".repeat(4_000);
  const inserts = Array.from({ length: Math.ceil(SHARED_TEXT / input.length) + 3 }, (_, index) => insertOf(index + 1, { input, key: `key ${index}` }));
  const commit = commitOf(1, { specs: [specOf(1)], inserts });
  const [, text, longTexts] = encodeCommit(commit);
  assert.ok(text.length < SHARED_TEXT + input.length);
  assert.equal(text.length + longTexts.join("").length, inserts.reduce((sum, row) => sum + row.input.length + row.key!.length, 0));
  const store = createSqliteStore({ path: join(temporaryFolder(t), "a.db"), synchronous: "normal" });
  const { epoch } = await store.open();
  await store.commit({ ...commit, epoch });
  const last = inserts.slice(-5);
  assert.deepEqual((await store.taskGet(last.map(({ id }) => id), false)).map(({ key }) => key), last.map(({ key }) => key));
  assert.deepEqual(await store.payloadLoad(last.map(({ id }) => ({ id, kind: "input" }))), last.map(() => input));
  await store.close();
});
