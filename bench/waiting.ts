/**
 * A million waiting tasks: memory a task in the engine, rate of dispatch with a million waiting against a thousand, and the time
 * to reopen the file. Runs itself again with `--expose-gc`. `--json` prints one object; `--tasks N` sets the million.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemClock } from "../src/engine/clock.ts";
import { createFunctionAgent } from "../src/engine/agents/function-agent.ts";
import { defaultSpec } from "../src/engine/default-spec.ts";
import { createEngine } from "../src/engine/engine.ts";
import type { Engine } from "../src/engine/types.ts";
import { createSqliteStore } from "../src/store/sqlite/sqlite-store.ts";
import { rounded } from "./lib/numbers.ts";

const { values } = parseArgs({ options: { json: { type: "boolean", default: false }, tasks: { type: "string", default: "1000000" } } });
if (globalThis.gc === undefined) {
  const { status } = spawnSync(process.execPath, ["--expose-gc", import.meta.filename, ...process.argv.slice(2)], { stdio: "inherit" });
  process.exit(status ?? 1);
}
const waitingCount = Number(values.tasks);
const few = 1_000;
const measured = 200_000;
const SLOTS = 1_000;
const spec = defaultSpec("noop");
const folder = mkdtempSync(join(process.cwd(), ".bench-waiting-"));

try {
  const path = join(folder, "waiting.db");
  let engine = await start(path);
  const heapBefore = heap();
  for (let done = 0; done < waitingCount; done += 10_000) await submit(engine, 10_000);
  const bytesPerTask = (heap() - heapBefore) / waitingCount;
  await engine.close("now");

  const openedAt = performance.now();
  engine = await start(path);
  const reopenMs = performance.now() - openedAt;
  const manyPerS = await dispatchRate(engine, measured);
  await engine.close("now");

  engine = await start(join(folder, "few.db"));
  await submit(engine, few + SLOTS);
  const fewPerS = await dispatchRate(engine, measured);
  await engine.close("now");

  const result = {
    waiting: waitingCount,
    bytes_per_task: Math.round(bytesPerTask),
    reopen_ms: Math.round(reopenMs),
    dispatch_per_s_waiting: Math.round(manyPerS),
    dispatch_per_s_few: Math.round(fewPerS),
    ratio: rounded(manyPerS / fewPerS),
  };
  if (values.json) console.log(JSON.stringify(result));
  else {
    console.log(`${result.bytes_per_task} bytes of heap a waiting task; reopening ${waitingCount} tasks took ${result.reopen_ms} ms`);
    console.log(`dispatch ${result.dispatch_per_s_waiting} tasks/s with ${waitingCount} waiting, ${result.dispatch_per_s_few} with ${few}: ratio ${result.ratio}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function start(path: string): Promise<Engine> {
  return createEngine({ store: createSqliteStore({ path }), clock: systemClock, paused: true, limits: { inputCacheBytes: 0 } });
}

function submit(engine: Engine, count: number): Promise<unknown> {
  return engine.submit({ tasks: Array.from({ length: count }, (_, index) => ({ spec, input: `{"n":${index}}` })) });
}

/** Heap after everything that can be freed is. */
function heap(): number {
  for (let round = 0; round < 3; round++) globalThis.gc!();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/**
 * Tasks a second in a steady state: whatever settles is submitted anew, so that the backlog stays as it is and both backlogs
 * cost the same writes.
 */
async function dispatchRate(engine: Engine, count: number): Promise<number> {
  await agent(engine);
  let settled = 0;
  const done = Promise.withResolvers<void>();
  const stop = engine.observe({
    facts(facts) {
      const now = facts.filter((fact) => fact.state === "succeeded").length;
      settled += now;
      if (settled >= count) done.resolve();
      else if (now > 0) submit(engine, now).catch(done.reject);
    },
  });
  const startedAt = performance.now();
  await engine.resume();
  await done.promise;
  stop();
  return (count * 1000) / (performance.now() - startedAt);
}

function agent(engine: Engine): Promise<number> {
  return engine.addAgent(createFunctionAgent({ slots: SLOTS, handlers: { noop: { handler: (input: { n: number }) => input.n } } }));
}
