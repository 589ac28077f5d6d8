/** What `result()` rejects with when a task ended without a result. */
import type { FinalState } from "../core/task.ts";

/** The error of an attempt, as it was kept with its task. */
export interface TaskError {
  /** `handler_error`, `timeout`, `agent_crashed`, `exit_code`, … */
  readonly code: string;
  readonly message: string;
  /** More of it, as the agent reported it: `stack`, `exit_code`, … */
  readonly [detail: string]: unknown;
}

export type FailureState = Exclude<FinalState, "succeeded">;

export class TaskFailedError extends Error {
  /** As `t17`. */
  readonly id: string;
  readonly type: string;
  readonly state: FailureState;
  /** The code of the last attempt's error; the state for a task that ended without one. */
  readonly code: string;
  /** Why it ended in this state: a short code (`attempts_exhausted`, the reason given to `cancel`, …). */
  readonly reason: string | undefined;
  /** The error of the last attempt. */
  readonly error: TaskError | undefined;
  /** Attempts started. */
  readonly attempts: number;

  constructor(task: Pick<TaskFailedError, "id" | "type" | "state" | "reason" | "error" | "attempts">) {
    super(messageOf(task));
    this.name = "TaskFailedError";
    this.id = task.id;
    this.type = task.type;
    this.state = task.state;
    this.code = task.error?.code ?? task.state;
    this.reason = task.reason;
    this.error = task.error;
    this.attempts = task.attempts;
  }
}

const ENDED: Readonly<Record<FailureState, string>> = {
  failed: "failed",
  cancelled: "was cancelled",
  expired: "expired: its deadline passed",
  shed: "was refused under load",
  skipped: "was skipped: a task that it needs did not succeed",
};

function messageOf({ id, type, state, reason, error, attempts }: Pick<TaskFailedError, "id" | "type" | "state" | "reason" | "error" | "attempts">): string {
  const tries = attempts > 1 ? ` after ${attempts} attempts` : "";
  const why = error !== undefined ? `: ${error.message}` : reason === undefined || state === "skipped" || state === "expired" ? "" : ` (${reason})`;
  return `The task ${id} (${type}) ${ENDED[state]}${tries}${why}`;
}
