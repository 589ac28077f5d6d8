// Changes asked for from outside reach the tasks whoever has the file open, or nobody, or an owner that ends meanwhile.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "../../../src/app/inspect.ts";
import { control } from "../../../src/app/inspect/control.ts";
import { systemClock } from "../../../src/engine/clock.ts";
import { createEngine } from "../../../src/engine/engine.ts";
import type { Engine, SubmitTask } from "../../../src/engine/types.ts";
import { openSqliteReader, requestAppend } from "../../../src/store/sqlite/reader.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { agentOf, commitOf, insertOf, specOf } from "../../support/store-rows.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const TASK: SubmitTask = {
  spec: {
    type: "nobody", queue: "default", priority: 3, onDependencyFailure: "skip",
    retry: { limit: 0, backoff: "fixed", delayMs: 1, maxDelayMs: 1, jitter: 0, lossLimit: 1 },
  },
  input: "{}",
};

function open(path: string, requestEveryMs: number): Promise<Engine> {
  return createEngine({ store: createSqliteStore({ path, synchronous: "normal" }), clock: systemClock, limits: { requestEveryMs } });
}

function stateOf(path: string, id: number): string {
  const inspector = inspect(path);
  try {
    return inspector.task(id).state;
  } finally {
    inspector.close();
  }
}

function whyOf(path: string, id: number): string {
  const inspector = inspect(path);
  try {
    return inspector.why(inspector.task(id), Date.now()).firstThen;
  } finally {
    inspector.close();
  }
}

test("without an owner it is carried out here, with one by the owner", async (t) => {
  const path = join(temporaryFolder(t), "a.db");
  const first = await open(path, 20);
  const { ids } = await first.submit({ tasks: [TASK, TASK] });
  assert.equal(await control(path, { kind: "cancel", select: { ids: [ids[0]!] }, reason: "no" }), "owner");
  assert.equal(stateOf(path, ids[0]!), "cancelled");
  await first.close("leave");
  assert.equal(await control(path, { kind: "cancel", select: { ids: [ids[1]!] }, reason: "no" }), "here");
  assert.equal(stateOf(path, ids[1]!), "cancelled");
  assert.equal(await control(path, { kind: "redrive", ids }), "here");
  assert.equal(stateOf(path, ids[1]!), "queued");
});

test("why knows from the file what sessions were served", async (t) => {
  const path = join(temporaryFolder(t), "a.db");
  const engine = await open(path, 20);
  await engine.setPolicy("default", "las");
  await engine.close("now");
  const store = createSqliteStore({ path, synchronous: "normal" });
  const { epoch } = await store.open();
  const inserts = [
    insertOf(1, { session: "chat", state: "succeeded", assignedAt: 1_000, finishedAt: 61_000 }),
    insertOf(2, { session: "chat", firstReadyAt: 100_000, readyAt: 100_000 }),
    insertOf(3, { session: "fresh", firstReadyAt: 101_000, readyAt: 101_000 }),
  ];
  await store.commit(commitOf(epoch, { specs: [specOf(1)], inserts }));
  await store.close();
  const inspector = inspect(path);
  t.after(() => inspector.close());
  const aheadOf = (id: number): unknown => (inspector.why(inspector.task(id), 102_000) as { ahead?: number }).ahead;
  assert.deepEqual([aheadOf(2), aheadOf(3)], [1, 0]);
});

test("why counts from the file only those that wait at the same limit", async (t) => {
  const path = join(temporaryFolder(t), "a.db");
  const store = createSqliteStore({ path, synchronous: "normal" });
  const { epoch } = await store.open();
  const running = { state: "running", agentId: 1, assignedAt: 1_000, attempt: 1 } as const;
  const gpu = { uses: [{ limit: "gpu", amount: 1 }] };
  const inserts = [
    insertOf(1, { ...running, ...gpu }),
    insertOf(2, gpu),
    insertOf(3, { ...running, limitKey: "db", limitOfKey: 1 }),
    insertOf(4, { limitKey: "db", limitOfKey: 1 }),
    insertOf(5, gpu),
    insertOf(6, { limitKey: "db", limitOfKey: 1 }),
    insertOf(7, { needs: [4], state: "blocked" }),
  ];
  const settings = [{ name: "limit:gpu", value: JSON.stringify({ kind: "slots", units: 1 }) }];
  await store.commit(commitOf(epoch, { specs: [specOf(1)], agents: [agentOf(1, { slots: 9 })], inserts, settings }));
  await store.close();
  const inspector = inspect(path);
  t.after(() => inspector.close());
  const placeOf = (id: number): unknown => {
    const why = inspector.why(inspector.task(id), 2_000);
    return why.kind === "queued" ? [why.obstacle.kind, why.ahead, why.first] : why.kind;
  };
  assert.deepEqual([2, 4, 5, 6].map(placeOf), [["resource", 0, []], ["limit", 0, []], ["resource", 1, ["t2"]], ["limit", 1, ["t4"]]]);
});

