// A task of each kind of agent makes room for a more urgent one: what it saved is kept, what it did is not done again, and it costs
// no retry. A command starts again from the beginning.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createCommandAgent, createFunctionAgent, createProcessAgent, createThreadAgent, defineTask, open, type AgentDriver, type App, type TaskHandle } from "../../src/app/index.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { counting, primes } from "./sdk-worker.ts";

const module = new URL("./sdk-worker.ts", import.meta.url);
const long = defineTask({ type: "long", preemptible: true });
const urgent = defineTask({ type: "urgent" });
const HOUR_MS = 3_600_000;

async function openWith(agent: AgentDriver): Promise<App> {
  const app = await open({ path: ":memory:", tasks: [long, urgent], agents: [agent], watchdogMs: 0 });
  await app.setPolicy("default", "edf:preempt");
  return app;
}

/** Starts the long task, and once it has said something the urgent one; resolves when that is done. */
async function runBoth(app: App, inputs: { readonly long: unknown; readonly urgent: unknown }): Promise<TaskHandle> {
  const changes = app.watch({ type: "long", logs: true });
  const calm = await app.submit("long", inputs.long, { dueAt: Date.now() + HOUR_MS });
  for await (const change of changes) if (change.kind === "log") break;
  await (await app.submit("urgent", inputs.urgent, { dueAt: Date.now() + 1_000 })).result();
  assert.notEqual((await app.get(calm))?.state, "succeeded", "the urgent task came first");
  return calm;
}

async function outcomes(app: App, calm: TaskHandle): Promise<readonly string[]> {
  const info = await app.get(calm);
  return [...(await app.attempts(calm)).map(({ outcome }) => outcome), `${info?.state} at attempt ${info?.attempts}`];
}

const STEPS = 150;
const places = { long: { module, export: "counting" }, urgent: { module, export: "primes" } };
const kinds: Readonly<Record<string, () => AgentDriver>> = {
  function: () => createFunctionAgent({ slots: 1, handlers: { long: { handler: counting }, urgent: { handler: primes } } }),
  thread: () => createThreadAgent({ threads: 1, modules: places }),
  process: () => createProcessAgent({ processes: 1, modules: places }),
};

for (const [kind, create] of Object.entries(kinds)) {
  test(`a ${kind} goes on from its checkpoint`, { timeout: 60_000 }, async () => {
    await using app = await openWith(create());
    const calm = await runBoth(app, { long: STEPS, urgent: { n: 10 } });
    assert.equal(await calm.result(), STEPS);
    assert.deepEqual(await outcomes(app, calm), ["released", "succeeded at attempt 2"]);
    const steps = (await app.logs(calm, { limit: 1_000 })).map(({ text }) => Number(text));
    assert.deepEqual(steps, Array.from({ length: STEPS }, (_, step) => step), "every step once");
  });
}

test("a command starts again from the beginning", { timeout: 60_000 }, async (t) => {
  const starts = join(temporaryFolder(t), "starts");
  await using app = await openWith(createCommandAgent({ slots: 1, types: ["long", "urgent"] }));
  // The first time it would take forever.
  const shell = `echo start >> "$STARTS"; echo up; test "$(wc -l < "$STARTS")" -gt 1 || sleep 1000; echo done`;
  const calm = await runBoth(app, { long: { shell, env: { STARTS: starts } }, urgent: { argv: ["true"] } });
  assert.equal(await calm.result(), "done");
  assert.deepEqual(await outcomes(app, calm), ["released", "succeeded at attempt 2"]);
  assert.equal(readFileSync(starts, "utf8"), "start\nstart\n");
});
