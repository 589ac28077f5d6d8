/** The mailbox between an idle engine and the thread of its file: what is put in comes out, and each answer is heard once, in order. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setImmediate as nextRound } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { MailReceiver, MailSender } from "../../src/store/sqlite/mailbox.ts";
import type { PackedCommit } from "../../src/store/sqlite/messages.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { commitOf, insertOf, specOf } from "../support/store-rows.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const SMALL: PackedCommit = [Float64Array.of(1.5, -0, Number.NaN, Number.NEGATIVE_INFINITY, 2 ** 53 - 1), "a\u0000é漢\ud83d\ude00\ud800", [], undefined];

function bothEnds(): { sender: MailSender; receiver: MailReceiver } {
  const sender = new MailSender();
  return { sender, receiver: new MailReceiver(sender.memory) };
}

test("a small commit comes out as it was put in, once", () => {
  const { sender, receiver } = bothEnds();
  for (const commit of [SMALL, [Float64Array.of(1), "", [], undefined] satisfies PackedCommit]) {
    assert.ok(sender.put(commit));
    assert.deepEqual(receiver.take(), commit);
    assert.equal(receiver.take(), undefined);
  }
});

test("a commit that is large, or has rows of rare kinds, is not taken", () => {
  const { sender, receiver } = bothEnds();
  const few = { specs: [], agents: [], flows: [], keysFreed: [1], attempts: [], settings: [], requestsDone: [] };
  const others: PackedCommit[] = [
    [new Float64Array(257), "", [], undefined],
    [Float64Array.of(1), "x".repeat(2_049), [], undefined],
    [Float64Array.of(1), "", ["long"], undefined],
    [Float64Array.of(1), "", [], few],
  ];
  for (const commit of others) assert.equal(sender.put(commit), false);
  assert.equal(receiver.take(), undefined);
  assert.ok(sender.put([new Float64Array(256), "x".repeat(2_048), [], undefined]));
});

test("whoever is rung does not sleep", () => {
  const { sender, receiver } = bothEnds();
  sender.ring();
  sender.ring();
  receiver.sleep(0);
  receiver.sleep(1);
});

test("that a commit is done is heard once, by the listener or by whoever asks before it", async () => {
  const { sender, receiver } = bothEnds();
  const heard: number[] = [];
  const round = (): void => {
    sender.put(SMALL);
    sender.listen(() => heard.push(heard.length));
    assert.equal(sender.takeDone(), false);
    receiver.take();
  };
  const hears = async (count: number): Promise<void> => {
    while (heard.length < count) await nextRound();
    // And no more than that, however long one waits.
    for (let rounds = 0; rounds < 20; rounds++) await nextRound();
    assert.equal(heard.length, count);
    assert.equal(sender.takeDone(), false);
  };
  round();
  receiver.answerDone();
  await hears(1);

  // Asked for before the listener's turn; the next commit is out when that comes.
  round();
  receiver.answerDone();
  assert.ok(sender.takeDone());
  round();
  await hears(1);
  receiver.answerDone();
  await hears(2);

  // Answered by a message: nothing is heard of it, and the next one is.
  round();
  sender.giveUp();
  round();
  await hears(2);
  receiver.answerDone();
  await hears(3);
});

async function openStore(t: TestContext): Promise<{ store: Store; epoch: number }> {
  const store = createSqliteStore({ path: join(temporaryFolder(t), "tasks.db") });
  t.after(() => store.close());
  const { epoch } = await store.open();
  await store.commit(commitOf(epoch, { specs: [specOf(1)] }));
  return { store, epoch };
}

test("an idle store sends no message for a small commit", async (t) => {
  const { store, epoch } = await openStore(t);
  const sent = t.mock.method(Worker.prototype, "postMessage");
  for (let id = 1; id <= 10; id++) await store.commit(commitOf(epoch, { inserts: [insertOf(id)] }));
  assert.equal(sent.mock.callCount(), 0);
  await Promise.all([11, 12, 13].map((id) => store.commit(commitOf(epoch, { inserts: [insertOf(id)] }))));
  assert.equal(sent.mock.callCount(), 2);
});

test("calls are answered in their order, whichever way they go", async (t) => {
  const { store, epoch } = await openStore(t);
  let id = 0;
  const insert = (input = "{}"): Promise<void> => store.commit(commitOf(epoch, { inserts: [insertOf(++id, { input })] }));
  for (let round = 0; round < 60; round++) {
    const answered: string[] = [];
    const noted = async (name: string, call: Promise<unknown>): Promise<void> => {
      await call;
      answered.push(name);
    };
    const first = id + 1;
    const calls = [noted("small", insert()), noted("large", insert(JSON.stringify("x".repeat(5_000)))), noted("get", store.taskGet([first], false).then((rows) => assert.equal(rows.length, 1)))];
    if (round % 2 === 0) calls.push(noted("small again", insert()));
    if (round % 3 === 0) await calls[0];
    await Promise.all(calls);
    assert.deepEqual(answered, ["small", "large", "get", "small again"].slice(0, calls.length));
  }
  assert.equal((await store.info()).tasks.queued, id);
});

test("a commit in the mailbox that is refused says why, and those after it are written", async (t) => {
  const { store, epoch } = await openStore(t);
  for (let round = 0; round < 20; round++) {
    const refused = assert.rejects(store.commit(commitOf(epoch + 1, { inserts: [insertOf(1_000)] })), { code: "store_fenced" });
    // The answer to the first comes as a message; that of the second, while it is dealt with or after.
    const second = round % 2 === 0 ? store.commit(commitOf(epoch, { inserts: [insertOf(2 * round + 1)] })) : refused;
    await Promise.all([refused, second]);
    await store.commit(commitOf(epoch, { inserts: [insertOf(2 * round + 2)] }));
  }
  assert.equal((await store.taskGet([1_000], false)).length, 0);
  assert.equal((await store.info()).tasks.queued, 30);
});
