/**
 * Store files between processes: a second engine, readers and requests while an engine runs, an engine that is killed, and one
 * that meets the largest size a file may have.
 */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { isMakespanError } from "../../src/protocol/errors.ts";
import { isOwned, openSqliteReader, requestAppend } from "../../src/store/sqlite/reader.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { commitOf, insertOf, pageOf } from "../support/store-rows.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const PROGRAM = fileURLToPath(new URL("../support/engine-process.ts", import.meta.url));

test("while one process owns the file, a second is refused, and readers and requests are served", async (t) => {
  const path = join(temporaryFolder(t), "tasks.db");
  const { child, lines } = start(t, path);
  await next(lines);
  assert.equal(isOwned(path), true);
  const second = createSqliteStore({ path });
  await assert.rejects(second.open(), (error) => isMakespanError(error, "store_in_use") && error.message.includes(`process ${child.pid}`));

  const reader = openSqliteReader(path);
  const acknowledged = Number(await next(lines));
  assert.ok(reader.taskList(pageOf({ limit: 1_000_000 })).length >= acknowledged);
  assert.equal(reader.taskGet([1], true)[0]?.spec.type, "type-1");
  const later = Number(await next(lines));
  assert.ok(reader.info().tasks.running >= later);
  assert.equal(requestAppend(path, '{"kind":"pause"}', 5), 1);
  assert.deepEqual(reader.requestList(9), [{ id: 1, at: 5, request: '{"kind":"pause"}' }]);
  reader.close();

  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(isOwned(path), false);
});

test("after kill -9 the file opens at once and holds all that was acknowledged, and no part of a commit", async (t) => {
  const path = join(temporaryFolder(t), "tasks.db");
  let expected = 0;
  for (let round = 1; round <= 5; round++) {
    const { child, lines } = start(t, path);
    for (let count = 0; count < round * 4; count++) expected = Number(await next(lines));
    child.kill("SIGKILL");
    await once(child, "exit");
    for (;;) {
      const { done, value } = await lines.next();
      if (done === true) break;
      expected = Number(value);
    }
    const store = createSqliteStore({ path });
    const state = await store.open();
    assert.ok(state.lastTaskId >= expected, `${state.lastTaskId} tasks are there, ${expected} were acknowledged`);
    assert.equal(state.lastTaskId % 50, 0, "whole commits");
    assert.equal((await store.info()).tasks.running, state.lastTaskId);
    await store.close();
  }
});

test("at the largest size of a file the commit is refused with one clear error, and everything before it stays", async (t) => {
  const path = join(temporaryFolder(t), "tasks.db");
  // The shell makes the limit; ignoring the signal turns it into an error of the write, as a full disk is.
  const child = spawn("sh", ["-c", 'trap "" XFSZ; ulimit -f 2048; exec "$0" "$1" "$2" 500', process.execPath, PROGRAM, path], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const printed: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) printed.push(line);
  assert.ok(["store_io", "store_full"].includes(printed.at(-1)!), printed.at(-1));
  const acknowledged = Number(printed.at(-2));
  assert.ok(acknowledged > 0);
  const store = createSqliteStore({ path });
  const { epoch, lastTaskId } = await store.open();
  assert.equal(lastTaskId, acknowledged);
  await store.commit(commitOf(epoch, { inserts: [insertOf(lastTaskId + 1)] }));
  await store.close();
});

function start(t: TestContext, path: string): { child: ChildProcess; lines: AsyncIterator<string> } {
  const child = spawn(process.execPath, [PROGRAM, path], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

async function next(lines: AsyncIterator<string>): Promise<string> {
  const { value, done } = await lines.next();
  assert.ok(done !== true, "the process goes on");
  return value;
}
