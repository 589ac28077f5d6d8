/** The agent for work that computes and must not share memory with the engine: a pool of warm Node processes. */
import type { AgentDriver } from "../agent.ts";
import { systemClock } from "../clock.ts";
import { agentSpec } from "./options.ts";
import { DEFAULT_KILL_AFTER_MS, memoryLimitBytes, workerSetup, type PoolModules, type PoolOptions } from "./pool/module-table.ts";
import { processStarter } from "./pool/process-worker.ts";
import { WorkerPool } from "./pool/worker-pool.ts";

export type ProcessAgentOptions = PoolOptions & PoolModules & {
  /** Attempts at once; each process has one. */
  readonly processes: number;
  /** Added to the environment of the engine. */
  readonly env?: Readonly<Record<string, string>>;
};

/**
 * Processes are started when tasks come. `memoryLimitMb` bounds the resident memory of each: looked at ten times a second
 * where the system has /proc, and after each task elsewhere. `execArgv` is empty unless given. Throws `invalid_option`.
 */
export function createProcessAgent(options: ProcessAgentOptions): AgentDriver {
  const setup = workerSetup(options);
  return new WorkerPool({
    spec: agentSpec("process", options, Object.keys(setup.modules), options.processes),
    startWorker: processStarter(setup, options.execArgv ?? [], options.env),
    clock: options.clock ?? systemClock,
    killAfterMs: options.killAfterMs ?? DEFAULT_KILL_AFTER_MS,
    memoryLimitBytes: memoryLimitBytes(options),
  });
}
