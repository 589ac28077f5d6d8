/** Settings of a task type of which nothing else was said. */
import { DEFAULT_RETRY } from "../protocol/task-settings.ts";
import type { SpecSettings } from "./types.ts";

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
