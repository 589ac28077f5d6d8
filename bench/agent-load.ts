/** Drives an agent without an engine: a number of attempts always on it, until so many have ended. */
import type { AgentDriver, AttemptReporter, AttemptStart } from "../src/engine/agent.ts";

export interface Load {
  readonly agent: AgentDriver;
  readonly type: string;
  readonly input: string;
  readonly tasks: number;
  /** Attempts on the agent at once. */
  readonly atOnce: number;
}

/** Wall time of a task, in ms. Throws when one does not succeed. */
export async function msPerTask({ agent, type, input, tasks, atOnce }: Load): Promise<number> {
  let started = 0;
  let succeeded = 0;
  const done = Promise.withResolvers<void>();
  const startNext = (): void => {
    const start: AttemptStart = { id: ++started, attempt: 1, type, name: undefined, input, dueAt: undefined, timeoutMs: undefined, checkpoint: undefined, wake: undefined, needs: [] };
    agent.start(start, reporter);
  };
  // Synchronous handlers report before `start` returns; starting from a queue keeps the stack flat.
  let owed = 0;
  const drain = (): void => {
    while (owed > 0) {
      owed--;
      startNext();
    }
  };
  let isDraining = false;
  const next = (): void => {
    if (++succeeded === tasks) return done.resolve();
    if (started + owed >= tasks) return;
    owed++;
    if (isDraining) return;
    isDraining = true;
    drain();
    isDraining = false;
  };
  const unexpected = (what: string): void => done.reject(new Error(`A task of the benchmark ended with ${what}`));
  const reporter: AttemptReporter = {
    succeed: next,
    fail: ({ error }) => unexpected(error),
    park: () => unexpected("park"),
    release: () => unexpected("release"),
    backOff: () => unexpected("back-off"),
    checkpoint: async () => undefined,
    submit: async () => 1,
    log: () => undefined,
    progress: () => undefined,
  };
  const begin = performance.now();
  owed = Math.min(atOnce, tasks);
  isDraining = true;
  drain();
  isDraining = false;
  await done.promise;
  return (performance.now() - begin) / tasks;
}
