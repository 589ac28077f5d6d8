// The watchdog against a thread that is really blocked.
import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createFunctionAgent } from "../../src/engine/agents/function-agent.ts";
import { createWatchdog, type Blocked } from "../../src/engine/watchdog.ts";
import { attemptStart, RecordingReporter } from "../support/recording-reporter.ts";

/** Blocks this thread until `path` has something in it, which only another thread can bring about. */
function blockUntilWritten(path: string): void {
  while (readFileSync(path, "utf8") === "") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}

test("names the handler that blocks the engine's thread, and reports when it is over", async () => {
  const folder = mkdtempSync(join(tmpdir(), "makespan-watchdog-"));
  const path = join(folder, "stderr");
  const fd = openSync(path, "w");
  const noted = Promise.withResolvers<Blocked>();
  const watchdog = createWatchdog({ limitMs: 60, fd, onBlocked: noted.resolve });
  const agent = createFunctionAgent({ slots: 1, handlers: { spin: { handler: () => blockUntilWritten(path) } }, watchdog });
  const start = attemptStart("spin", null);
  agent.start(start, new RecordingReporter());
  // The heartbeat keeps no process alive, and nothing else is under way here.
  const alive = setInterval(() => undefined, 1_000);
  const blocked = await noted.promise;
  clearInterval(alive);
  assert.deepEqual(blocked.task, { type: "spin", id: start.id });
  assert.ok(blocked.blockedMs >= 45, `${blocked.blockedMs} ms`);
  assert.match(readFileSync(path, "utf8"), new RegExp(`^makespan: the engine's thread has been blocked for more than 60 ms by the handler of "spin", task t${start.id};[^\\n]*\\n$`));
  await watchdog.close();
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

test("says so when the block is not in the first step of a handler", async () => {
  const folder = mkdtempSync(join(tmpdir(), "makespan-watchdog-"));
  const path = join(folder, "stderr");
  const fd = openSync(path, "w");
  const noted = Promise.withResolvers<Blocked>();
  const watchdog = createWatchdog({ limitMs: 60, fd, onBlocked: noted.resolve });
  // Watched since there is a handler; it is not the one that blocks.
  watchdog.label("spin");
  blockUntilWritten(path);
  const alive = setInterval(() => undefined, 1_000);
  assert.equal((await noted.promise).task, undefined);
  clearInterval(alive);
  assert.match(readFileSync(path, "utf8"), /outside the first step of a handler/);
  await watchdog.close();
  closeSync(fd);
  rmSync(folder, { recursive: true });
});