test("a paused queue stays paused, and why says so", async (t) => {
  const path = join(temporaryFolder(t), "a.db");
  const engine = await open(path, 20);
  const { ids } = await engine.submit({ tasks: [TASK] });
  assert.match(whyOf(path, ids[0]!), /^It waits for a free slot/);
  await control(path, { kind: "pause", queue: "default" });
  assert.match(whyOf(path, ids[0]!), /^Its queue "default" is paused: resume it\.$/);
  await engine.close("leave");
  await control(path, { kind: "resume", queue: "default" });
  assert.match(whyOf(path, ids[0]!), /^It waits for a free slot .* No engine has the file open/);
});

test("policy, balancer and shares are chosen in an open file and in one at rest, and kept", async (t) => {
  const path = join(temporaryFolder(t), "a.db");
  const view = () => {
    const inspector = inspect(path);
    try {
      const { queues, balancer } = inspector.queues();
      return [balancer, ...queues.map(({ name, policy, fairShare }) => [name, policy, fairShare])];
    } finally {
      inspector.close();
    }
  };
  const first = await open(path, 20);
  await first.submit({ tasks: [TASK] });
  assert.deepEqual(view(), ["round-robin", ["default", "priority", null]]);
  assert.equal(await control(path, { kind: "policy", queue: "default", policy: "fcfs" }), "owner");
  assert.equal(await control(path, { kind: "balancer", balancer: "least-connections" }), "owner");
  assert.equal(await control(path, { kind: "fair-share", queue: "default", weights: { acme: 2 } }), "owner");
  const chosen = ["least-connections", ["default", "fcfs", { acme: 2 }]];
  assert.deepEqual(view(), chosen);
  // What nobody knows is refused before it is asked, with what there is, and what was chosen before stays.
  await assert.rejects(control(path, { kind: "policy", queue: "default", policy: "lifo" }), { code: "policy_unknown", message: /fcfs/ });
  await assert.rejects(control(path, { kind: "balancer", balancer: "random" }), { code: "balancer_unknown" });
  await assert.rejects(first.setPolicy("default", "lifo"), { code: "policy_unknown" });
  // A request that another program wrote badly changes nothing either.
  for (const request of ['{"kind":"policy","policy":"priority"}', '{"kind":"fair-share","queue":"default","weights":{"a":"x"}}']) requestAppend(path, request);
  assert.equal(await control(path, { kind: "resume" }), "owner");
  assert.deepEqual(view(), chosen);
  await first.close("leave");
  await (await open(path, 20)).close("leave");
  assert.deepEqual(view(), chosen);
  assert.equal(await control(path, { kind: "policy", queue: "default", policy: "priority" }), "here");
  assert.equal(await control(path, { kind: "fair-share", queue: "default", weights: null }), "here");
  assert.deepEqual(view(), ["least-connections", ["default", "priority", null]]);
});

test("requests that are not whole change nothing and do not come back", async (t) => {
  const path = join(temporaryFolder(t), "a.db");
  const engine = await open(path, 20);
  const { ids } = await engine.submit({ tasks: [TASK] });
  const broken = [
    "null", "[]", "5", '{"kind":"toString"}', '{"kind":"cancel"}', '{"kind":"cancel","select":null,"reason":"no"}', '{"kind":"cancel","select":{}}',
    '{"kind":"cancel","select":{"ids":null},"reason":"no"}', '{"kind":"cancel","select":{"types":"nobody"},"reason":"no"}',
    `{"kind":"cancel","select":{"id":[${ids[0]}]},"reason":"no"}`, '{"kind":"redrive"}', '{"kind":"redrive","ids":["t1"]}',
    '{"kind":"answer","id":1}', '{"kind":"pause","queue":5}', '{"kind":"policy","queue":"default"}', '{"kind":"fair-share","queue":"default"}',
  ];
  for (const request of broken) requestAppend(path, request);
  assert.equal(await control(path, { kind: "resume" }), "owner");
  assert.equal(engine.failure, undefined);
  assert.equal(stateOf(path, ids[0]!), "queued");
  const reader = openSqliteReader(path);
  assert.deepEqual(reader.requestList(100), []);
  reader.close();
  await engine.close("leave");
});

test("what an owner leaves undone when it ends is carried out all the same, once", async (t) => {
  const path = join(temporaryFolder(t), "a.db");
  const deaf = await open(path, Infinity);
  const { ids } = await deaf.submit({ tasks: [TASK] });
  const asked = control(path, { kind: "cancel", select: { ids }, reason: "no" });
  const reader = openSqliteReader(path);
  assert.equal(reader.requestList(10).length, 1);
  await deaf.close("leave");
  await asked;
  assert.equal(stateOf(path, ids[0]!), "cancelled");
  assert.equal(reader.requestList(10).length, 0);
  reader.close();
});

test("a file that is not there is refused, and none is made", async (t) => {
  const folder = temporaryFolder(t);
  assert.throws(() => inspect(join(folder, "none.db")), { code: "store_not_found" });
});
