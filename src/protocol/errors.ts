/**
 * Every refusal that a user can meet: its code, its HTTP status, whether the same call may work later, and the exit code of
 * the command line. The table is the only place where codes are made up; `docs/errors.md` is tested against it.
 */

export interface ErrorKind {
  readonly status: number;
  /** Whether repeating the same call later may work. */
  readonly retryable: boolean;
  /** What happened, in a few words. */
  readonly title: string;
}

export const ERRORS = {
  invalid_input: { status: 400, retryable: false, title: "The input is not what was expected" },
  invalid_option: { status: 400, retryable: false, title: "An option is not what was expected" },
  flow_cycle: { status: 400, retryable: false, title: "Tasks of a flow need each other in a circle" },
  dependency_unknown: { status: 400, retryable: false, title: "A task needs one that does not exist" },
  duplicate_id: { status: 400, retryable: false, title: "Two tasks of a flow have the same id" },
  type_unknown: { status: 400, retryable: false, title: "No agent does tasks of this type" },
  policy_unknown: { status: 400, retryable: false, title: "There is no policy of this name" },
  balancer_unknown: { status: 400, retryable: false, title: "There is no balancer of this name" },
  limit_unknown: { status: 400, retryable: false, title: "A task uses a limit that is not declared" },
  limit_invalid: { status: 400, retryable: false, title: "A limit has a rule that cannot be followed" },
  use_invalid: { status: 400, retryable: false, title: "A task uses an amount of a limit that makes no sense" },
  use_too_large: { status: 400, retryable: false, title: "A task uses more of a limit than there is in all" },
  payload_too_large: { status: 413, retryable: false, title: "An input or result is larger than allowed" },
  not_serializable: { status: 400, retryable: false, title: "A value cannot be written as JSON" },
  task_not_found: { status: 404, retryable: false, title: "There is no such task" },
  flow_not_found: { status: 404, retryable: false, title: "There is no such flow" },
  task_not_parked: { status: 409, retryable: false, title: "The task does not wait for an answer" },
  cannot_make_it: { status: 409, retryable: true, title: "A task would not be done by its due date" },
  agent_unknown: { status: 404, retryable: false, title: "There is no such agent" },
  nothing_to_redrive: { status: 409, retryable: false, title: "None of these tasks can be run again" },
  stale_attempt: { status: 409, retryable: false, title: "The task has moved on from this attempt" },
  too_many_waiting: { status: 429, retryable: true, title: "Too many tasks wait already" },
  engine_closed: { status: 503, retryable: false, title: "The engine is closed" },
  engine_stopped: { status: 500, retryable: false, title: "The engine stopped because a write failed" },
  store_not_ours: { status: 500, retryable: false, title: "The file belongs to another program" },
  store_damaged: { status: 500, retryable: false, title: "The file is damaged" },
  store_newer: { status: 500, retryable: false, title: "The file was written by a newer version" },
  store_sqlite_old: { status: 500, retryable: false, title: "The SQLite of this Node has a known fault" },
  store_in_use: { status: 409, retryable: true, title: "Another engine has the file open" },
  store_full: { status: 507, retryable: true, title: "The disk is full" },
  store_io: { status: 500, retryable: true, title: "The disk gave an error" },
  store_read_only: { status: 500, retryable: false, title: "The file or its folder cannot be written" },
  store_not_found: { status: 404, retryable: false, title: "There is no such file" },
  store_fenced: { status: 409, retryable: false, title: "Another engine has taken over" },
  flow_file_invalid: { status: 400, retryable: false, title: "The flow file is not valid" },
  handler_missing: { status: 400, retryable: false, title: "The handler could not be loaded" },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

/** A refusal: what was expected, what came, what to do. */
export class MakespanError extends Error {
  readonly code: ErrorCode;
  /** More for programs (a line number, the known names, …). */
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, detail: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = "MakespanError";
    this.code = code;
    this.detail = detail;
  }

  /** HTTP status of the code. */
  get status(): number {
    return ERRORS[this.code].status;
  }

  /** Whether the same call may work later. */
  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }

  toJSON(): { code: ErrorCode; message: string; detail: Readonly<Record<string, unknown>> } {
    return { code: this.code, message: this.message, detail: this.detail };
  }
}

/** Whether a value is a refusal of the given code (any code when left out). */
export function isMakespanError(value: unknown, code?: ErrorCode): value is MakespanError {
  return value instanceof MakespanError && (code === undefined || value.code === code);
}
