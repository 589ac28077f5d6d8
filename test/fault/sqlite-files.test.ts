/**
 * Files and places that a store cannot use: each is one clear error, and the file is afterwards what it was before.
 */
import assert from "node:assert/strict";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, statSync, symlinkSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test, type TestContext } from "node:test";
import { MakespanError, type ErrorCode } from "../../src/protocol/errors.ts";
import { fileFacts } from "../../src/store/sqlite/file-facts.ts";
import { openFile } from "../../src/store/sqlite/open-file.ts";
import { isOwned, openSqliteReader, requestAppend } from "../../src/store/sqlite/reader.ts";
import { APPLICATION_ID, MIGRATIONS } from "../../src/store/sqlite/schema.ts";
import { createSqliteStore, type SqliteStoreOptions } from "../../src/store/sqlite/sqlite-store.ts";
import { toStoreError } from "../../src/store/sqlite/sqlite-error.ts";
import type { FaultPlan } from "../support/faulty-database.ts";
import { commitOf, insertOf, pageOf, specOf } from "../support/store-rows.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const WRAPPER = new URL("../support/faulty-database.ts", import.meta.url).href;

function isRefusal(code: ErrorCode, path: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof MakespanError, String(error));
    assert.equal(error.code, code, error.message);
    assert.ok(error.message.includes(path), `names the path: ${error.message}`);
    return true;
  };
}

async function filledFile(t: TestContext, taskCount: number): Promise<string> {
  const path = join(temporaryFolder(t), "tasks.db");
  const store = createSqliteStore({ path });
  const { epoch } = await store.open();
  const inserts = Array.from({ length: taskCount }, (_, index) => insertOf(index + 1, { input: `"${"x".repeat(400)}"`, key: `${index}` }));
  await store.commit(commitOf(epoch, { specs: [specOf(1)], inserts }));
  await store.close();
  return path;
}

/** Opening is refused, the folder holds what it held, and the file is the same to the byte. */
async function assertRefused(code: ErrorCode, options: SqliteStoreOptions): Promise<void> {
  const { path } = options;
  const before = readFileSync(path);
  await assert.rejects(createSqliteStore(options).open(), isRefusal(code, path));
  assert.deepEqual(readFileSync(path), before);
  assert.equal(isOwned(path), false);
}

describe("a file that is not ours", () => {
  const contents: readonly (readonly [string, (path: string) => void])[] = [
    ["text", (path) => writeFileSync(path, "task: true\n".repeat(1_000))],
    ["a few bytes", (path) => writeFileSync(path, "x")],
    ["another program's tables", (path) => withSql(path, "CREATE TABLE task (id INTEGER PRIMARY KEY, what TEXT)")],
    ["another program's mark", (path) => withSql(path, "PRAGMA application_id = 77; CREATE TABLE other (x)")],
  ];
  for (const [title, make] of contents) {
    test(`${title}: store_not_ours`, async (t) => {
      const path = join(temporaryFolder(t), "tasks.db");
      make(path);
      await assertRefused("store_not_ours", { path });
      assert.deepEqual(readdirSync(dirname(path)), ["tasks.db"]);
      assert.throws(() => openSqliteReader(path), isRefusal("store_not_ours", path));
      assert.throws(() => requestAppend(path, "{}", 1), isRefusal("store_not_ours", path));
    });
  }

  test("a folder: store_not_ours", async (t) => {
    const path = join(temporaryFolder(t), "tasks.db");
    mkdirSync(path);
    await assert.rejects(createSqliteStore({ path }).open(), isRefusal("store_not_ours", path));
  });

  test("an empty file is taken", async (t) => {
    const path = join(temporaryFolder(t), "tasks.db");
    writeFileSync(path, "");
    const store = createSqliteStore({ path });
    assert.equal((await store.open()).lastTaskId, 0);
    await store.close();
  });

  test("a reader of no file or an empty one: store_not_found, and none is made", (t) => {
    const path = join(temporaryFolder(t), "tasks.db");
    assert.throws(() => openSqliteReader(path), isRefusal("store_not_found", path));
    assert.throws(() => requestAppend(path, "{}", 1), isRefusal("store_not_found", path));
    assert.equal(existsSync(path), false);
    writeFileSync(path, "");
    assert.throws(() => openSqliteReader(path), isRefusal("store_not_found", path));
  });
});

