/**
 * The engine's time: that of its clock, but it never goes back. When the clock is set back, it goes on at half speed until the
 * clock has caught up (as adjtime(3) slews), so that time-outs, retries and releases come late by as much as has passed, and
 * not by as much as the clock was set back, and no task ends before it starts.
 */
import type { Clock } from "./clock.ts";

export function steadyClock(clock: Clock): Clock {
  let seen = clock.now();
  let steady = seen;
  return {
    now() {
      const now = clock.now();
      steady = Math.max(now, steady + Math.max(0, now - seen) / 2);
      seen = now;
      return Math.floor(steady);
    },
    after: (delayMs, run, unref) => clock.after(delayMs, run, unref),
    soon: (run, polite) => clock.soon(run, polite),
  };
}
