/**
 * Process groups of programs that an agent started. Those that still run when this process exits (say, by `process.exit`) are
 * killed with it. At a kill -9 of this process that is left to those who see it go: the process that starts commands, and those of pools.
 */
import { readdirSync, readFileSync } from "node:fs";

const running = new Set<number>();

/** Signals every process of the group; false when there is none any more. */
export function killGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/**
 * Whether anything of the group still runs. Dead processes that nobody buries count for `kill(2)`, and in a container whose
 * first process is no init they stay for ever; /proc tells them apart.
 */
export function isGroupAlive(pid: number): boolean {
  if (!killGroup(pid, 0)) return false;
  if (process.platform !== "linux") return true;
  return readdirSync("/proc").some((name) => /^\d/.test(name) && isLiveMember(name, String(pid)));
}

function isLiveMember(name: string, group: string): boolean {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, "latin1");
    const [state, , processGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ", 3);
    return processGroup === group && state !== "Z" && state !== "X";
  } catch {
    return false;
  }
}

/** Registers the group that `pid` leads until the returned function is called. */
export function killAtExit(pid: number): () => void {
  if (running.size === 0) process.on("exit", killAll);
  running.add(pid);
  return () => {
    running.delete(pid);
    if (running.size === 0) process.off("exit", killAll);
  };
}

function killAll(): void {
  for (const pid of running) killGroup(pid, "SIGKILL");
}
