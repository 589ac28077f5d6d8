/** Arrival processes of generated workloads: each gives the instant of the next arrival after the last. Times in seconds. */
import type { Distribution } from "../distributions.ts";
import type { Random } from "../random.ts";

export interface Arrivals {
  /** The next arrival after `nowS`. */
  next(nowS: number, random: Random): number;
}

/** Independent gaps: a Poisson process when they are exponential, bursty when their variation is large. */
export function renewal(gap: Distribution): Arrivals {
  return { next: (nowS, random) => nowS + gap.draw(random) };
}

/**
 * A Poisson process whose rate changes between two values at exponential times (a Markov-modulated Poisson process: Fischer and
 * Meier-Hellstern 1993): bursts, and quiet times between them.
 */
export function modulated(burst: { readonly rate: number; readonly meanS: number }, quiet: { readonly rate: number; readonly meanS: number }): Arrivals {
  let isBurst = false;
  let endsS = -1;
  return {
    next(nowS, random) {
      let atS = nowS;
      // A process without memory may be drawn anew whenever its rate changes.
      for (;;) {
        if (atS >= endsS) {
          isBurst = endsS < 0 ? random.next() < burst.meanS / (burst.meanS + quiet.meanS) : !isBurst;
          endsS = Math.max(0, endsS) + (isBurst ? burst : quiet).meanS * random.exponential();
          continue;
        }
        const { rate } = isBurst ? burst : quiet;
        const arrivalS = rate === 0 ? Infinity : atS + random.exponential() / rate;
        if (arrivalS < endsS) return arrivalS;
        atS = endsS;
      }
    },
  };
}

/**
 * A Poisson process whose rate swings as a sine about its mean: `1 + swing` times the mean at noon, `1 - swing` at midnight, where
 * it starts; `periodS` is the length of the day. Drawn by thinning (Lewis and Shedler 1979).
 */
export function diurnal(rate: number, swing: number, periodS: number): Arrivals {
  const highest = rate * (1 + swing);
  return {
    next(nowS, random) {
      for (let atS = nowS; ; ) {
        atS += random.exponential() / highest;
        const rateNow = rate * (1 - swing * Math.cos((2 * Math.PI * atS) / periodS));
        if (random.next() * highest < rateNow) return atS;
      }
    },
  };
}
