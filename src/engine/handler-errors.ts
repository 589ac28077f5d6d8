/**
 * Errors with a meaning between handlers and agents: the first two a handler throws, the last one it is given. Any other
 * error may carry `retryable: false` or `retryAfterMs` to the same effect.
 */
import type { StopReason } from "../core/attempt.ts";

/** Ends the task at once: another attempt would not help. */
export class NonRetryableError extends Error {
  readonly retryable = false;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "NonRetryableError";
  }
}

/** Fails the attempt; the next one starts `retryAfterMs` (ms, from now) later instead of after the usual backoff. */
export class RetryAfterError extends Error {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number, message = `To be tried again in ${retryAfterMs} ms`, options?: ErrorOptions) {
    super(message, options);
    this.name = "RetryAfterError";
    this.retryAfterMs = retryAfterMs;
  }
}

const STOPPED: Readonly<Record<StopReason, string>> = {
  cancelled: "The task was cancelled",
  timeout: "The attempt took longer than its time-out",
  expired: "The deadline of the task has passed",
  shutdown: "The engine is closing",
  preempted: "The attempt makes room for another task",
  agent_lost: "The agent was given up",
};

/** The reason of an aborted `signal`: why the attempt was told to stop. */
export class StoppedError extends Error {
  readonly reason: StopReason;

  constructor(reason: StopReason) {
    super(STOPPED[reason]);
    this.name = "StoppedError";
    this.reason = reason;
  }
}
