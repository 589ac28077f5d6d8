/** Whether a process lives, for tests that must leave none behind. */
import { readFileSync } from "node:fs";

/** False as well for one that is dead and only waits to be buried. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
