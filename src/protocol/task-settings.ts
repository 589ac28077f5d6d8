/**
 * From the settings people write (retries, priority, time-out) to those the engine takes, with the defaults of `makespan run`.
 */
import type { DependencyFailure, RetryRule } from "../core/task.ts";
import { parseDuration, parseWhen } from "./duration.ts";
import { priorityNumber, type PriorityName } from "./priority.ts";
import type { PlannedSpec, TaskDraft } from "./task-plan.ts";

/** No retry unless asked for: a command may have done half of its work. */
export const DEFAULT_RETRY: RetryRule = { limit: 0, backoff: "exponential", delayMs: 1000, maxDelayMs: 300_000, jitter: 0.2, lossLimit: 10 };

export interface RetryFields {
  readonly limit: number;
  readonly backoff?: "fixed" | "exponential" | undefined;
  readonly delay?: string | undefined;
  readonly max_delay?: string | undefined;
  readonly jitter?: number | undefined;
}

export interface SettingFields {
  readonly retries?: number | RetryFields | undefined;
  readonly timeout?: string | undefined;
  readonly priority?: PriorityName | number | undefined;
  readonly on_dependency_failure?: DependencyFailure | undefined;
  readonly preemptible?: boolean | undefined;
}

/** Durations are already checked. */
export function retryRule(retries: number | RetryFields | undefined): RetryRule {
  if (retries === undefined) return DEFAULT_RETRY;
  if (typeof retries === "number") return { ...DEFAULT_RETRY, limit: retries };
  const delayMs = durationMs(retries.delay) ?? DEFAULT_RETRY.delayMs;
  return {
    limit: retries.limit,
    backoff: retries.backoff ?? DEFAULT_RETRY.backoff,
    delayMs,
    maxDelayMs: durationMs(retries.max_delay) ?? Math.max(delayMs, DEFAULT_RETRY.maxDelayMs),
    jitter: retries.jitter ?? DEFAULT_RETRY.jitter,
    lossLimit: DEFAULT_RETRY.lossLimit,
  };
}

/** The settings of a type; `fields` wins over `defaults`. */
export function plannedSpec(type: string, fields: SettingFields, defaults: SettingFields = {}): PlannedSpec {
  const timeoutMs = durationMs(fields.timeout ?? defaults.timeout);
  return {
    type,
    queue: "default",
    priority: priorityNumber(fields.priority ?? defaults.priority ?? "medium"),
    retry: retryRule(fields.retries ?? defaults.retries),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    onDependencyFailure: fields.on_dependency_failure ?? defaults.on_dependency_failure ?? "skip",
    ...((fields.preemptible ?? defaults.preemptible) === true ? { preemptible: true } : {}),
  };
}

export interface TraitFields {
  readonly tenant?: string | undefined;
  readonly session?: string | undefined;
  readonly weight?: number | undefined;
  readonly size?: number | undefined;
}

/** What policies and limits look at in one task; `fields` wins over `defaults`. */
export function plannedTraits(fields: TraitFields, defaults: TraitFields = {}): Pick<TaskDraft, keyof TraitFields> {
  const { tenant = defaults.tenant, session = defaults.session, weight = defaults.weight, size = defaults.size } = fields;
  return {
    ...(tenant === undefined ? {} : { tenant }),
    ...(session === undefined ? {} : { session }),
    ...(weight === undefined ? {} : { weight }),
    ...(size === undefined ? {} : { size }),
  };
}

export interface TimeFields {
  readonly due?: string | undefined;
  readonly deadline?: string | undefined;
  readonly estimate?: string | undefined;
}

/** The times of a task; all texts are already checked. */
export function plannedTimes(fields: TimeFields): Pick<TaskDraft, "dueInMs" | "dueAt" | "deadlineInMs" | "deadlineAt" | "estimateMs"> {
  const due = fields.due === undefined ? undefined : parseWhen(fields.due);
  const deadline = fields.deadline === undefined ? undefined : parseWhen(fields.deadline);
  const estimateMs = durationMs(fields.estimate);
  return {
    ...(due === undefined ? {} : due.kind === "in" ? { dueInMs: due.ms } : { dueAt: due.at }),
    ...(deadline === undefined ? {} : deadline.kind === "in" ? { deadlineInMs: deadline.ms } : { deadlineAt: deadline.at }),
    ...(estimateMs === undefined ? {} : { estimateMs }),
  };
}

function durationMs(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}
