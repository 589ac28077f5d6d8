/**
 * Run as a process of its own by the tests of store files: opens the file given, commits tasks as fast as they are durable and
 * prints the last id acknowledged after each commit, until it is killed or a commit fails (then it prints the error's code).
 */
import { isMakespanError } from "../../src/protocol/errors.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { commitOf, insertOf, specOf } from "./store-rows.ts";

const [path = "", rowsInCommit = "50"] = process.argv.slice(2);
const store = createSqliteStore({ path });
try {
  const { epoch, lastTaskId } = await store.open();
  await store.commit(commitOf(epoch, { specs: [specOf(1)] }));
  let id = lastTaskId;
  process.stdout.write(`${id}\n`);
  for (;;) {
    const inserts = Array.from({ length: Number(rowsInCommit) }, () => insertOf(++id, { state: "running", attempt: 1, input: `"${"x".repeat(200)}"` }));
    await store.commit(commitOf(epoch, { inserts }));
    process.stdout.write(`${id}\n`);
  }
} catch (error) {
  process.stdout.write(`${isMakespanError(error) ? error.code : String(error)}\n`);
  await store.close().catch(() => undefined);
}
