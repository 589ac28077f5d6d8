/** How late the event loop of this process is: the time by which a timer that is due every 10 ms comes late. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { AppStats } from "./app-stats.ts";

const RESOLUTION_MS = 10;
const NS_PER_MS = 1e6;

export class LoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    this.#histogram.enable();
  }

  read(): AppStats["eventLoopDelayMs"] {
    const histogram = this.#histogram;
    if (histogram.count === 0) return { mean: 0, p50: 0, p99: 0, max: 0 };
    // It records the whole interval, of which the resolution is meant.
    const late = (ns: number): number => Math.max(0, ns / NS_PER_MS - RESOLUTION_MS);
    return { mean: late(histogram.mean), p50: late(histogram.percentile(50)), p99: late(histogram.percentile(99)), max: late(histogram.max) };
  }

  stop(): void {
    this.#histogram.disable();
  }
}
