/** How far a long simulation is, on one line of a terminal that is written anew; nothing in a pipe, nothing for a short one. */
import type { SimulationProgress } from "../../app/simulate/run.ts";
import { formatCount, formatDuration, formatShare } from "../../monitor/format.ts";
import type { Output } from "../output.ts";

const FIRST_MS = 500;
const AGAIN_MS = 200;

export interface ProgressLine {
  show(label: string, progress: SimulationProgress): void;
  /** Takes the line away. */
  clear(): Promise<void>;
}

/** `now` is any clock in ms that does not go back. */
export function createProgressLine(err: Output, isQuiet: boolean, now: () => number = () => performance.now()): ProgressLine {
  let nextAt = now() + FIRST_MS;
  let isShown = false;
  return {
    show(label, { submitted, taskCount, inSystem, virtualMs }) {
      if (isQuiet || !err.isTerminal || now() < nextAt) return;
      nextAt = now() + AGAIN_MS;
      isShown = true;
      const share = taskCount === undefined ? `${formatCount(submitted)} tasks` : `${formatShare(submitted / taskCount)} of ${formatCount(taskCount)} tasks`;
      void err.write(`\r\u001b[K${label}: ${share}, ${formatCount(inSystem)} in the system, ${formatDuration(virtualMs)} simulated`);
    },
    async clear() {
      if (isShown) await err.write("\r\u001b[K");
      isShown = false;
    },
  };
}
