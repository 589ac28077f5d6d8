/**
 * Process groups of programs that an agent started. Those that still run when this process exits (say, by `process.exit`) are
 * killed with it; nothing can be done about a kill -9 of this process.
 */
const running = new Set<number>();

/** Signals every process of the group; false when there is none any more. */
export function killGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
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
