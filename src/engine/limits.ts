/**
 * Every limit of the live engine, in one place, with its default. A limit reached is a clear refusal, never a silent cut.
 */
export interface EngineLimits {
  /** Largest input, result, checkpoint or answer as JSON, in bytes. */
  readonly payloadBytes: number;
  /** Live tasks in the engine; a submission beyond it is refused with `too_many_waiting`. */
  readonly liveTasks: number;
  /** Tasks in one submission. */
  readonly submitTasks: number;
  /** Inputs kept in memory between submission and start, in bytes; others are read back from the store. */
  readonly inputCacheBytes: number;
  /** Events applied in one turn; bounds how long the caller's event loop waits. */
  readonly turnEvents: number;
  /** Turns being written while the next is prepared. */
  readonly turnsInFlight: number;
  /** Log kept for one attempt, in bytes; what comes after is dropped, and a last line says so. */
  readonly logBytesPerAttempt: number;
  /** Finished tasks older than this are deleted, in ms. */
  readonly retainMs: number;
  /** Of the finished tasks, at most this many of the newest are kept. */
  readonly retainTasks: number;
  /** How often retention and requests from outside are looked at, in ms. */
  readonly retainEveryMs: number;
  readonly requestEveryMs: number;
  /** A slot whose attempt was told to stop and has not ended is given up after this long, in ms. */
  readonly stopGraceMs: number;
}

export const DEFAULT_LIMITS: EngineLimits = {
  payloadBytes: 1024 * 1024,
  liveTasks: 10_000_000,
  submitTasks: 1_000_000,
  inputCacheBytes: 64 * 1024 * 1024,
  turnEvents: 500,
  turnsInFlight: 3,
  logBytesPerAttempt: 256 * 1024,
  retainMs: 30 * 24 * 3600 * 1000,
  retainTasks: 1_000_000,
  retainEveryMs: 60_000,
  requestEveryMs: 250,
  stopGraceMs: 30_000,
};
