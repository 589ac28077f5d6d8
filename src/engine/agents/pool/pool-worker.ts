/**
 * One worker of a pool and the attempt on it. Whatever becomes of the worker (it ends by itself, is killed because it does not
 * stop, or grows too large), its attempt ends with exactly one report, and no other attempt notices.
 */
import type { StopReason } from "../../../core/attempt.ts";
import type { Usage } from "../../../core/event.ts";
import { MakespanError } from "../../../protocol/errors.ts";
import type { AttemptReporter, AttemptStart } from "../../agent.ts";
import type { Clock, Timer } from "../../clock.ts";
import { failure, isReleased, stopFailure } from "../failure.ts";
import type { Ending, FromAttempt, FromWorker } from "./messages.ts";
import type { StartWorker, WorkerPort } from "./worker-port.ts";

export interface PoolWorkerSetup {
  /** `thread` or `process`. */
  readonly kind: string;
  readonly clock: Clock;
  readonly killAfterMs: number;
  readonly memoryLimitBytes: number | undefined;
  /** Its attempt has ended and it takes the next one. */
  readonly onIdle: (worker: PoolWorker) => void;
  readonly onGone: (worker: PoolWorker) => void;
}

interface Current {
  readonly start: AttemptStart;
  readonly reporter: AttemptReporter;
  startedAt: number;
  /** The last durable checkpoint that this attempt saved. */
  checkpoint: string | undefined;
  stopping: StopReason | undefined;
  killTimer: Timer | undefined;
  peakMemoryBytes: number;
}

export class PoolWorker {
  readonly #setup: PoolWorkerSetup;
  readonly #port: WorkerPort;
  #current: Current | undefined = undefined;
  /** Gets the lines that come after the attempt's end. */
  #lastReporter: AttemptReporter | undefined = undefined;
  #gone = false;
  #killed: string | undefined = undefined;
  /** CPU time of the worker when the current attempt began. */
  #cpuMsBefore = 0;

