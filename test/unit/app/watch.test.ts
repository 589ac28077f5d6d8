// Watching: every durable change in order, a bounded buffer that says what it missed, and an end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { defineTask, type TaskChange } from "../../../src/app/index.ts";
import { openForTest } from "../../../src/testing/index.ts";

const work = defineTask({
  type: "work",
  handler: (input: string, { log, progress }) => {
    log(`doing ${input}`);
    progress(0.5, "half");
    return input.length;
  },
});
const other = defineTask({ type: "other", queue: "elsewhere", handler: () => Promise.reject(new Error("no")) });

/** What the feed has now, up to `count` changes. */
async function take(feed: AsyncIterator<TaskChange, undefined>, count: number): Promise<TaskChange[]> {
  const changes: TaskChange[] = [];
  while (changes.length < count) {
    const { value } = await feed.next();
    if (value === undefined) break;
    changes.push(value);
  }
  return changes;
}

const stateOf = (change: TaskChange) => (change.kind === "task" ? change.state : change.kind);

test("a watcher sees each state that became durable, and results and errors", async () => {
  await using kit = await openForTest({ tasks: [work, other] });
  const feed = kit.app.watch();
  const handle = await kit.app.submit(work, "abc", { name: "first" });
  const [started, done] = await take(feed, 2);
  assert.deepEqual([started, done].map((change) => change && stateOf(change)), ["running", "succeeded"]);
  assert.ok(started?.kind === "task" && started.created && started.name === "first" && started.id === handle.id);
  assert.ok(done?.kind === "task" && !done.created && done.result === 3 && done.attempts === 1 && done.at instanceof Date);
  await kit.app.submit(other);
  const [, failed] = await take(feed, 2);
  assert.ok(failed?.kind === "task" && failed.error?.message === "no" && failed.reason === "handler_error" && failed.queue === "elsewhere");
});

test("filters: by type, state, queue, flow, tenant, session and id; progress and logs when asked for", async () => {
  await using kit = await openForTest({ tasks: [work, other], paused: true });
  const { app } = kit;
  const flow = await app.submitFlow("f", (add) => ({ a: add(work, "a") }));
  const alone = await app.submit(work, "alone");
  const feeds = {
    type: app.watch({ type: other }),
    state: app.watch({ state: ["succeeded", "failed"] }),
    queue: app.watch({ queue: "elsewhere" }),
    flow: app.watch({ flow, progress: true, logs: true }),
    id: app.watch({ id: alone, state: "succeeded" }),
    tenant: app.watch({ tenant: "acme", state: "succeeded" }),
    session: app.watch({ session: "chat", state: ["succeeded", "cancelled"] }),
  };
  await app.submit(other);
  await app.submit(work, "of a tenant", { tenant: "acme" });
  await app.submit(work, "of a session", { session: "chat" });
  await app.submit(work, "of both", { tenant: "acme", session: "chat" });
  assert.equal(await app.cancel({ tenant: "acme", session: "chat" }), 1);
  await app.resume();
  await app.idle();
  await app.close();
  const seen = async (feed: AsyncIterable<TaskChange>): Promise<string[]> => {
    const words: string[] = [];
    for await (const change of feed) words.push(change.kind === "task" ? `${change.type} ${change.state}` : change.kind);
    return words;
  };
  assert.deepEqual(await seen(feeds.type), ["other queued", "other running", "other failed"]);
  assert.deepEqual((await seen(feeds.state)).sort(), ["other failed", "work succeeded", "work succeeded", "work succeeded", "work succeeded"]);
  assert.deepEqual(await seen(feeds.queue), ["other queued", "other running", "other failed"]);
  // A handler may speak before its start is told.
  assert.deepEqual((await seen(feeds.flow)).sort(), ["log", "progress", "work running", "work succeeded"]);
  assert.deepEqual(await seen(feeds.id), ["work succeeded"]);
  assert.deepEqual(await seen(feeds.tenant), ["work succeeded"]);
  assert.deepEqual((await seen(feeds.session)).sort(), ["work cancelled", "work succeeded"]);
  assert.throws(() => app.watch({ stat: "failed" } as never), { message: 'The filter has no option "stat"; did you mean "state"?' });
  assert.throws(() => app.watch({ state: "done" as never }), { code: "invalid_option" });
});

test("a slow consumer is told how much it missed, and goes on", async () => {
  await using kit = await openForTest({ tasks: [work] });
  const feed = kit.app.watch({ state: "succeeded", bufferSize: 3 });
  await kit.app.submitMany(work, ["1", "2", "3", "4", "5"]);
  await kit.app.idle();
  assert.deepEqual((await take(feed, 4)).map(stateOf), ["succeeded", "succeeded", "succeeded", "gap"]);
  await kit.app.submitMany(work, ["6", "7", "8", "9"]);
  await kit.app.idle();
  const [, , , gap] = await take(feed, 4);
  assert.deepEqual(gap, { kind: "gap", missed: 1 });
});

test("a loop that is left stops watching; closing ends the others", async () => {
  await using kit = await openForTest({ tasks: [work] });
  const left = kit.app.watch();
  const open = kit.app.watch();
  await kit.app.submit(work, "a");
  for await (const change of left) {
    assert.equal(change.kind, "task");
    break;
  }
  assert.deepEqual(await left.next(), { done: true, value: undefined });
  await take(open, 2);
  const next = open.next();
  await kit.app.close();
  assert.deepEqual(await next, { done: true, value: undefined });
  assert.deepEqual(await kit.app.watch().next(), { done: true, value: undefined });
});
