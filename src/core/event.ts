/**
 * Everything that can happen to the scheduler, and what it answers. A driver (live, simulated or testing) collects events,
 * calls `Scheduler.turn(now, events)`, makes the changes durable, and only then carries out commands and passes on replies.
 * Payloads (inputs, results, errors, checkpoints, answers) are JSON text that the core hands through without reading.
 */
import type { AgentSpec } from "./agent.ts";
import type { AttemptToken, StopReason } from "./attempt.ts";
import type { DistanceTable } from "./balance/distances.ts";
import type { Change, FlowChange } from "./change.ts";
import type { LateTask } from "./foresight/admission.ts";
import type { RiskNotice } from "./foresight/risk.ts";
import type { LimitChange, LimitKept } from "./limits/limits.ts";
import type { LimitRule } from "./limits/rule.ts";
import type { AgentId, FlowId, Instant, FinalState, ParkReason, Spec, Task, TaskId, TaskState, Use } from "./task.ts";

/** JSON text. */
export type Payload = string;

/** A task that another one needs: one of the same submission (by its index), one in memory, or a finished one that only the store knows. */
export type Need =
  | { readonly kind: "new"; readonly index: number }
  | { readonly kind: "task"; readonly id: TaskId }
  | { readonly kind: "past"; readonly id: TaskId; readonly state: FinalState };

/** A task as it is submitted. */
export interface NewTask {
  readonly spec: Spec;
  readonly input: Payload;
  /** For people: shown in lists and timelines. */
  readonly name?: string;
  /** Idempotency key: a second submission with the same key gets the first task. */
  readonly key?: string;
  /** What the store knows of the key, when the task is not live any more. */
  readonly existing?: { readonly id: TaskId; readonly state: TaskState };
  /** If the task of the same key is final and did not succeed (`always`: final at all), take its place instead of returning it. Default false. */
  readonly rerun?: boolean | "always";
  /** At most `limitOfKey` (default 1) tasks with the same limit key run at once. */
  readonly limitKey?: string;
  readonly limitOfKey?: number;
  readonly releaseAt?: Instant;
  readonly dueAt?: Instant;
  readonly deadlineAt?: Instant;
  /**
   * What becomes of it when the forecast at submission says that it will end after its due date (or deadline): `refuse` refuses the
   * whole submission; `downgrade` accepts it as best effort, ranked as a task without a due date and with low priority. Default `accept`.
   */
  readonly ifLate?: "accept" | "refuse" | "downgrade";
  /** How long it is likely to take; the prior of what is learned. */
  readonly estimateMs?: number;
  /** Fair-share group in its queue. */
  readonly tenant?: string;
  /** Tasks of one session share what they have been served (least attained service); default its flow. */
  readonly session?: string;
  /** What finishing it is worth, more than 0; default 1. */
  readonly weight?: number;
  /** What its duration is likely to grow with (tokens, bytes, rows), 0 or more. */
  readonly size?: number;
  /** Where it should run. */
  readonly region?: string;
  readonly uses?: readonly Use[];
  readonly needs?: readonly Need[];
}

/** What a failed attempt reports. */
export interface Failure {
  /** A short code (`handler_error`, `timeout`, `agent_crashed`, `exit_code`, …). */
  readonly code: string;
  /** JSON of `{ code, message, … }`, kept with the task. */
  readonly error: Payload;
  /** False ends the task at once. */
  readonly retryable: boolean;
  /** Earliest next attempt from now, in ms, as the handler asked; replaces the backoff. */
  readonly retryAfterMs?: number;
}

/** What an attempt used; zeros where unknown. `cost` is in the currency of the agents' rates. */
export interface Usage {
  readonly startedAt: Instant;
  readonly cpuMs: number;
  readonly peakMemoryBytes: number;
  readonly cost: number;
  /** What was really used of limits, where it is known; else what was reserved counts. */
  readonly used?: readonly Use[];
}

