/**
 * A pool of warm workers behind the agent interface. Workers are started when there is more to do than there are of them, stay
 * for the next task, and are replaced when they are gone; each has one attempt at a time.
 */
import type { AgentSpec } from "../../../core/agent.ts";
import type { StopReason } from "../../../core/attempt.ts";
import type { TaskId } from "../../../core/task.ts";
import type { AgentDriver, AttemptReporter, AttemptStart } from "../../agent.ts";
import type { Clock, Timer } from "../../clock.ts";
import { isReleased, stopFailure } from "../failure.ts";
import { PoolWorker, type PoolWorkerSetup } from "./pool-worker.ts";
import type { StartWorker } from "./worker-port.ts";

export interface WorkerPoolOptions {
  readonly spec: AgentSpec;
  readonly startWorker: StartWorker;
  readonly clock: Clock;
  readonly killAfterMs: number;
  readonly memoryLimitBytes: number | undefined;
}

interface Waiting {
  readonly start: AttemptStart;
  readonly reporter: AttemptReporter;
}

/** How often the memory of busy workers is looked at, in ms, where it has a limit. */
const MEMORY_EVERY_MS = 100;

export class WorkerPool implements AgentDriver {
  readonly spec: AgentSpec;
  readonly #options: WorkerPoolOptions;
  readonly #setup: PoolWorkerSetup;
  readonly #workers = new Set<PoolWorker>();
  /** The last to become idle goes first: its caches are warm. */
  readonly #idle: PoolWorker[] = [];
  #waiting: Waiting[] = [];
  #memoryTimer: Timer | undefined = undefined;
  #closing = false;
  #onEmpty: (() => void) | undefined = undefined;

  constructor(options: WorkerPoolOptions) {
    this.spec = options.spec;
    this.#options = options;
    this.#setup = {
      kind: options.spec.kind,
      clock: options.clock,
      killAfterMs: options.killAfterMs,
      memoryLimitBytes: options.memoryLimitBytes,
      onIdle: (worker) => this.#free(worker),
      onGone: (worker) => this.#forget(worker),
    };
  }

  start(start: AttemptStart, reporter: AttemptReporter): void {
    this.#waiting.push({ start, reporter });
    this.#assign();
  }

  stop(id: TaskId, attempt: number, reason: StopReason): void {
    for (const worker of this.#workers) {
      if (!worker.runs(id, attempt)) continue;
      return worker.isStopping && reason === "shutdown" ? worker.kill("it did not stop") : worker.stop(reason);
    }
    const waiting = this.#waiting.find(({ start }) => start.id === id && start.attempt === attempt);
    if (waiting === undefined) return;
    this.#waiting = this.#waiting.filter((other) => other !== waiting);
    this.#giveBack(waiting, reason);
  }

  async close(): Promise<void> {
    this.#closing = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) this.#giveBack(one, "shutdown");
    for (const worker of this.#workers) {
      if (worker.isBusy) worker.stop("shutdown");
      else worker.kill("the pool is closed");
    }
    if (this.#workers.size > 0) await new Promise<void>((resolve) => (this.#onEmpty = resolve));
    this.#memoryTimer?.cancel();
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const worker = this.#idle.pop() ?? this.#hire();
      if (worker === undefined) return;
      const next = this.#waiting.shift();
      if (next !== undefined) worker.start(next.start, next.reporter);
      this.#watchMemory();
    }
  }

  #hire(): PoolWorker | undefined {
    if (this.#workers.size >= this.spec.slots || this.#closing) return undefined;
    const worker = new PoolWorker(this.#setup, this.#options.startWorker);
    this.#workers.add(worker);
    return worker;
  }

  #free(worker: PoolWorker): void {
    if (this.#closing) return worker.kill("the pool is closed");
    this.#idle.push(worker);
    this.#assign();
  }

  #forget(worker: PoolWorker): void {
    this.#workers.delete(worker);
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
    if (this.#workers.size === 0) this.#onEmpty?.();
    if (!this.#closing) this.#assign();
  }

  #watchMemory(): void {
    if (this.#options.memoryLimitBytes === undefined || this.#memoryTimer !== undefined) return;
    const look = (): void => {
      const busy = [...this.#workers].filter((worker) => worker.isBusy);
      for (const worker of busy) worker.checkMemory();
      this.#memoryTimer = busy.length === 0 ? undefined : this.#options.clock.after(MEMORY_EVERY_MS, look, true);
    };
    this.#memoryTimer = this.#options.clock.after(MEMORY_EVERY_MS, look, true);
  }

  /** An attempt that never got a worker. */
  #giveBack({ reporter }: Waiting, reason: StopReason): void {
    const usage = { startedAt: this.#options.clock.now(), cpuMs: 0, peakMemoryBytes: 0, cost: 0 };
    if (isReleased(reason)) reporter.release(undefined, usage);
    else reporter.fail(stopFailure(reason), usage);
  }
}
