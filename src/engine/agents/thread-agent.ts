/** The agent for work that computes: a pool of warm threads. One that crashes or never yields costs one attempt. */
import type { AgentDriver } from "../agent.ts";
import { systemClock } from "../clock.ts";
import { agentSpec } from "./options.ts";
import { DEFAULT_KILL_AFTER_MS, memoryLimitBytes, workerSetup, type PoolModules, type PoolOptions } from "./pool/module-table.ts";
import { threadStarter } from "./pool/thread-worker.ts";
import { WorkerPool } from "./pool/worker-pool.ts";

export type ThreadAgentOptions = PoolOptions & PoolModules & {
  /** Attempts at once; each thread has one. */
  readonly threads: number;
};

/**
 * Threads are started when tasks come. `memoryLimitMb` bounds the JavaScript heap of each; a thread that holds more (buffers
 * included) after a task is replaced. Throws `invalid_option`.
 */
export function createThreadAgent(options: ThreadAgentOptions): AgentDriver {
  const setup = workerSetup(options);
  const spec = agentSpec("thread", options, Object.keys(setup.modules), options.threads);
  return new WorkerPool({
    spec,
    startWorker: threadStarter(`makespan ${spec.name}`, setup, options.memoryLimitMb, options.execArgv),
    clock: options.clock ?? systemClock,
    killAfterMs: options.killAfterMs ?? DEFAULT_KILL_AFTER_MS,
    memoryLimitBytes: memoryLimitBytes(options),
  });
}
