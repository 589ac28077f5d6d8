/** What a process of a pool runs: the work loop over file descriptor 3. It ends when the engine does, which closes the channel. */
import { Socket } from "node:net";
import type { UsageMeter } from "../attempt-run.ts";
import { JsonLines } from "./json-lines.ts";
import type { ToWorker } from "./messages.ts";
import { createWorkLoop } from "./work-loop.ts";

const CHANNEL_FD = 3;

let cpuBefore = process.cpuUsage();
let rssBefore = 0;
let peakBefore = 0;
const meter: UsageMeter = {
  begin() {
    cpuBefore = process.cpuUsage();
    rssBefore = process.memoryUsage.rss();
    peakBefore = process.resourceUsage().maxRSS;
  },
  end() {
    const { user, system } = process.cpuUsage(cpuBefore);
    // The highest ever (in KiB) is this attempt's own only if it rose meanwhile.
    const peak = process.resourceUsage().maxRSS;
    const peakMemoryBytes = peak > peakBefore ? peak * 1024 : Math.max(rssBefore, process.memoryUsage.rss());
    return { cpuMs: (user + system) / 1_000, peakMemoryBytes };
  },
};

const channel = new Socket({ fd: CHANNEL_FD, readable: true, writable: true });
const receive = createWorkLoop({
  send: (message) => void channel.write(`${JSON.stringify(message)}\n`),
  meter,
  status() {
    const { user, system } = process.cpuUsage();
    return { memoryBytes: process.memoryUsage.rss(), totalCpuMs: (user + system) / 1_000 };
  },
});
const reader = new JsonLines((message) => receive(message as ToWorker));
channel.on("data", (chunk: Buffer) => reader.push(chunk));
channel.on("end", () => process.exit(0));
channel.on("error", () => process.exit(0));
