/**
 * What a task is to the core: its states, the settings it shares with others of its kind, and the record that the
 * scheduler keeps while the task lives. Inputs and results are not here: they are opaque text that stays in the store,
 * so that a million waiting tasks fit in a small memory.
 */
import type { Attempt } from "./attempt.ts";
import type { Flow } from "./flow.ts";
import type { RiskState } from "./foresight/risk.ts";
import type { Session } from "./sessions.ts";
import type { Timer } from "./timers.ts";

/** Positive integer, given in order of submission; with the shard it names a task for ever. Written `t17` at the edge. */
export type TaskId = number;
/** Positive integer naming a flow. Written `f3` at the edge. */
export type FlowId = number;
/** Positive integer naming an agent; the same name gets the same id after a restart. */
export type AgentId = number;
/** Milliseconds since 1970-01-01 UTC, as the driver's clock gives them. */
export type Instant = number;

/** Every state, in the order of their codes in a store (the index is the code; append only). */
export const TASK_STATES = [
  "scheduled", // waits for its release time, or backs off before a retry
  "blocked", // waits for tasks that it needs
  "queued", // may start as soon as an agent and its limits allow
  "running", // an attempt is on an agent
  "parked", // waits for children or for an answer; holds no slot
  "succeeded",
  "failed", // attempts exhausted; kept for redrive
  "cancelled",
  "expired", // its hard deadline passed first
  "shed", // refused under load
  "skipped", // never ran: a task that it needs did not succeed
] as const;

export type TaskState = (typeof TASK_STATES)[number];
export type FinalState = "succeeded" | "failed" | "cancelled" | "expired" | "shed" | "skipped";

/** How failed attempts are repeated. */
export interface RetryRule {
  /** Further attempts after the first failure; 0 means one attempt in all. */
  readonly limit: number;
  readonly backoff: "fixed" | "exponential";
  /** Wait before the first retry, in ms; doubled for each further one when exponential. */
  readonly delayMs: number;
  /** No wait is longer, in ms. */
  readonly maxDelayMs: number;
  /** Share of the wait that is random, 0 (none) to 1 (anything from nothing to the whole wait). */
  readonly jitter: number;
  /** How often an attempt may be lost with its agent, through no fault of its own, before the task fails. */
  readonly lossLimit: number;
}

/** What happens to a dependent when a task that it needs does not succeed. */
export type DependencyFailure =
  | "skip" // the dependent is skipped, and those that need it in turn
  | "continue" // it runs all the same and sees the outcome
  | "fail"; // every unfinished task of the flow is cancelled

/** Settings shared by many tasks; interned, so that a task holds one reference and a row one number. */
export interface Spec {
  /** Positive integer, unique within a store. */
  readonly id: number;
  readonly type: string;
  readonly queue: string;
  /** Lower goes first: 1 critical, 2 high, 3 medium, 4 low; any finite number is allowed. */
  readonly priority: number;
  readonly retry: RetryRule;
  /** Longest time one attempt may take, in ms; absent means no limit. */
  readonly timeoutMs?: number;
  readonly onDependencyFailure: DependencyFailure;
  /** A running attempt may be asked to hand its task back for a more urgent one; absent means no. */
  readonly preemptible?: boolean;
}

/** What a task needs of a limit while it runs: slots of a resource, requests or tokens of a rate, money of a budget. */
export interface Use {
  /** Name of the limit. */
  readonly limit: string;
  /** Units of it, more than 0: reserved when the task starts, settled with what was really used when it ends. */
  readonly amount: number;
}

