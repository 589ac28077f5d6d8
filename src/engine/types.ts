/**
 * What the live engine offers to the layers above it (the SDK, later the server), and what it is built from. All values are
 * already checked and all payloads are JSON text: the SDK validates, the engine runs.
 */
import type { Agent } from "../core/agent.ts";
import type { DistanceTable } from "../core/balance/distances.ts";
import type { NewTask, Payload, Selection } from "../core/event.ts";
import type { AttemptToken } from "../core/attempt.ts";
import type { LimitState } from "../core/limits/limit.ts";
import type { LimitRule } from "../core/limits/rule.ts";
import type { AgentId, FlowId, Spec, Task, TaskId, TaskState } from "../core/task.ts";
import type { EndedAttempt } from "../core/change.ts";
import type { LateTask } from "../core/foresight/admission.ts";
import type { RiskNotice } from "../core/foresight/risk.ts";
import type { Why } from "../core/foresight/why.ts";
import type { MakespanError } from "../protocol/errors.ts";
import type { LogRow } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import type { AgentDriver, ChildRequest, Outcome } from "./agent.ts";
import type { Clock } from "./clock.ts";
import type { EngineLimits } from "./limits.ts";
import type { Learned } from "./learned.ts";

export interface EngineOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Seeds everything random (jitter of retries); default 1. */
  readonly seed?: number;
  readonly limits?: Partial<EngineLimits>;
  /** Queues start paused: nothing runs before `begin()` or `resume()`. Default false. */
  readonly paused?: boolean;
  /** Makes a task of what a running one asks for (`ctx.submit`); refuses by throwing. Default: the type with default settings. */
  readonly resolveChild?: (child: ChildRequest) => SubmitTask;
  /** Called once if a durable write failed and the engine stopped. */
  readonly onFailure?: (error: MakespanError) => void;
}

/** Settings of a task type; the engine numbers and stores them. */
export type SpecSettings = Omit<Spec, "id">;

export interface SubmitTask extends Omit<NewTask, "spec" | "existing"> {
  readonly spec: SpecSettings;
}

export interface SubmitBatch {
  readonly tasks: readonly SubmitTask[];
  /** Joins the tasks in a new flow. */
  readonly flow?: { readonly name: string };
  /** The attempt that adds them as its children. */
  readonly by?: AttemptToken;
}

export interface SubmitReply {
  /** One for each task, in order. */
  readonly ids: readonly TaskId[];
  /** Indices of those that named an existing task by their key. */
  readonly duplicates: readonly number[];
  readonly flowId: FlowId | undefined;
  /** Ids of duplicates that were final already. */
  readonly finished: ReadonlySet<TaskId>;
  /** Those that would be late and were accepted as best effort. */
  readonly downgraded: readonly LateTask[];
}

/** A durable change of a task, as watchers see it. */
export interface Fact {
  readonly task: Task;
  readonly created: boolean;
  readonly state: TaskState;
  readonly ended: readonly EndedAttempt[];
  /** Set when it settled with a result or an error. */
  readonly result: Payload | undefined;
  readonly error: Payload | undefined;
  readonly reason: string | undefined;
}

/** Something of a running attempt that is not a change of state. */
export type Note =
  | { readonly kind: "progress"; readonly id: TaskId; readonly attempt: number; readonly fraction: number; readonly note: string | undefined }
  | { readonly kind: "log"; readonly line: LogRow }
  /** A report that came too late and changed nothing: the task had moved on from that attempt. */
  | { readonly kind: "stale"; readonly id: TaskId; readonly attempt: number; readonly report: string }
  | { readonly kind: "agent"; readonly agentId: AgentId; readonly text: string };

export interface Observer {
  /** The changes of one commit, together, after it. */
  facts?(facts: readonly Fact[], at: number): void;
  note?(note: Note): void;
  /** Dated tasks that are at risk of being late, are late, or recovered. */
  risks?(notices: readonly RiskNotice[], at: number): void;
}

export type CloseMode =
  | "drain" // wait for running attempts, start no more
  | "leave" // ask running attempts to checkpoint and hand their tasks back
  | "now"; // stop them; the tasks run again after the next open

export interface Engine {
  /** Resolves when the tasks are durable; rejects with a MakespanError, having changed nothing. */
  submit(batch: SubmitBatch): Promise<SubmitReply>;
  /** Resolves when the task is final and that is durable; at once if it is. Rejects with `task_not_found`. */
  settled(id: TaskId): Promise<Outcome>;
  /** How many tasks were cancelled. */
  cancel(select: Selection, reason: string): Promise<number>;
  /** Wakes a parked task (or one that is about to park for an answer). */
  answer(id: TaskId, answer: Payload): Promise<void>;
  /** Runs finished tasks that did not succeed again, with what was skipped because of them; returns how many. */
  redrive(ids: readonly TaskId[]): Promise<number>;
  pause(queue?: string): Promise<void>;
  resume(queue?: string): Promise<void>;
  setPolicy(queue: string, policy: string): Promise<void>;
  /** Until the engine is closed, or another one is chosen: what is kept for the queue stays as it is. */
  lendPolicy(queue: string, policy: string): Promise<void>;
  setBalancer(balancer: string): Promise<void>;
  /** Declares a limit, or changes its rule; null lifts it. Kept over a restart. Rejects with `limit_invalid`. */
  setLimit(name: string, rule: LimitRule | null): Promise<void>;
  /** Declared limits, and those of types and keys. */
  limits(): readonly LimitState[];
  setDistances(distances: DistanceTable): Promise<void>;
  /** Tenants of a queue share it by weight, those not named weigh 1; null: one line for all. */
  setFairShare(queue: string, weights: Readonly<Record<string, number>> | null): Promise<void>;
  /** Whether the queue is paused for good, and not only until `begin()`. */
  isPaused(queue: string): boolean;
  /** Ends the pause that the option `paused` began; queues that a kept setting pauses stay so. */
  begin(): Promise<void>;
  setTypeLimit(type: string, limit: number | null): Promise<void>;
  addAgent(driver: AgentDriver): Promise<AgentId>;
  /** Waits for its attempts if `drain`, else they are lost and run elsewhere. */
  removeAgent(id: AgentId, drain: boolean): Promise<void>;
  observe(observer: Observer): () => void;
  /** Live tasks by state, and agents with what runs on them; read only. */
  counts(): Readonly<Record<TaskState, number>>;
  agents(): readonly Agent[];
  /** As it was chosen, with its options. */
  readonly balancer: string;
  /** What was learned of durations and costs so far. */
  estimates(): Learned;
  liveTask(id: TaskId): Task | undefined;
  /** Whether observers are still to hear how a task ended: it is live, or has settled in a turn that is not durable yet. */
  isUnsettled(id: TaskId): boolean;
  /** Why a live task (or a finished one of an open flow) is where it is; undefined for others. */
  why(id: TaskId): Why | undefined;
  /** Every task that is not final. */
  liveTasks(): readonly Task[];
  /** Resolves when no task is live but parked ones and those released later. */
  idle(): Promise<void>;
  /** Why the engine stopped, if a durable write failed. */
  readonly failure: MakespanError | undefined;
  /** Resolves when everything accepted is durable and the store is closed. Calling it again changes the mode to a harder one. */
  close(mode: CloseMode): Promise<void>;
}
