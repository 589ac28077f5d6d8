/**
 * The watching thread of the watchdog. It counts its own wake-ups without a heartbeat instead of reading a clock, so that a
 * suspended machine or a stopped process is not taken for a blocked thread.
 */
import { writeSync } from "node:fs";
import { receiveMessageOnPort, workerData, parentPort } from "node:worker_threads";
import { assert } from "../core/assert.ts";
import { BEAT, BLOCKED_LABEL, CLOSED, ID_OFFSET_BYTES, LABEL, QUIET, REPORTED, STATE, type WatcherData, type WatcherMessage } from "./watchdog.ts";

const CHECKS = 8;

const { shared, limitMs, fd } = workerData as WatcherData;
assert(parentPort !== null, "the watching thread is started by the watchdog");
const port = parentPort;
const cells = new Int32Array(shared, 0, 4);
const ids = new Float64Array(shared, ID_OFFSET_BYTES, 2);
const types = new Map<number, string>();
let seen = Atomics.load(cells, BEAT);
let missed = 0;

for (;;) {
  // The state changes only when the watchdog is closed, which wakes this thread at once.
  const state = Atomics.load(cells, STATE);
  if (state === CLOSED) break;
  Atomics.wait(cells, STATE, state, limitMs / CHECKS);
  const beat = Atomics.load(cells, BEAT);
  if (beat !== seen) {
    seen = beat;
    missed = 0;
  } else if (++missed === CHECKS && Atomics.compareExchange(cells, STATE, QUIET, REPORTED) === QUIET) {
    report();
  }
}

function report(): void {
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
    const { label, type } = next.message as WatcherMessage;
    types.set(label, type);
  }
  const label = Atomics.load(cells, LABEL);
  Atomics.store(cells, BLOCKED_LABEL, label);
  ids[1] = ids[0] ?? 0;
  const type = types.get(label);
  const who = type === undefined ? "by code outside the first step of a handler" : `by the handler of "${type}", task t${ids[1]}`;
  try {
    writeSync(fd, `makespan: the engine's thread has been blocked for more than ${limitMs} ms ${who}; move the work to a thread or process agent\n`);
  } catch {
    // Nobody listens there any more; the engine is told all the same.
  }
}
