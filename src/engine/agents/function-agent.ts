/**
 * The agent that calls functions in the engine's own thread: for work that waits (for networks, disks, other programs). Work
 * that computes belongs in threads or processes, which can also be killed; here a stop only aborts the handler's signal.
 */
import type { AgentSpec } from "../../core/agent.ts";
import type { StopReason } from "../../core/attempt.ts";
import type { TaskId } from "../../core/task.ts";
import type { AgentDriver, AttemptReporter, AttemptStart } from "../agent.ts";
import { systemClock, type Clock } from "../clock.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { Watchdog } from "../watchdog.ts";
import { AttemptContext } from "./attempt-context.ts";
import { AttemptRun, type RunSetup, type UsageMeter } from "./attempt-run.ts";
import { Batcher, settleBatch } from "./batcher.ts";
import { failure, messageOf } from "./failure.ts";
import { HandlerSource, type Callable, type HandlerEntry, type Handlers } from "./handlers.ts";
import { agentSpec, positiveInteger, type AgentOptions } from "./options.ts";
import { RunningSet } from "./running-set.ts";

export interface FunctionAgentOptions extends AgentOptions {
  /** Attempts at once. */
  readonly slots: number;
  readonly handlers: Handlers;
  /** Told which handler is about to be called, so that it can name the one that blocks the thread. */
  readonly watchdog?: Watchdog;
  /** Measures attempts; only right where one runs at a time. */
  readonly meter?: UsageMeter;
  /** How long `close()` waits for handlers whose signal it aborted, in ms; default 1000. */
  readonly closeGraceMs?: number;
}

/** Name of the agent: `function` unless given. Throws `invalid_option`. */
export function createFunctionAgent(options: FunctionAgentOptions): AgentDriver {
  return new FunctionAgent(options);
}

const DEFAULT_CLOSE_GRACE_MS = 1_000;

class FunctionAgent implements AgentDriver {
  readonly spec: AgentSpec;
  readonly #starters = new Map<string, (run: AttemptRun) => void>();
  readonly #batchers: Batcher[] = [];
  readonly #running = new RunningSet();
  readonly #setup: RunSetup;
  readonly #clock: Clock;
  readonly #watchdog: Watchdog | undefined;
  readonly #closeGraceMs: number;
  #onEmpty: (() => void) | undefined = undefined;

  constructor(options: FunctionAgentOptions) {
    const handlers = options.handlers instanceof Map ? [...(options.handlers as ReadonlyMap<string, HandlerEntry>)] : Object.entries(options.handlers);
    this.spec = agentSpec("function", options, handlers.map(([type]) => type), options.slots);
    this.#clock = options.clock ?? systemClock;
    this.#watchdog = options.watchdog;
    this.#closeGraceMs = options.closeGraceMs ?? DEFAULT_CLOSE_GRACE_MS;
    this.#setup = {
      now: () => this.#clock.now(),
      payloadBytes: options.payloadBytes ?? DEFAULT_LIMITS.payloadBytes,
      meter: options.meter,
      onEnd: (run) => {
        this.#running.remove(run);
        if (this.#onEmpty !== undefined && this.#running.isEmpty) this.#onEmpty();
      },
    };
    for (const [type, entry] of handlers) this.#starters.set(type, this.#starter(type, entry));
  }

  start(start: AttemptStart, reporter: AttemptReporter): void {
    const run = new AttemptRun(start, reporter, this.#setup);
    this.#running.add(run);
    const starter = this.#starters.get(start.type);
    if (starter === undefined) run.fail(failure("handler_missing", `The agent "${this.spec.name}" has no handler of the type "${start.type}"`, false));
    else starter(run);
  }

  stop(id: TaskId, attempt: number, reason: StopReason): void {
    this.#running.get(id, attempt)?.stop(reason);
    for (const batcher of this.#batchers) batcher.tidy();
  }

  async close(): Promise<void> {
    for (const run of this.#running.all()) run.stop("shutdown");
    for (const batcher of this.#batchers) batcher.tidy();
    if (this.#running.isEmpty) return;
    await new Promise<void>((resolve) => {
      const timer = this.#clock.after(this.#closeGraceMs, resolve);
      this.#onEmpty = () => {
        timer.cancel();
        resolve();
      };
    });
    for (const run of this.#running.all()) run.giveUp();
  }

  /** How attempts of a type begin. */
  #starter(type: string, entry: HandlerEntry): (run: AttemptRun) => void {
    const source = new HandlerSource(type, entry);
    const label = this.#watchdog?.label(type) ?? 0;
    if (entry.batch !== undefined) {
      positiveInteger("batch.size", entry.batch.size);
      const batcher = new Batcher(entry.batch, this.#clock, (runs) => this.#whenLoaded(source, runs, (call, ready) => this.#callBatch(call, ready, label)));
      this.#batchers.push(batcher);
      return (run) => batcher.add(run);
    }
    return (run) => {
      if (source.call !== undefined) this.#call(source.call, run, label);
      else this.#whenLoaded(source, [run], (call) => this.#call(call, run, label));
    };
  }

  #whenLoaded(source: HandlerSource, runs: readonly AttemptRun[], then: (call: Callable, ready: readonly AttemptRun[]) => void): void {
    if (source.call !== undefined) return then(source.call, runs);
    source.load().then(
      (call) => {
        // Those that were stopped meanwhile have ended.
        const ready = runs.filter((run) => !run.ended);
        return ready.length > 0 ? then(call, ready) : undefined;
      },
      (error: unknown) => {
        for (const run of runs) run.fail(failure("handler_missing", messageOf(error), false));
      },
    );
  }

  #call(call: Callable, run: AttemptRun, label: number): void {
    run.begin();
    this.#watchdog?.enter(label, run.start.id);
    try {
      const result = call(JSON.parse(run.start.input), new AttemptContext(run));
      // Inside the try, since a `then` of the handler's own may throw when it is read or called.
      if (isThenable(result)) result.then((value) => run.settle(value), (error: unknown) => run.reject(error));
      else run.settle(result);
    } catch (error) {
      run.reject(error);
    } finally {
      this.#watchdog?.leave();
    }
  }

  #callBatch(call: Callable, runs: readonly AttemptRun[], label: number): void {
    for (const run of runs) run.begin();
    const fail = (error: unknown): void => runs.forEach((run) => run.reject(error));
    this.#watchdog?.enter(label, runs[0]?.start.id ?? 0);
    try {
      const results = call(runs.map((run) => JSON.parse(run.start.input)), runs.map((run) => new AttemptContext(run)));
      if (isThenable(results)) results.then((values) => settleBatch(runs, values), fail);
      else settleBatch(runs, results);
    } catch (error) {
      fail(error);
    } finally {
      this.#watchdog?.leave();
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