  constructor(setup: PoolWorkerSetup, startWorker: StartWorker) {
    this.#setup = setup;
    this.#port = startWorker({
      message: (message) => this.#receive(message),
      output: (stream, line) => this.#print(stream, line),
      ended: (how) => this.#ended(how),
    });
  }

  start(start: AttemptStart, reporter: AttemptReporter): void {
    const startedAt = this.#setup.clock.now();
    this.#current = { start, reporter, startedAt, checkpoint: undefined, stopping: undefined, killTimer: undefined, peakMemoryBytes: 0 };
    this.#port.hold(true);
    this.#port.send({ kind: "start", start });
  }

  runs(id: number, attempt: number): boolean {
    return this.#current?.start.id === id && this.#current.start.attempt === attempt;
  }

  get isBusy(): boolean {
    return this.#current !== undefined;
  }

  get isStopping(): boolean {
    return this.#current?.stopping !== undefined;
  }

  /** Asks the attempt to stop, and kills the worker if it has not after the grace time. */
  stop(reason: StopReason): void {
    const current = this.#current;
    if (current === undefined || current.stopping !== undefined) return;
    current.stopping = reason;
    this.#port.send({ kind: "stop", id: current.start.id, attempt: current.start.attempt, reason });
    current.killTimer = this.#setup.clock.after(this.#setup.killAfterMs, () => this.kill("it did not stop"));
  }

  kill(why: string): void {
    if (this.#gone || this.#killed !== undefined) return;
    this.#killed = why;
    this.#look();
    // Somebody may wait for its end.
    this.#port.hold(true);
    this.#port.kill();
  }

  /** Looks at the memory of a worker that is busy, and kills it over its limit. */
  checkMemory(): void {
    const memoryBytes = this.#look();
    const limit = this.#setup.memoryLimitBytes;
    if (limit !== undefined && memoryBytes > limit) this.kill(overLimit(memoryBytes, limit));
  }

  #look(): number {
    const memoryBytes = this.#port.usage()?.memoryBytes ?? 0;
    if (this.#current !== undefined) this.#current.peakMemoryBytes = Math.max(this.#current.peakMemoryBytes, memoryBytes);
    return memoryBytes;
  }

  #receive(message: FromWorker): void {
    const current = this.#current;
    if (message.kind === "ready") {
      this.#cpuMsBefore = message.totalCpuMs;
      if (current !== undefined) current.startedAt = this.#setup.clock.now();
      return;
    }
    if (message.kind === "output") return this.#print(message.stream, message.line);
    if (current === undefined || message.id !== current.start.id || message.attempt !== current.start.attempt) return;
    this.#take(current, message);
  }

  #take(current: Current, message: FromAttempt): void {
    const { reporter } = current;
    switch (message.kind) {
      case "log":
        return reporter.log(message.level, message.text);
      case "progress":
        return reporter.progress(message.fraction, message.note);
      case "checkpoint":
        return this.#reply(message.call, reporter.checkpoint(message.checkpoint).then(() => void (current.checkpoint = message.checkpoint)));
      case "submit":
        return this.#reply(message.call, reporter.submit(message.child));
      case "ended": {
        const { ending, usage, memoryBytes, totalCpuMs } = message;
        this.#cpuMsBefore = totalCpuMs;
        this.#close(current, ending, { ...usage, startedAt: current.startedAt, peakMemoryBytes: Math.max(usage.peakMemoryBytes, current.peakMemoryBytes) });
        const limit = this.#setup.memoryLimitBytes;
        if (limit !== undefined && memoryBytes > limit) this.kill(overLimit(memoryBytes, limit));
        if (this.#killed === undefined) this.#setup.onIdle(this);
      }
    }
  }

  #reply(call: number, answer: Promise<number | void>): void {
    answer.then(
      (id) => this.#send({ kind: "reply", call, ...(id === undefined ? {} : { id }) }),
      (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        this.#send({ kind: "reply", call, error: { code: error instanceof MakespanError ? error.code : "", message } });
      },
    );
  }

  #print(stream: "stdout" | "stderr", line: string): void {
    (this.#current?.reporter ?? this.#lastReporter)?.log(stream, line);
  }

  #send(message: Parameters<WorkerPort["send"]>[0]): void {
    if (!this.#gone) this.#port.send(message);
  }

  #ended(how: string): void {
    this.#gone = true;
    const current = this.#current;
    if (current !== undefined) this.#close(current, this.#endingOf(current, how), this.#usageOf(current));
    this.#setup.onGone(this);
  }

  #endingOf({ stopping, checkpoint }: Current, how: string): Ending {
    if (stopping === undefined) {
      const message = `The ${this.#setup.kind} that ran it ${this.#killed === undefined ? how : `was ended: ${this.#killed}`}`;
      return { kind: "fail", failure: failure("agent_crashed", message, true) };
    }
    if (!isReleased(stopping)) return { kind: "fail", failure: stopFailure(stopping) };
    return checkpoint === undefined ? { kind: "release" } : { kind: "release", checkpoint };
  }

  /** What is known of an attempt whose worker can no longer tell. */
  #usageOf(current: Current): Usage {
    const cpuMs = Math.max(0, (this.#port.usage()?.cpuMs ?? 0) - this.#cpuMsBefore);
    return { startedAt: current.startedAt, cpuMs, peakMemoryBytes: current.peakMemoryBytes, cost: 0 };
  }

  #close(current: Current, ending: Ending, usage: Usage): void {
    current.killTimer?.cancel();
    this.#current = undefined;
    this.#lastReporter = current.reporter;
    if (!this.#gone && this.#killed === undefined) this.#port.hold(false);
    const { reporter } = current;
    switch (ending.kind) {
      case "succeed":
        return reporter.succeed(ending.result, usage);
      case "fail":
        return reporter.fail(ending.failure, usage);
      case "park":
        return reporter.park(ending.until, ending.checkpoint, usage);
      case "release":
        return reporter.release(ending.checkpoint, usage);
      case "back-off":
        return reporter.backOff(ending.limit, ending.retryAfterMs, ending.checkpoint, usage);
    }
  }
}

function overLimit(memoryBytes: number, limitBytes: number): string {
  return `it took ${Math.round(memoryBytes / 1024 ** 2)} MB of memory, of ${Math.round(limitBytes / 1024 ** 2)} MB allowed`;
}