describe("a damaged file", () => {
  test("cut short: store_damaged", async (t) => {
    const path = await filledFile(t, 500);
    truncateSync(path, statSync(path).size / 2);
    await assertRefused("store_damaged", { path });
    assert.throws(() => openSqliteReader(path), isRefusal("store_damaged", path));
  });

  test("a page overwritten: store_damaged at open", async (t) => {
    const path = await filledFile(t, 500);
    overwrite(path, 8192 * 20, 8192);
    await assertRefused("store_damaged", { path });
  });

  test("a large file is opened without reading all of it, and a damaged page is store_damaged when it is met", async (t) => {
    const path = await filledFile(t, 50_000);
    assert.ok(statSync(path).size > 16 * 1024 * 1024);
    const { size } = statSync(path);
    overwrite(path, Math.floor(size / 2 / 8192) * 8192, 8192 * 40);
    const store = createSqliteStore({ path });
    const { epoch } = await store.open();
    await assert.rejects(store.taskList(pageOf({ limit: 100_000 })), isRefusal("store_damaged", path));
    assert.equal((await store.taskGet([1], false)).length, 1);
    await store.commit(commitOf(epoch));
    await store.close();
  });

  test("tables or values are missing: store_damaged", async (t) => {
    for (const sql of ["DROP TABLE log", "DELETE FROM meta WHERE name = 'epoch'"]) {
      const path = await filledFile(t, 1);
      withSql(path, sql);
      await assertRefused("store_damaged", { path });
    }
  });
});

