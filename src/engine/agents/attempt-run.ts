/**
 * One attempt that runs in this thread: where it is, and how it ends. It ends once, however often the handler, a stop and the
 * closing agent try. The handler sees it only through its context.
 */
import type { StopReason } from "../../core/attempt.ts";
import type { Failure, Usage } from "../../core/event.ts";
import type { AttemptReporter, AttemptStart } from "../agent.ts";
import { Parked, type ParkRequest } from "../context.ts";
import { isRateLimited, StoppedError, type RateLimited } from "../handler-errors.ts";
import { Checkpoint } from "./checkpoint.ts";
import { failure, failureOf, isReleased, stopFailure } from "./failure.ts";
import { toPayload, type PayloadRefusal } from "./to-payload.ts";

/** Measures the one attempt that a thread or process works on; begun when the attempt begins. */
export interface UsageMeter {
  begin(): void;
  end(): { readonly cpuMs: number; readonly peakMemoryBytes: number };
}

/** What the attempts of an agent share. */
export interface RunSetup {
  readonly now: () => number;
  readonly payloadBytes: number;
  readonly meter: UsageMeter | undefined;
  readonly onEnd: (run: AttemptRun) => void;
}

export class AttemptRun {
  readonly start: AttemptStart;
  readonly reporter: AttemptReporter;
  readonly setup: RunSetup;
  startedAt: number;
  /** Its handler has been called. */
  begun = false;
  ended = false;
  cost = 0;
  /** What it said to have used of limits; made when it says so. */
  used: Map<string, number> | undefined = undefined;
  /** An attempt of the same task that was stopped and still runs. */
  older: AttemptRun | undefined = undefined;
  #stopping: StopReason | undefined = undefined;
  #controller: AbortController | undefined = undefined;
  #checkpoint: Checkpoint | undefined = undefined;

  constructor(start: AttemptStart, reporter: AttemptReporter, setup: RunSetup) {
    this.start = start;
    this.reporter = reporter;
    this.setup = setup;
    this.startedAt = setup.now();
  }

  /** Made when first asked for: most handlers never look at it. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#stopping !== undefined && !this.#controller.signal.aborted) this.#controller.abort(new StoppedError(this.#stopping));
    return this.#controller.signal;
  }

  /** What was saved last, by this attempt or an earlier one. */
  get checkpoint(): Checkpoint {
    this.#checkpoint ??= Checkpoint.restore(this.start.checkpoint);
    return this.#checkpoint;
  }

  begin(): void {
    this.begun = true;
    if (this.setup.meter === undefined) return;
    this.setup.meter.begin();
    this.startedAt = this.setup.now();
  }

  /** Aborts the signal; an attempt whose handler has not been called ends at once. */
  stop(reason: StopReason): void {
    if (this.ended || this.#stopping !== undefined) return;
    this.#stopping = reason;
    this.#controller?.abort(new StoppedError(reason));
    if (!this.begun) this.giveUp();
  }

  /** Ends it as its stop demands, whatever its handler still does. */
  giveUp(): void {
    if (this.ended) return;
    const reason = this.#stopping ?? "shutdown";
    if (!isReleased(reason)) this.fail(stopFailure(reason));
    else if (this.#end()) this.reporter.release(this.#lastCheckpoint(), this.#usage());
  }

  /** The handler gave its result. */
  settle(result: unknown): void {
    if (this.ended) return;
    try {
      if (result instanceof Parked) return this.#park(result);
      const payload = toPayload(result, "result", this.setup.payloadBytes);
      if (payload.kind === "refused") return this.refuse(payload);
      if (this.#end()) this.reporter.succeed(payload.text, this.#usage());
    } catch (error) {
      // A result that cannot even be looked at: whatever a handler gives ends its own attempt only.
      this.fail(failureOf(error));
    }
  }

  /** The handler threw; after a stop that is how it obeys. */
  reject(thrown: unknown): void {
    if (this.#stopping !== undefined) this.giveUp();
    else if (this.ended) return;
    else {
      try {
        if (thrown instanceof Error && isRateLimited(thrown)) return this.#backOff(thrown);
      } catch {
        // What cannot be read asks for nothing; it is a failure like any other.
      }
      this.fail(failureOf(thrown));
    }
  }

  fail(why: Failure): void {
    if (this.#end()) this.reporter.fail(why, this.#usage());
  }

  refuse(why: PayloadRefusal): void {
    this.fail(failure(why.code, why.message, false));
  }

  #backOff({ limit, retryAfterMs }: RateLimited): void {
    if (this.#end()) this.reporter.backOff(limit, retryAfterMs, this.#lastCheckpoint(), this.#usage());
  }

  #park(parked: Parked): void {
    // Without types, `park()` may be called with anything; nothing would ever wake the task.
    const { for: until, checkpoint } = (parked.request ?? {}) as Partial<ParkRequest>;
    if (until !== "children" && until !== "answer") return this.fail(failure("handler_error", 'park() must be told what the task waits for: { for: "children" } or { for: "answer" }', true));
    if (checkpoint !== undefined) {
      const payload = toPayload(checkpoint, "checkpoint", this.setup.payloadBytes);
      if (payload.kind === "refused") return this.refuse(payload);
      this.checkpoint.value = payload.text;
    }
    const text = this.checkpoint.toText();
    if (this.#end()) this.reporter.park(until, text === this.start.checkpoint ? undefined : text, this.#usage());
  }

  #lastCheckpoint(): string | undefined {
    const saved = this.#checkpoint?.saved;
    return saved === this.start.checkpoint ? undefined : saved;
  }

  #end(): boolean {
    if (this.ended) return false;
    this.ended = true;
    this.setup.onEnd(this);
    return true;
  }

  #usage(): Usage {
    const measured = this.begun ? this.setup.meter?.end() : undefined;
    const usage = { startedAt: this.startedAt, cpuMs: measured?.cpuMs ?? 0, peakMemoryBytes: measured?.peakMemoryBytes ?? 0, cost: this.cost };
    return this.used === undefined ? usage : { ...usage, used: [...this.used].map(([limit, amount]) => ({ limit, amount })) };
  }
}
