/**
 * How fast tasks finish lately: completions in a sliding window, kept in a ring of equal slices, so that a long run costs no
 * more memory than a short one.
 */
const SLICES = 20;

export interface Throughput {
  /** `count` tasks finished. */
  record(atMs: number, count?: number): void;
  /** Tasks a second over the window, or since the start if that is shorter; undefined when none finished in it. */
  perSecond(nowMs: number): number | undefined;
}

/** Times are ms of any clock that does not go back. The window is 15 s by default. */
export function createThroughput(startMs: number, windowMs = 15_000): Throughput {
  const sliceMs = windowMs / SLICES;
  const counts = new Float64Array(SLICES);
  let newest = Math.floor(startMs / sliceMs);
  const moveTo = (slice: number): void => {
    if (slice - newest >= SLICES) counts.fill(0);
    else for (let next = newest + 1; next <= slice; next++) counts[next % SLICES] = 0;
    newest = Math.max(newest, slice);
  };
  return {
    record(atMs, count = 1) {
      moveTo(Math.floor(atMs / sliceMs));
      counts[newest % SLICES] = (counts[newest % SLICES] ?? 0) + count;
    },
    perSecond(nowMs) {
      moveTo(Math.floor(nowMs / sliceMs));
      const total = counts.reduce((sum, count) => sum + count, 0);
      // The ring holds what is left of its newest slice and all of the others.
      const heldMs = Math.min(nowMs - startMs, nowMs - (newest - SLICES + 1) * sliceMs);
      return total === 0 || heldMs <= 0 ? undefined : (total * 1000) / heldMs;
    },
  };
}
