// Durations that one process learned are there for the next one: read back before the first turn, used, shown by the SDK and the
// command line; damaged rows are ignored; an engine in which nothing happens writes none.
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { defineTask, open, type EstimateReport } from "../../src/app/index.ts";
import { createEngine } from "../../src/engine/engine.ts";
import { createMemoryStore } from "../../src/store/memory/memory-store.ts";
import type { Commit } from "../../src/store/rows.ts";
import type { Store } from "../../src/store/store.ts";
import { openForTest } from "../../src/testing/index.ts";
import { VirtualClock } from "../../src/testing/virtual-clock.ts";
import { cli } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Tasks that take as long as their input says, on the clock. */
function tasksOn(clock: VirtualClock) {
  const short = defineTask({ type: "short", handler: (ms: number) => clock.sleep(ms) });
  const long = defineTask({ type: "long", handler: (ms: number) => clock.sleep(ms) });
  return { short, long };
}

/** Keeps the names of the settings of each commit. */
function watched(store: Store): { readonly store: Store; readonly settings: string[][] } {
  const settings: string[][] = [];
  const commit = (one: Commit): Promise<void> => {
    settings.push(one.settings.map(({ name }) => name));
    return store.commit(one);
  };
  return { store: new Proxy(store, { get: (target, name) => (name === "commit" ? commit : bound(target, name)) }), settings };
}

function bound(target: Store, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === "function" ? (value.bind(target) as unknown) : value;
}

test("what was learned is kept over a restart, and what starts then is expected to take so long", async () => {
  const store = createMemoryStore();
  const clock = new VirtualClock();
  const { short, long } = tasksOn(clock);
  const first = await openForTest({ tasks: [short, long], store, clock });
  await first.app.submitMany(short, Array.from({ length: 30 }, () => 40));
  await first.app.submitMany(long, Array.from({ length: 30 }, () => 3_000));
  await first.runUntilIdle();
  const before = first.app.estimates();
  assert.deepEqual(before.types.map(({ type, tasks, mean_ms }) => [type, tasks, Math.round(mean_ms)]), [["long", 30, 3_000], ["short", 30, 40]]);
  await first.close();

  const second = await openForTest({ tasks: [short, long], store, clock });
  assert.deepEqual(second.app.estimates().types.map(({ type, tasks, mean_ms }) => [type, tasks, mean_ms]), before.types.map(({ type, tasks, mean_ms }) => [type, tasks, Number(mean_ms.toPrecision(6))]));
  await second.close();

  // The core expects it of an attempt that starts now.
  const engine = await createEngine({ store, clock });
  await engine.addAgent({ spec: { name: "quiet", kind: "function", types: ["long"], slots: 1 }, start: () => {}, stop: () => {}, close: async () => {} });
  const retry = { limit: 0, backoff: "fixed", delayMs: 0, maxDelayMs: 0, jitter: 0, lossLimit: 0 } as const;
  const { ids } = await engine.submit({ tasks: [{ spec: { type: "long", queue: "default", priority: 3, retry, onDependencyFailure: "skip" }, input: "null" }] });
  assert.equal(Math.round(engine.liveTask(ids[0]!)!.run!.expectedMs!), 3_000);
  await engine.close("now");
});

test("rows are written every few seconds at most, with commits that are made anyway, and at the end; without learning none", async () => {
  const memory = createMemoryStore();
  const clock = new VirtualClock();
  const { short } = tasksOn(clock);
  const first = watched(memory);
  const opened = await openForTest({ tasks: [short], store: first.store, clock });
  for (let second = 0; second < 20; second++) {
    await opened.app.submitMany(short, [40, 40, 40]);
    await opened.advance(1_000);
  }
  const written = first.settings.flat().filter((name) => name === "estimates:short").length;
  assert.ok(written >= 3 && written <= 5, String(written));
  const commits = first.settings.length;
  await opened.advance(60_000);
  assert.equal(first.settings.length, commits);
  await opened.close();
  assert.equal(first.settings.flat().filter((name) => name === "estimates:short").length, written + 1);

  const second = watched(memory);
  const idle = await openForTest({ tasks: [short], store: second.store, clock });
  await idle.advance(60_000);
  await idle.close();
  assert.deepEqual(second.settings.flat(), []);
});

test("a file: the command line shows what was learned; a row that is damaged or newer is ignored, and said", async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, "makespan.db");
  const work = defineTask({ type: "work", handler: (n: number) => n });
  {
    await using app = await open({ path, tasks: [work] });
    await app.submitMany(work, Array.from({ length: 50 }, (_, n) => n), { estimateMs: 60_000 });
    await app.idle();
  }
  const { code, stdout } = await cli(["stats", "--estimates"], { folder });
  assert.equal(code, 0);
  assert.match(stdout, /^TYPE +TASKS +MEAN +P50 +P90 +BY +OFF BY/);
  assert.match(stdout, /^work +50 /m);
  assert.match(stdout, /^work: /m);
  const report = JSON.parse((await cli(["stats", "--estimates", "--json"], { folder })).stdout) as EstimateReport;
  assert.equal(report.types[0]!.given!.tasks, 50);
  assert.ok(report.types[0]!.given!.median_factor > 10);
  assert.equal((await cli(["stats", "--estimates", "--flow", "f1"], { folder })).code, 2);
  const other = JSON.parse((await cli(["stats", "--estimates", "--type", "nobody", "--json"], { folder })).stdout) as EstimateReport;
  assert.deepEqual(other, { types: [], ignored: [] });

  copyFileSync(path, join(folder, "damaged.db"));
  const db = new DatabaseSync(join(folder, "damaged.db"));
  db.exec(`UPDATE setting SET value = substr(value, 1, 100) WHERE name = 'estimates:work'`);
  db.exec(`INSERT INTO setting (name, value) VALUES ('estimates:later', '{"format":99}')`);
  db.close();
  const damaged = await cli(["stats", "--estimates", "--db", "damaged.db"], { folder });
  assert.equal(damaged.code, 0);
  assert.match(damaged.stderr, /learned of later cannot be read[^]*learned of work cannot be read/);
  {
    await using app = await open({ path: join(folder, "damaged.db"), tasks: [work] });
    assert.deepEqual(app.estimates(), { types: [], ignored: ["later", "work"] });
    await app.submit(work, 1);
    await app.idle();
  }
  assert.equal((await cli(["stats", "--estimates", "--db", "damaged.db"], { folder })).stdout.match(/^work +1 /m)?.length, 1);
});
