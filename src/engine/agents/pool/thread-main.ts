/** What a thread of a pool runs: the work loop over its message port. Memory is that of the thread's own heap. */
import { getHeapStatistics } from "node:v8";
import { parentPort } from "node:worker_threads";
import { assert } from "../../../core/assert.ts";
import type { UsageMeter } from "../attempt-run.ts";
import type { ToWorker } from "./messages.ts";
import { createWorkLoop } from "./work-loop.ts";

assert(parentPort !== null, "a pool starts this module as a thread");
const port = parentPort;

function memoryBytes(): number {
  const heap = getHeapStatistics();
  return heap.used_heap_size + heap.external_memory;
}

let cpuBefore = process.threadCpuUsage();
let memoryBefore = 0;
const meter: UsageMeter = {
  begin() {
    memoryBefore = memoryBytes();
    cpuBefore = process.threadCpuUsage();
  },
  end() {
    const { user, system } = process.threadCpuUsage(cpuBefore);
    return { cpuMs: (user + system) / 1_000, peakMemoryBytes: Math.max(memoryBefore, memoryBytes()) };
  },
};

// The CPU time of a thread cannot be seen from outside, so nobody compares it with a total.
const receive = createWorkLoop({ send: (message) => port.postMessage(message), meter, status: () => ({ memoryBytes: memoryBytes(), totalCpuMs: 0 }) });
port.on("message", (message: ToWorker) => receive(message));
