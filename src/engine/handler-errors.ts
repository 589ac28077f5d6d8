/**
 * Errors with a meaning between handlers and agents: the first three a handler throws, the last one it is given. Any other
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

/** What a handler throws at a "429": the limit shrinks for all tasks that use it, and recovers; see docs/limits.md. */
export interface RateLimited {
  readonly limit: string;
  readonly retryAfterMs: number;
}

const DEFAULT_RETRY_AFTER_MS = 1_000;

/**
 * The attempt met a shared limit ("429 Too Many Requests"). Nothing has failed: the task waits `retryAfterMs` (ms, default 1,000) and runs
 * again from its last checkpoint, at no cost to its retries, and the limit shrinks for all.
 */
export class RateLimitedError extends Error implements RateLimited {
  readonly limit: string;
  readonly retryAfterMs: number;

  constructor({ limit, retryAfterMs = DEFAULT_RETRY_AFTER_MS }: { readonly limit: string; readonly retryAfterMs?: number }, message = `The limit ${limit} was met; to be tried again in ${retryAfterMs} ms`, options?: ErrorOptions) {
    super(message, options);
    this.name = "RateLimitedError";
    this.limit = limit;
    this.retryAfterMs = retryAfterMs;
  }
}

/** By its shape and name, since a handler's module may have another copy of the class. */
export function isRateLimited(error: Error): error is Error & RateLimited {
  if (error.name !== "RateLimitedError") return false;
  const { limit, retryAfterMs } = error as Partial<RateLimitedError>;
  return typeof limit === "string" && typeof retryAfterMs === "number" && retryAfterMs >= 0 && retryAfterMs < Infinity;
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