/** Which tasks an event means. All given parts must match; `states` defaults to every live state. */
export interface Selection {
  readonly ids?: readonly TaskId[];
  readonly flowId?: FlowId;
  readonly types?: readonly string[];
  readonly queue?: string;
  readonly tenant?: string;
  /** Only tasks that were given one. */
  readonly session?: string;
  readonly states?: readonly TaskState[];
}

export type Event =
  | { readonly kind: "submit"; readonly tasks: readonly NewTask[]; readonly flow?: { readonly name: string }; readonly by?: AttemptToken }
  | { readonly kind: "succeed"; readonly id: TaskId; readonly attempt: number; readonly result: Payload; readonly usage: Usage }
  | { readonly kind: "fail"; readonly id: TaskId; readonly attempt: number; readonly failure: Failure; readonly usage: Usage }
  | { readonly kind: "park"; readonly id: TaskId; readonly attempt: number; readonly until: ParkReason; readonly checkpoint?: Payload; readonly usage: Usage }
  /** The attempt gives the task back unfinished, at no cost to its retries (it was asked to stop). */
  | { readonly kind: "release"; readonly id: TaskId; readonly attempt: number; readonly checkpoint?: Payload; readonly usage: Usage }
  /** A shared signal ("429"): the limit shrinks for all, and the task waits unfinished, at no cost to its retries. */
  | {
      readonly kind: "backoff";
      readonly id: TaskId;
      readonly attempt: number;
      readonly limit: string;
      readonly retryAfterMs?: number;
      readonly checkpoint?: Payload;
      readonly usage: Usage;
    }
  | { readonly kind: "checkpoint"; readonly id: TaskId; readonly attempt: number; readonly checkpoint: Payload }
  | { readonly kind: "answer"; readonly id: TaskId; readonly answer: Payload }
  | { readonly kind: "cancel"; readonly select: Selection; readonly reason: string }
  /** `tasks` holds rows of finished tasks that the scheduler may have forgotten and the rest of their `flows`. */
  | {
      readonly kind: "redrive";
      readonly ids: readonly TaskId[];
      readonly tasks: readonly TaskSnapshot[];
      readonly flows: readonly FlowSnapshot[];
    }
  | { readonly kind: "agent-join"; readonly agent: AgentSpec; readonly id?: AgentId }
  | { readonly kind: "agent-leave"; readonly id: AgentId; readonly drain: boolean }
  | { readonly kind: "heartbeat"; readonly id: AgentId }
  /** `queue` absent means every queue, those to come included. */
  | { readonly kind: "pause"; readonly queue?: string }
  | { readonly kind: "resume"; readonly queue?: string }
  | { readonly kind: "policy"; readonly queue: string; readonly policy: string }
  | { readonly kind: "balancer"; readonly balancer: string }
  /** How far regions are from each other, for `nearest`; replaces what was said before. */
  | { readonly kind: "distances"; readonly distances: DistanceTable }
  /** At most `limit` tasks of a type at once; null lifts it. */
  | { readonly kind: "type-limit"; readonly type: string; readonly limit: number | null }
  /** Declares a named limit, or changes its rule; null lifts it. `kept` is what outlived a restart. */
  | { readonly kind: "limit"; readonly name: string; readonly rule: LimitRule | null; readonly kept?: LimitKept }
  /** Tenants of a queue share it by weight, those not named weigh 1; null: one line for all. */
  | { readonly kind: "fair-share"; readonly queue: string; readonly weights: Readonly<Record<string, number>> | null }
  /** No new starts. With `leave`, running attempts are asked to checkpoint and hand their tasks back. */
  | { readonly kind: "drain"; readonly leave: boolean }
  /** Nothing happened but time. */
  | { readonly kind: "tick" };

/** A policy or balancer that there is not, and those that there are. */
export interface UnknownName {
  readonly name: string;
  readonly known: readonly string[];
}

/** Why an event changed nothing. */
export type Refusal =
  | "stale_attempt" // the token is not that of the running attempt
  | "task_not_found"
  | "key_moved" // what the store said of a key or a finished flow is out of date: look again
  | "task_not_parked"
  | "flow_cycle"
  | "dependency_unknown"
  | "agent_unknown"
  | "policy_unknown"
  | "weight_invalid"
  | "balancer_unknown"
  | "cannot_make_it"
  | "limit_unknown" // a task uses a limit that is not declared
  | "limit_invalid"
  | "use_invalid"
  | "use_too_large" // a task uses more of a limit than there is in all
  | "nothing_to_redrive";

