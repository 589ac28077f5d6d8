/**
 * The rows that a store keeps, as the engine hands them over and gets them back. Times are ms since 1970 (0 or null where
 * something has not happened), durations ms, sizes bytes. Payloads are JSON text; how a store packs them is its own matter.
 */
import type { AgentId, FlowId, Instant, ParkReason, Spec, TaskId, TaskState, Use } from "../core/task.ts";
import type { Payload } from "../core/event.ts";

/** Everything of a task that changes while it lives. A patch with an undefined payload leaves the stored one as it is. */
export interface TaskPatch {
  readonly id: TaskId;
  readonly state: TaskState;
  readonly attempt: number;
  readonly failures: number;
  readonly losses: number;
  readonly flowId: FlowId | null;
  /** First and last release (free of dependencies, release time passed). */
  readonly firstReadyAt: Instant;
  readonly readyAt: Instant;
  /** Set by a retry that backs off, or at submission. */
  readonly releaseAt: Instant | null;
  readonly parkedFor: ParkReason | null;
  readonly answered: boolean;
  /** The agent, assignment and measures of the running or last attempt. */
  readonly agentId: AgentId | null;
  readonly assignedAt: Instant;
  readonly startedAt: Instant;
  readonly finishedAt: Instant;
  /** Service of earlier attempts that ended in a pause. */
  readonly servedMs: number;
  readonly cpuMs: number;
  readonly peakMemoryBytes: number;
  readonly cost: number;
  /** Why it ended as it did, when not `succeeded`. */
  readonly reason: string | null;
  readonly result: Payload | undefined;
  readonly error: Payload | undefined;
  readonly checkpoint: Payload | undefined;
  readonly answer: Payload | undefined;
}

/** A new task: what never changes, and its first state. */
export interface TaskInsert extends TaskPatch {
  readonly specId: number;
  readonly parentId: TaskId | null;
  readonly name: string | null;
  readonly key: string | null;
  readonly limitKey: string | null;
  readonly limitOfKey: number | null;
  readonly needs: readonly TaskId[] | null;
  readonly createdAt: Instant;
  readonly dueAt: Instant | null;
  readonly deadlineAt: Instant | null;
  readonly estimateMs: number | null;
  /** Fair-share group in its queue. */
  readonly tenant: string | null;
  /** As it was given; null where the flow is the session. */
  readonly session: string | null;
  readonly weight: number | null;
  readonly size: number | null;
  readonly region: string | null;
  readonly uses: readonly Use[] | null;
  readonly input: Payload;
}

/** A task as it is read back: payloads only where they were asked for, else undefined. */
export interface TaskRow extends TaskInsert {
  readonly spec: Spec;
  readonly hasCheckpoint: boolean;
  readonly hasInput: boolean;
}

/** An attempt that did not succeed (the one that did is in its task's row). */
export interface AttemptRow {
  readonly taskId: TaskId;
  readonly attempt: number;
  readonly agentId: AgentId;
  readonly assignedAt: Instant;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  readonly outcome: string;
  readonly cpuMs: number;
  readonly peakMemoryBytes: number;
  readonly cost: number;
  readonly error: Payload | null;
}

export interface AgentRow {
  readonly id: AgentId;
  readonly name: string;
  readonly kind: string;
  readonly slots: number;
  readonly costPerHour: number;
  /** Its share under weighted balancing; 1 unless it said so. */
  readonly weight: number;
  readonly region: string | null;
  /** 1 unless it said so; `speeds` instead of it for some types. */
  readonly speed: number;
  readonly speeds: Readonly<Record<string, number>> | null;
  readonly joinedAt: Instant;
}

export interface FlowRow {
  readonly id: FlowId;
  readonly name: string;
  readonly createdAt: Instant;
  readonly finishedAt: Instant | null;
}

export interface LogRow {
  readonly taskId: TaskId;
  readonly attempt: number;
  readonly at: Instant;
  readonly level: "debug" | "info" | "warn" | "error" | "stderr" | "stdout";
  readonly text: string;
}

/** A setting that outlives the process (a paused queue, a chosen policy), as JSON by name. */
export interface SettingRow {
  readonly name: string;
  readonly value: string;
}

/** What somebody outside the engine's process asked for (cancel, redrive, answer, pause, …), as JSON. */
export interface RequestRow {
  readonly id: number;
  readonly at: Instant;
  readonly request: string;
}

/** One transaction. Everything in it becomes durable, or nothing. */
export interface Commit {
  readonly epoch: number;
  readonly at: Instant;
  readonly specs: readonly Spec[];
  readonly agents: readonly AgentRow[];
  readonly flows: readonly FlowRow[];
  readonly inserts: readonly TaskInsert[];
  readonly patches: readonly TaskPatch[];
  /** Tasks whose idempotency key passes to another task of this commit; cleared before the inserts. */
  readonly keysFreed: readonly TaskId[];
  readonly attempts: readonly AttemptRow[];
  readonly logs: readonly LogRow[];
  readonly settings: readonly SettingRow[];
  /** Requests that this commit carries out; they are deleted. */
  readonly requestsDone: readonly number[];
  /** No task with a smaller id is live or belongs to an open flow. */
  readonly liveFrom: TaskId;
}
