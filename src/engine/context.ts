/**
 * What a handler gets besides its input, the same in functions, threads and processes. Everything on it can be taken off by
 * destructuring (`async (input, { signal, log }) => …`), and nothing of it is made before it is used.
 */
import type { ParkReason, TaskState } from "../core/task.ts";

/** How another task ended, its payloads parsed. */
export interface TaskOutcome {
  /** As `t17`. */
  readonly id: string;
  readonly name: string | undefined;
  readonly state: TaskState;
  /** Undefined unless it succeeded. */
  readonly result: unknown;
  /** `{ code, message, … }` of a task that did not succeed. */
  readonly error: unknown;
}

/** Why a parked task runs again. */
export type Wake =
  | { readonly kind: "children"; readonly outcomes: readonly TaskOutcome[] }
  | { readonly kind: "answer"; readonly answer: unknown };

/** Writes a line to the log of the attempt; called directly it is `info`. */
export interface TaskLog {
  (text: string): void;
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

/** Options of a child, those of `submit`; dates may be given as `Date` or in ms. */
export type ChildOptions = Readonly<Record<string, unknown>>;

export interface ParkRequest {
  /** What the task waits for, holding no slot: all its children, or an answer from outside. */
  readonly for: ParkReason;
  /** Kept for the next attempt, as with `checkpoint()`; the last one stays when left out. */
  readonly checkpoint?: unknown;
}

/** Returned by a handler to park its task; only `park()` makes one, and only returning it has an effect. */
export class Parked {
  readonly request: ParkRequest;

  constructor(request: ParkRequest) {
    this.request = request;
  }
}

export interface TaskContext {
  /** The task, as `t17`. */
  readonly id: string;
  readonly type: string;
  readonly name: string | undefined;
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly dueAt: Date | undefined;
  /** Aborted when the attempt must stop; its `reason` is a `StoppedError` that says why. */
  readonly signal: AbortSignal;
  readonly log: TaskLog;
  /** How far it is, 0 to 1, with a word for people. Shown, not kept. */
  readonly progress: (fraction: number, note?: string) => void;
  /**
   * Saves a JSON value for the next attempt, which finds it in `restored`; resolves when it is durable.
   * Rejects with `stale_attempt` when the task has moved on, `not_serializable` or `payload_too_large`.
   */
  readonly checkpoint: (value: unknown) => Promise<void>;
  /** The last checkpoint of an earlier attempt, or undefined. */
  readonly restored: unknown;
  /** Outcomes of the tasks it needed, in the order in which they were named. */
  readonly needs: readonly TaskOutcome[];
  /** The same by name; of several with one name the last. */
  readonly needsByName: ReadonlyMap<string, TaskOutcome>;
  /** Set when it runs again after `park()`. */
  readonly wake: Wake | undefined;
  /**
   * Adds a child to the flow of this task; resolves with its id when it is durable. Unless `options.key` is given, the key is
   * made of this task's id and the count of its children so far (which goes on from the last checkpoint), so that an attempt
   * that repeats the steps of a failed one finds the children there instead of adding them twice.
   */
  readonly submit: (task: string | { readonly type: string }, input?: unknown, options?: ChildOptions) => Promise<{ readonly id: string }>;
  /** `return park({ for: "children" })` frees the slot until they are final; a later attempt goes on with `wake` set. */
  readonly park: (request: ParkRequest) => Parked;
  /** Adds to what this attempt cost, in the currency of the agents' rates. */
  readonly cost: (amount: number) => void;
  /**
   * Adds to what this attempt has really used of a limit, in its units. Of a limit of which nothing is said, all that was
   * reserved counts as used; what was not used comes back when the attempt ends.
   */
  readonly used: (limit: string, amount: number) => void;
}

/** A handler of one task. Returning undefined gives the result null. */
export type TaskHandler<Input = never, Result = unknown> = (input: Input, context: TaskContext) => Result | Promise<Result>;

/**
 * A handler of many tasks at once. It returns one entry for each input, in order: the task's result, an `Error` that fails this
 * task alone, or what `park()` of its context gave. If it throws, all of them fail.
 */
export type BatchHandler<Input = never, Result = unknown> = (
  inputs: readonly Input[],
  contexts: readonly TaskContext[],
) => readonly (Result | Error | Parked)[] | Promise<readonly (Result | Error | Parked)[]>;