/** Rarely used parts of a task, kept out of the record so that a plain task stays small. */
export interface TaskExtra {
  /** For people. */
  name?: string;
  flow: Flow | undefined;
  parent?: Task;
  /** Ids of the tasks whose outcome it waits for or was given, in the order they were named. */
  needs?: readonly TaskId[];
  /** How many of `needs` are not final yet. */
  needsOpen: number;
  /** Tasks to tell when this one is final. */
  dependents?: Task[];
  /** Children (tasks added by its own attempts) that are not final yet. */
  childrenOpen: number;
  children?: TaskId[];
  key?: string | undefined;
  limitKey: string | undefined;
  limitOfKey?: number;
  releaseAt?: Instant | undefined;
  dueAt: Instant | undefined;
  deadlineAt: Instant | undefined;
  /** How long it is likely to take, as its submitter said. */
  estimateMs: number | undefined;
  /** Fair-share group in its queue; absent means the nameless one. */
  tenant: string | undefined;
  /** Tasks of one session share what they have been served; absent means its flow, or itself. */
  session: Session | undefined;
  /** What finishing it is worth, for weighted policies; absent means 1. */
  weight?: number;
  /** What its duration is likely to grow with (tokens, bytes, rows); durations are learned by type and size class. */
  size: number | undefined;
  /** Where it should run. */
  region?: string;
  uses: readonly Use[] | undefined;
  /** Longest path from its start to the end of its flow, once asked for, in ms at speed 1 (`tails.ts`). */
  tailMs?: number;
  /** Work of earlier attempts that a checkpoint keeps, in ms at speed 1. */
  workedMs: number | undefined;
  /** It was accepted although it would be late, and ranks as a task without a due date. */
  isBestEffort?: boolean;
  /** What was reported of its due date last, and the timer that looks again. */
  risk?: RiskState | undefined;
  dueTimer?: Timer | undefined;
  /** It was redriven after its deadline, which does not count any more. */
  isLate?: boolean;
  /** What it waits for while parked; afterwards why it was woken, until it parks again or settles. */
  parkedFor?: ParkReason | undefined;
  /** An answer came before it parked for one. */
  answered?: boolean;
  /** A checkpoint is in the store. */
  hasCheckpoint?: boolean;
  /** When the state is final and not `succeeded`: a short code saying why. */
  reason?: string | undefined;
  /** When it was first released, if it was released again since (after a retry or a pause). */
  firstReadyAt: Instant | undefined;
  /** The limit key for which it stepped aside, while queued. */
  waitsAt: string | undefined;
  /** Running timers of the task itself. */
  releaseTimer?: Timer | undefined;
  deadlineTimer?: Timer | undefined;
  /** The task's failures and losses, once there are any. */
  failures?: number;
  losses?: number;
  /** Service of earlier attempts that ended in a pause, in ms. */
  servedMs: number | undefined;
}

export type ParkReason = "children" | "answer";

/** A live task (or a finished one of a flow that is still open). Only the scheduler changes it. */
export interface Task {
  readonly id: TaskId;
  readonly spec: Spec;
  state: TaskState;
  /** Attempts started so far; it never goes back, and with the id it is the fencing token of an attempt. */
  attempt: number;
  /** Failed attempts that count against the retry limit. */
  failures: number;
  /** Attempts lost with their agent. */
  losses: number;
  /** When it was last released: free of dependencies, its release time passed. 0 until then. */
  readyAt: Instant;
  /** Place in the heap it waits in, or -1. */
  heapSlot: number;
  run: Attempt | undefined;
  extra: TaskExtra | undefined;
  /** Place of its record among the changes of the turn under way, or -1. A number: of a pointer to what is new, the garbage collector must be told for every old task. */
  changeIndex: number;
}

/** Kept as the reason of a live task whose deadline had passed when it was redriven, so that a restart does not count it again. */
export const REDRIVEN_LATE = "redriven_late";

/** The same of a task that was accepted as best effort (`isBestEffort`). */
export const DOWNGRADED = "downgraded";

/** Priority of a task that was downgraded, at best: that of `low`. */
const BEST_EFFORT_PRIORITY = 4;

/** The date by which policies and balancers rank: the due date, else the deadline; a downgraded task has none. */
export function rankedDueAt({ extra }: Task): Instant | undefined {
  return extra === undefined || extra.isBestEffort === true ? undefined : (extra.dueAt ?? extra.deadlineAt);
}

/** The priority by which policies rank. */
export function rankedPriority({ spec, extra }: Task): number {
  return extra?.isBestEffort === true ? Math.max(spec.priority, BEST_EFFORT_PRIORITY) : spec.priority;
}

/** When a task was first free of dependencies and its release time had passed; 0 until then. */
export function firstReadyAt(task: Task): Instant {
  return task.extra?.firstReadyAt ?? task.readyAt;
}

/** Whether a state is final: the task has settled, and only a redrive can wake it. */
export function isFinal(state: TaskState): state is FinalState {
  switch (state) {
    case "scheduled":
    case "blocked":
    case "queued":
    case "running":
    case "parked":
      return false;
    case "succeeded":
    case "failed":
    case "cancelled":
    case "expired":
    case "shed":
    case "skipped":
      return true;
  }
}
