/** Settings of a task type of which nothing else was said. */
import type { RetryRule } from "../core/task.ts";
import type { SpecSettings } from "./types.ts";

export const DEFAULT_RETRY: RetryRule = { limit: 0, backoff: "exponential", delayMs: 1_000, maxDelayMs: 300_000, jitter: 0.2, lossLimit: 10 };

export const DEFAULT_PRIORITY = 3;

const bySettings = new Map<string, SpecSettings>();

/** The same object for the same type, so that it is interned by identity. */
export function defaultSpec(type: string): SpecSettings {
  let spec = bySettings.get(type);
  if (spec === undefined) {
    spec = { type, queue: "default", priority: DEFAULT_PRIORITY, retry: DEFAULT_RETRY, onDependencyFailure: "skip" };
    bySettings.set(type, spec);
  }
  return spec;
}