/** The answer to the event of the same index in a turn. */
export type Reply =
  | { readonly kind: "done" }
  | { readonly kind: "submitted"; readonly ids: readonly TaskId[]; /** Indices that named an existing task. */ readonly duplicates: readonly number[]; readonly flowId: FlowId | undefined; /** Those that were accepted as best effort; absent when there are none. */ readonly downgraded?: readonly LateTask[] }
  | { readonly kind: "count"; readonly count: number }
  | { readonly kind: "joined"; readonly agentId: AgentId }
  | { readonly kind: "refused"; readonly code: Refusal; readonly detail: string; /** Of `cannot_make_it`: the tasks that would be late. */ readonly late?: readonly LateTask[]; readonly unknown?: UnknownName };

/** What the driver must do, after the commit. */
export type Command =
  | { readonly kind: "start"; readonly task: Task; readonly attempt: number; readonly agentId: AgentId; readonly assignedAt: Instant; readonly wake: ParkReason | undefined; /** Of a task that was submitted in the same turn. */ readonly input: Payload | undefined }
  | { readonly kind: "stop"; readonly id: TaskId; readonly attempt: number; readonly agentId: AgentId; readonly reason: StopReason };

/** The outcome of a turn. */
export interface Turn {
  /** One for each event, in order. */
  readonly replies: readonly Reply[];
  readonly commands: readonly Command[];
  /** Each changed task once, however often it changed. */
  readonly changes: readonly Change[];
  readonly flows: readonly FlowChange[];
  /** Dated tasks that are at risk of being late, or are late, or recovered; each when that changes. */
  readonly notices: readonly RiskNotice[];
  /** What counts of declared limits, where it changed. */
  readonly limits: readonly LimitChange[];
  /** When the scheduler wants a turn even if nothing happens; undefined when it waits for events only. */
  readonly wakeAt: Instant | undefined;
}

/** A task as a store gives it back, to go on with after a restart or a redrive. Times in ms; 0 or null for "not yet". */
export interface TaskSnapshot {
  readonly id: TaskId;
  readonly spec: Spec;
  readonly name: string | null;
  readonly state: TaskState;
  readonly attempt: number;
  readonly failures: number;
  readonly losses: number;
  readonly readyAt: Instant;
  readonly firstReadyAt: Instant;
  readonly servedMs: number;
  readonly flowId: FlowId | null;
  readonly parentId: TaskId | null;
  readonly needs: readonly TaskId[] | null;
  readonly key: string | null;
  readonly limitKey: string | null;
  readonly limitOfKey: number | null;
  readonly releaseAt: Instant | null;
  readonly dueAt: Instant | null;
  readonly deadlineAt: Instant | null;
  /** Why it ended as it did; of a live task `REDRIVEN_LATE`, `DOWNGRADED` or null. */
  readonly reason?: string | null;
  readonly estimateMs: number | null;
  readonly parkedFor: ParkReason | null;
  readonly answered: boolean;
  readonly hasCheckpoint: boolean;
  readonly tenant?: string | null;
  readonly session?: string | null;
  readonly weight?: number | null;
  readonly size?: number | null;
  readonly region?: string | null;
  readonly uses?: readonly Use[] | null;
}

/** What open flows and sessions were served by attempts that have ended and were not lost, in ms, as a store adds it up. */
export interface ServedSnapshot {
  readonly flows: readonly (readonly [flow: FlowId, servedMs: number])[];
  /** By their newest task that was served, the newest last: of too many sessions without tasks the first are forgotten. */
  readonly sessions: readonly (readonly [session: string, servedMs: number])[];
}

/** A flow as a store gives it back. */
export interface FlowSnapshot {
  readonly id: FlowId;
  readonly name: string;
  readonly createdAt: Instant;
}
