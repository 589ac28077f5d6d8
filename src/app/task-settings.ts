/**
 * Settings of tasks as people give them (in a definition, or for one submission) and how they become the engine's. Tasks of
 * equal settings share one object: the engine interns by identity first, and a task holds a reference only.
 */
import type { DependencyFailure, RetryRule } from "../core/task.ts";
import { DEFAULT_PRIORITY } from "../engine/default-spec.ts";
import { DEFAULT_RETRY } from "../protocol/task-settings.ts";
import type { SpecSettings } from "../engine/types.ts";
import { MakespanError } from "../protocol/errors.ts";
import { PRIORITIES, priorityNumber, type PriorityName } from "../protocol/priority.ts";
import type { TaskTraits, Traits } from "./task-traits.ts";
import { checkBoolean, checkInteger, checkKeys, checkNumber, checkObject, checkOneOf, checkText } from "./check.ts";

/** How failed attempts are repeated. Everything but `limit` has a default. */
export interface RetryOptions {
  /** Further attempts after the first failure. */
  readonly limit: number;
  /** Default `exponential`. */
  readonly backoff?: "fixed" | "exponential";
  /** Wait before the first retry, in ms; doubled for each further one when exponential. Default 1,000. */
  readonly delayMs?: number;
  /** No wait is longer, in ms. Default 300,000. */
  readonly maxDelayMs?: number;
  /** Share of the wait that is random, 0 to 1. Default 0.2. */
  readonly jitter?: number;
  /** How often an attempt may be lost with its agent (a crash) before the task fails. Default 10. */
  readonly lossLimit?: number;
}

export interface TaskSettings extends TaskTraits {
  /** Lower numbers go first: critical is 1, high 2, medium 3 (the default), low 4. */
  readonly priority?: PriorityName | number;
  /** A number is the limit, with default backoff. Default 0. */
  readonly retries?: number | RetryOptions;
  /** Longest time one attempt may take, in ms. Default: no limit. */
  readonly timeoutMs?: number;
  /** Default `default`. */
  readonly queue?: string;
  /** What happens when a task that this one needs does not succeed. Default `skip`. */
  readonly onDependencyFailure?: DependencyFailure;
}

/** Settings of a definition that no submission changes. */
export interface TypeSettings extends TaskSettings {
  /**
   * A running attempt may be asked to make room for a more urgent task: its `signal` aborts with the reason `preempted`, it
   * saves a checkpoint, and a later attempt goes on from there. Default false.
   */
  readonly preemptible?: boolean;
}

/** Those that tasks of equal settings share. */
export const SETTING_KEYS = ["priority", "retries", "timeoutMs", "queue", "onDependencyFailure"] as const;

const RETRY_KEYS: ReadonlySet<string> = new Set(["limit", "backoff", "delayMs", "maxDelayMs", "jitter", "lossLimit"]);
const DEPENDENCY_FAILURES = ["skip", "continue", "fail"] as const;
const BACKOFFS = ["fixed", "exponential"] as const;
const PRIORITY_NAMES = Object.keys(PRIORITIES) as PriorityName[];
/** Distinct settings remembered for one type; a program that makes up a priority for each task must not fill the memory. */
const REMEMBERED = 1_000;

/** The engine's settings of a type of which nothing was said. */
export function plainSettings(type: string): SpecSettings {
  return { type, queue: "default", priority: DEFAULT_PRIORITY, retry: DEFAULT_RETRY, onDependencyFailure: "skip" };
}

/** `base` with what the settings say. Throws `invalid_option`. */
export function withSettings(base: SpecSettings, settings: TypeSettings): SpecSettings {
  const { priority, retries, timeoutMs, queue, onDependencyFailure, preemptible = base.preemptible } = settings;
  const kept = base.timeoutMs === undefined ? undefined : { timeoutMs: base.timeoutMs };
  return {
    type: base.type,
    queue: queue === undefined ? base.queue : checkText("queue", queue),
    priority: priority === undefined ? base.priority : parsePriority(priority),
    retry: retries === undefined ? base.retry : parseRetries(retries),
    onDependencyFailure: onDependencyFailure === undefined ? base.onDependencyFailure : checkOneOf("onDependencyFailure", onDependencyFailure, DEPENDENCY_FAILURES),
    ...(preemptible !== undefined && checkBoolean("preemptible", preemptible) && { preemptible: true }),
    ...(timeoutMs === undefined ? kept : { timeoutMs: checkNumber("timeoutMs", timeoutMs, 1) }),
  };
}

/** Whether any setting is given that differs between tasks of one type. */
export function hasSettings(settings: TaskSettings): boolean {
  for (const key of SETTING_KEYS) if (settings[key] !== undefined) return true;
  return false;
}

/** The settings of one type: those of its definition, and those that submissions asked for. */
export class SettingsTable {
  readonly base: SpecSettings;
  /** What the definition says of each task; a submission may say otherwise. */
  readonly traits: Traits | undefined;
  readonly #byContent = new Map<string, SpecSettings>();

  constructor(base: SpecSettings, traits?: Traits) {
    this.base = base;
    this.traits = traits;
  }

  /** The same object for the same settings. Throws `invalid_option`. */
  of(settings: TaskSettings): SpecSettings {
    if (!hasSettings(settings)) return this.base;
    const { priority, retries, timeoutMs, queue, onDependencyFailure } = settings;
    const content = JSON.stringify([priority, retries, timeoutMs, queue, onDependencyFailure]);
    let spec = this.#byContent.get(content);
    if (spec === undefined) {
      spec = withSettings(this.base, settings);
      if (this.#byContent.size >= REMEMBERED) this.#byContent.clear();
      this.#byContent.set(content, spec);
    }
    return spec;
  }
}

function parsePriority(priority: PriorityName | number): number {
  if (typeof priority === "number") {
    if (Number.isFinite(priority)) return priority;
    throw new MakespanError("invalid_option", `priority must be a finite number or one of ${PRIORITY_NAMES.join(", ")}, not ${priority}.`);
  }
  return priorityNumber(checkOneOf("priority", priority, PRIORITY_NAMES));
}

function parseRetries(retries: number | RetryOptions): RetryRule {
  if (typeof retries === "number") return { ...DEFAULT_RETRY, limit: checkInteger("retries", retries, 0) };
  checkObject("retries", retries);
  checkKeys("retries", retries, RETRY_KEYS);
  const delayMs = retries.delayMs === undefined ? DEFAULT_RETRY.delayMs : checkNumber("retries.delayMs", retries.delayMs, 0);
  const jitter = retries.jitter === undefined ? DEFAULT_RETRY.jitter : checkNumber("retries.jitter", retries.jitter, 0);
  if (jitter > 1) throw new MakespanError("invalid_option", `retries.jitter must be from 0 to 1, not ${jitter}.`);
  return {
    limit: checkInteger("retries.limit", retries.limit, 0),
    backoff: retries.backoff === undefined ? DEFAULT_RETRY.backoff : checkOneOf("retries.backoff", retries.backoff, BACKOFFS),
    delayMs,
    maxDelayMs: retries.maxDelayMs === undefined ? Math.max(delayMs, DEFAULT_RETRY.maxDelayMs) : checkNumber("retries.maxDelayMs", retries.maxDelayMs, 0),
    jitter,
    lossLimit: retries.lossLimit === undefined ? DEFAULT_RETRY.lossLimit : checkInteger("retries.lossLimit", retries.lossLimit, 0),
  };
}
