/**
 * Time as the engine sees it. Injected, so that the fault tests run the whole engine on virtual time; nothing else in the
 * engine may ask what time it is, set a timer or put work off.
 */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since 1970-01-01 UTC; may step, even backwards. */
  now(): number;
  /** Calls `run` once after `delayMs` (0 or more). A live clock's timers do not keep the process alive on their own if `unref`. */
  after(delayMs: number, run: () => void, unref?: boolean): Timer;
  /** Calls `run` soon, after what is under way: before any timer, or, if `polite`, after timers and I/O that are due. */
  soon(run: () => void, polite?: boolean): void;
}

const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run, unref = false) {
    const timer = setTimeout(run, Math.min(Math.max(0, delayMs), LONGEST_DELAY_MS));
    if (unref) timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
  soon(run, polite = false) {
    if (polite) setImmediate(run);
    else queueMicrotask(run);
  },
};
