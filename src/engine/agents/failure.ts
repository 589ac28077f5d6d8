/** Turns what went wrong in an attempt into the failure that is reported and kept with the task. */
import type { StopReason } from "../../core/attempt.ts";
import type { Failure } from "../../core/event.ts";
import { StoppedError } from "../handler-errors.ts";

/** Longest message and stack kept with a task, in characters. */
const TEXT_LIMIT = 8_192;

/** What ended an attempt, with more for programs in `detail`. */
export function failure(code: string, message: string, retryable: boolean, detail: Readonly<Record<string, unknown>> = {}): Failure {
  return { code, error: JSON.stringify({ code, message: cut(message), ...detail }), retryable };
}

/** The failure of a handler that threw (or a batch handler that returned) `thrown`, which may be anything. */
export function failureOf(thrown: unknown): Failure {
  try {
    return read(thrown);
  } catch {
    return failure("handler_error", "The handler threw something that cannot be read", true);
  }
}

/** The message of what was thrown, which may be anything; never throws. */
export function messageOf(thrown: unknown): string {
  try {
    return describe(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return "it cannot be read";
  }
}

/** Nothing says that what an error has is text, or that it can be read: handlers assign and inherit what they like. */
function read(thrown: unknown): Failure {
  if (!(thrown instanceof Error)) return failure("handler_error", `The handler threw ${describe(thrown)}`, true);
  const hints = thrown as Error & { readonly retryable?: unknown; readonly retryAfterMs?: unknown; readonly code?: unknown };
  const error = {
    code: "handler_error",
    message: describe(thrown.message),
    name: describe(thrown.name),
    ...(typeof hints.code === "string" ? { cause_code: hints.code } : {}),
    ...(thrown.cause === undefined ? {} : { cause: messageOf(thrown.cause) }),
    ...(thrown.stack === undefined ? {} : { stack: describe(thrown.stack) }),
  };
  const retryAfterMs = hints.retryAfterMs;
  return {
    code: "handler_error",
    error: JSON.stringify(error),
    retryable: hints.retryable !== false,
    ...(typeof retryAfterMs === "number" && retryAfterMs >= 0 && Number.isFinite(retryAfterMs) ? { retryAfterMs } : {}),
  };
}

/** The failure of an attempt that was told to stop; the code is the reason. */
export function stopFailure(reason: StopReason): Failure {
  return failure(reason, new StoppedError(reason).message, reason === "timeout" || reason === "agent_lost");
}

/** Whether an attempt that was stopped for this reason gives its task back instead of failing. */
export function isReleased(reason: StopReason): boolean {
  return reason === "shutdown" || reason === "preempted";
}

function cut(text: string): string {
  return text.length <= TEXT_LIMIT ? text : `${text.slice(0, TEXT_LIMIT)}…`;
}

function describe(value: unknown): string {
  try {
    return cut(typeof value === "string" ? value : (JSON.stringify(value) ?? String(value)));
  } catch {
    return Object.prototype.toString.call(value);
  }
}
