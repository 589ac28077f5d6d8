// The SDK on a real file with real agents: all four kinds in one flow, and what a restart finds.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { z } from "zod";
import { command, defineTask, open, type OpenOptions } from "../../src/app/index.ts";

const worker = new URL("./sdk-worker.ts", import.meta.url);
const found = z.object({ count: z.number(), thread: z.number(), pid: z.number() });

const primes = defineTask({ type: "primes", runIn: "thread", module: worker, input: z.object({ n: z.int().positive() }), output: found });
const apart = defineTask({ type: "apart", runIn: "process", module: worker, export: "primes", input: z.object({ n: z.number() }), output: found });
const family = defineTask<number, number[]>({ type: "family", runIn: "thread", module: worker });
const sum = defineTask({
  type: "sum",
  handler: (_: undefined, { needs }) => needs.reduce((total, { result }) => total + (typeof result === "number" ? result : (result as { count: number }).count), 0),
});
const lazy = defineTask({ type: "lazy", lazy: async () => ({ handler: (await import("./sdk-worker.ts")).primes }) });

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "makespan-sdk-"));
});
after(() => rm(folder, { recursive: true }));

function openFile(name: string, options: Omit<OpenOptions, "path"> = {}) {
  return open({ path: join(folder, name), tasks: [primes, apart, family, sum, lazy, command], threads: 1, processes: 1, commands: 1, ...options });
}

test("a flow over functions, threads, processes and commands", { timeout: 60_000 }, async () => {
  await using app = await openFile("kinds.db");
  const flow = await app.submitFlow("kinds", (add) => {
    const inThread = add(primes, { n: 100 });
    const inProcess = add(apart, { n: 1_000 });
    const inline = add(lazy, { n: 10 });
    const echo = add(command, { argv: [process.execPath, "-p", "6 * 7"], result: "json" });
    return { inThread, inProcess, inline, echo, total: add(sum, undefined, { needs: [inThread, inProcess, inline, echo] }) };
  });
  assert.equal(await flow.tasks.total.result(), 25 + 168 + 4 + 42);
  const thread = await flow.tasks.inThread.result();
  const inline = await flow.tasks.inline.result();
  const apartResult = await flow.tasks.inProcess.result();
  assert.ok(thread.pid === process.pid && thread.thread > 0 && inline.thread === 0 && apartResult.pid !== process.pid);
  assert.deepEqual(await (await app.submit(family, 100)).result(), [25]);
  const [line] = await app.logs((await app.list({ type: family })).tasks[0]!);
  assert.deepEqual([line?.level, line?.text], ["info", "a child for 100"]);
  await assert.rejects((await app.submit(command, { shell: "echo oops >&2; exit 3" })).result(), { code: "exit_code", message: /oops/ });
  await assert.rejects(app.submit(command, { argv: [] }), { code: "invalid_input", message: /argv is an array of strings/ });
  const stats = await app.stats();
  assert.deepEqual(stats.agents.map(({ name }) => name).sort(), ["command", "function", "process", "thread"]);
  assert.ok(stats.store.bytes > 0 && stats.kpis.tasks.succeeded === 7 && stats.kpis.tasks.failed === 1);
});

test("what was accepted goes on after a restart, from its checkpoint, and results stay", { timeout: 60_000 }, async () => {
  const started = Promise.withResolvers<void>();
  const steps: string[] = [];
  const long = defineTask({
    type: "long",
    handler: async (_: undefined, { checkpoint, restored, signal, attempt }) => {
      steps.push(`attempt ${attempt} from ${JSON.stringify(restored ?? null)}`);
      if (restored !== undefined) return restored;
      await checkpoint({ step: 2 });
      started.resolve();
      return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    },
  });
  const quick = defineTask({ type: "quick", handler: (n: number) => n + 1 });
  const first = await open({ path: join(folder, "restart.db"), tasks: [long, quick] });
  const done = await first.submit(quick, 1, { key: "once" });
  assert.equal(await done.result(), 2);
  const running = await first.submit(long);
  await started.promise;
  await first.pause("slow");
  const waiting = await first.submitFlow("later", (add) => {
    const one = add(quick, 10, { queue: "slow" });
    return { one, two: add(quick, 20, { needs: [one] }) };
  });
  await first.close({ mode: "leave" });

  await using second = await open({ path: join(folder, "restart.db"), tasks: [long, quick] });
  assert.deepEqual(await second.task(long, running.id).result(), { step: 2 });
  assert.deepEqual(steps, ["attempt 1 from null", "attempt 2 from {\"step\":2}"]);
  assert.equal(await second.task(quick, done).result(), 2);
  const again = await second.submit(quick, 1, { key: "once" });
  assert.deepEqual([again.id, again.existed], [done.id, true]);
  // The queue stayed paused.
  assert.equal((await second.get(waiting.tasks.one))?.state, "queued");
  await second.resume("slow");
  const ends = await (await second.flow(waiting.id)).result();
  assert.deepEqual([ends["one"]?.state, ends["two"]?.state], ["succeeded", "succeeded"]);
});

test("a file can be open once at a time", { timeout: 60_000 }, async () => {
  await using app = await openFile("once.db", { tasks: [sum], durability: "normal" });
  await assert.rejects(openFile("once.db", { tasks: [sum] }), { code: "store_in_use" });
  assert.equal(await (await app.submit(sum)).result(), 0);
});

test("a task may need one that finished before it was submitted", { timeout: 30_000 }, async () => {
  const give = defineTask({ type: "give", handler: (input: { n: number }) => input.n });
  const add = defineTask({ type: "add", handler: (_input: null, { needs }) => needs.reduce((total, need) => total + Number(need.result), 1) });
  await using app = await open({ path: join(folder, "needs.db"), tasks: [give, add] });
  const first = await app.submit(give, { n: 41 });
  assert.equal(await first.result(), 41);
  assert.equal(await (await app.submit(add, null, { needs: [first] })).result(), 42);
  await assert.rejects(app.submit(add, null, { needs: ["t999"] }), { code: "dependency_unknown" });
});
