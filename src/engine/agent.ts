/**
 * An agent that lives with the engine: a function, a pool of threads or processes, a command runner. The engine starts and
 * stops attempts on it; it reports back through the reporter of the attempt, as often as it likes, and ends each attempt with
 * exactly one of `succeed`, `fail`, `park`, `release` or `backOff`. Reports may come late or for an attempt long given up: the core
 * fences them. The fault tests implement this interface on virtual time.
 */
import type { AgentSpec } from "../core/agent.ts";
import type { StopReason } from "../core/attempt.ts";
import type { Failure, Payload, Usage } from "../core/event.ts";
import type { Instant, ParkReason, TaskId, TaskState } from "../core/task.ts";
import type { LogRow } from "../store/rows.ts";

/** What an attempt gets to work with. Payloads are JSON text. */
export interface AttemptStart {
  readonly id: TaskId;
  readonly attempt: number;
  readonly type: string;
  readonly name: string | undefined;
  readonly input: Payload;
  readonly dueAt: Instant | undefined;
  readonly timeoutMs: number | undefined;
  /** The last checkpoint that an earlier attempt saved. */
  readonly checkpoint: Payload | undefined;
  /** Why it runs again after a pause: its children are done, or an answer has come. */
  readonly wake: { readonly kind: "children"; readonly outcomes: readonly Outcome[] } | { readonly kind: "answer"; readonly answer: Payload } | undefined;
  /** Outcomes of the tasks that it needed, in the order in which they were named. */
  readonly needs: readonly Outcome[];
}

/** How another task ended. */
export interface Outcome {
  readonly id: TaskId;
  readonly name: string | undefined;
  readonly state: TaskState;
  readonly result: Payload | undefined;
  readonly error: Payload | undefined;
}

/** A child that a running task adds to its own flow; `options` are those of `submit`. */
export interface ChildRequest {
  readonly type: string;
  readonly input: Payload;
  readonly options: Readonly<Record<string, unknown>>;
}

/** How an attempt talks to the engine. */
export interface AttemptReporter {
  succeed(result: Payload, usage: Usage): void;
  fail(failure: Failure, usage: Usage): void;
  park(until: ParkReason, checkpoint: Payload | undefined, usage: Usage): void;
  release(checkpoint: Payload | undefined, usage: Usage): void;
  /** A shared signal ("429"): the limit shrinks for all, and the task waits so long, at no cost to its retries. */
  backOff(limit: string, retryAfterMs: number, checkpoint: Payload | undefined, usage: Usage): void;
  /** Resolves when the checkpoint is durable; rejects with `stale_attempt` when the task has moved on. */
  checkpoint(checkpoint: Payload): Promise<void>;
  /** Resolves with the child's id when it is durable. */
  submit(child: ChildRequest): Promise<TaskId>;
  log(level: LogRow["level"], text: string): void;
  /** 0 to 1, with a word for people. Not durable. */
  progress(fraction: number, note?: string): void;
}

export interface AgentDriver {
  readonly spec: AgentSpec;
  start(start: AttemptStart, reporter: AttemptReporter): void;
  /**
   * Asks an attempt to stop; threads, processes and commands are killed when they do not, or at once when a shutdown asks again.
   * The attempt still ends with a report.
   */
  stop(id: TaskId, attempt: number, reason: StopReason): void;
  /** Ends what still runs and frees everything. */
  close(): Promise<void>;
}