describe("versions", () => {
  test("a newer schema: store_newer", async (t) => {
    const path = await filledFile(t, 1);
    withSql(path, `PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    await assertRefused("store_newer", { path });
    assert.throws(() => openSqliteReader(path), isRefusal("store_newer", path));
  });

  test("an SQLite with a known fault: store_sqlite_old, before anything is touched", (t) => {
    const path = join(temporaryFolder(t), "tasks.db");
    for (const sqliteVersion of ["3.51.2", "3.50.9", "2.99.99"]) {
      assert.throws(() => openFile(path, { synchronous: "full", sqliteVersion }), (error) => error instanceof MakespanError && error.code === "store_sqlite_old");
    }
    assert.equal(existsSync(path), false);
    for (const sqliteVersion of ["3.51.3", "3.52.0", "3.100.0", "4.0"]) openFile(path, { synchronous: "full", sqliteVersion }).close();
  });
});

test("a second engine in the same process: store_in_use, and the first goes on", async (t) => {
  const path = join(temporaryFolder(t), "tasks.db");
  const first = createSqliteStore({ path });
  const { epoch } = await first.open();
  await assert.rejects(createSqliteStore({ path }).open(), (error) => isRefusal("store_in_use", path)(error) && String(error).includes(`process ${process.pid}`));
  await first.commit(commitOf(epoch, { specs: [specOf(1)], inserts: [insertOf(1)] }));
  assert.equal(isOwned(path), true);
  await first.close();
  assert.equal(isOwned(path), false);
  const second = createSqliteStore({ path });
  assert.equal((await second.open()).lastTaskId, 1);
  await second.close();
});

test("a file and a symbolic link to it are one file with one owner, also a link to a file that is yet to be made", async (t) => {
  const folder = temporaryFolder(t);
  const [path, link] = [join(folder, "tasks.db"), join(folder, "link.db")];
  symlinkSync("tasks.db", link);
  for (const [name, other] of [[link, path], [path, link]] as const) {
    const owner = createSqliteStore({ path: name });
    await owner.open();
    await assert.rejects(createSqliteStore({ path: other }).open(), isRefusal("store_in_use", other));
    assert.deepEqual([isOwned(name), isOwned(other)], [true, true]);
    await owner.close();
    assert.deepEqual([isOwned(name), isOwned(other)], [false, false]);
  }
});

test("whoever else looks at the file in the engine's process leaves the engine its locks on it", { skip: process.platform !== "linux" && "needs /proc/locks" }, async (t) => {
  const path = join(temporaryFolder(t), "tasks.db");
  const store = createSqliteStore({ path });
  await store.open();
  const locks = locksOn(path);
  assert.ok(locks.length > 0);
  await assert.rejects(createSqliteStore({ path }).open(), isRefusal("store_in_use", path));
  assert.deepEqual(locksOn(path), locks, "a second engine");
  openSqliteReader(path).close();
  assert.deepEqual(locksOn(path), locks, "a reader");
  requestAppend(path, "{}", 1);
  assert.deepEqual(locksOn(path), locks, "a request");
  fileFacts(path);
  assert.deepEqual(locksOn(path), locks, "the facts of the file");
  await store.close();
});

describe("places that cannot be written", () => {
  test("below a file, in no folder, in a folder of the kernel: store_read_only", async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, "file"), "");
    for (const path of [join(folder, "file", "tasks.db"), join(folder, "none", "tasks.db"), "/proc/tasks.db"]) {
      await assert.rejects(createSqliteStore({ path }).open(), isRefusal("store_read_only", path));
    }
  });

  test("what SQLite and the system say of it is understood", () => {
    const codes: readonly (readonly [Record<string, unknown>, ErrorCode])[] = [
      [{ errcode: 8 }, "store_read_only"], [{ errcode: 14 }, "store_read_only"], [{ errcode: 14 + (2 << 8) }, "store_read_only"], [{ code: "EACCES" }, "store_read_only"],
      [{ code: "EROFS" }, "store_read_only"], [{ errcode: 10 + (3 << 8) }, "store_io"], [{ errcode: 13 }, "store_full"], [{ code: "ENOSPC" }, "store_full"],
      [{ errcode: 11 + (1 << 8) }, "store_damaged"], [{ errcode: 26 }, "store_damaged"], [{ errcode: 5 }, "store_in_use"],
    ];
    for (const [fields, code] of codes) assert.ok(isRefusal(code, "a/path")(toStoreError(Object.assign(new Error("came"), fields), "a/path")));
    const bug = new Error("a bug");
    assert.equal(toStoreError(bug, "a/path"), bug);
    assert.ok(!(toStoreError(Object.assign(new Error("constraint"), { errcode: 19 }), "a/path") instanceof MakespanError));
  });
});

test("a full disk: the commit is refused with store_full, nothing of it is kept, reads go on, writes do not", async (t) => {
  const path = await filledFile(t, 10);
  const pages = statSync(path).size / 8192 + 3;
  const options = { failAt: Infinity, errcode: 0, pragma: `PRAGMA max_page_count = ${pages}` } satisfies FaultPlan;
  const store = createSqliteStore({ path, wrapper: { module: WRAPPER, options } });
  const { epoch } = await store.open();
  await store.commit(commitOf(epoch, { inserts: [insertOf(11)] }));
  const large = Array.from({ length: 400 }, (_, index) => insertOf(index + 12, { input: `"${"x".repeat(400)}"` }));
  const [full, behind] = await Promise.allSettled([store.commit(commitOf(epoch, { inserts: large })), store.commit(commitOf(epoch, { inserts: [insertOf(999)] }))]);
  assert.ok(full.status === "rejected" && isRefusal("store_full", path)(full.reason));
  assert.ok(behind.status === "rejected" && isRefusal("store_full", path)(behind.reason));
  await assert.rejects(store.retain({ finishedBefore: 1, keep: 1, limit: 1 }, epoch), isRefusal("store_full", path));
  assert.equal((await store.taskList(pageOf())).length, 11);
  await store.close();
  const next = createSqliteStore({ path });
  const state = await next.open();
  assert.equal(state.lastTaskId, 11);
  await next.commit(commitOf(state.epoch, { inserts: large }));
  await next.close();
});

test("the mark in the header says whose file it is", async (t) => {
  const path = await filledFile(t, 1);
  assert.equal(readFileSync(path).readUInt32BE(68), APPLICATION_ID);
});

/** What the kernel holds for this process on the file: kind and first byte of each lock. */
function locksOn(path: string): readonly string[] {
  const { ino } = statSync(path);
  const fields = readFileSync("/proc/locks", "utf8").split("\n").map((line) => line.trim().split(/\s+/));
  return fields.flatMap(([, , , kind, pid, file, from]) => (pid === String(process.pid) && file?.endsWith(`:${ino}`) === true ? [`${kind} ${from}`] : [])).sort();
}

function withSql(path: string, sql: string): void {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}

function overwrite(path: string, at: number, length: number): void {
  const file = openSync(path, "r+");
  writeSync(file, Buffer.alloc(length, 0xa5), 0, length, at);
  closeSync(file);
}
