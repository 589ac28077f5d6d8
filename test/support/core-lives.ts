// Random lives for property tests. A failing one is reported with the seed and path that make it again, and cut down: steps are left
// out, by halves at first, while it fails in the same way (Zeller and Hildebrandt 2002). fast-check's own shrinking would
// play such long lives for many minutes and look like a hang; this plays a bounded number of them.
import fc from "fast-check";
import { STEP_KINDS, type Step } from "./core-run.ts";

export type Life = readonly [seed: number, crowd: boolean, steps: readonly Step[]];

/** Throws what is wrong with a life. */
export type Live = (...life: Life) => void;

const MOST_PLAYS = 400;

const step: fc.Arbitrary<Step> = fc.record({ kind: fc.constantFrom(...STEP_KINDS), pick: fc.nat() });

/** Plays lives of up to so many steps. `again` are the seed and path of a report, to play that life alone. */
export function assertLives(live: Live, { numRuns, mostSteps, again }: { readonly numRuns: number; readonly mostSteps: number; readonly again?: { readonly seed: number; readonly path: string } }): void {
  const steps = fc.array(step, { minLength: 1, maxLength: mostSteps, size: "max" });
  fc.assert(fc.property(fc.nat(), fc.boolean(), steps, live), {
    numRuns,
    ...again,
    endOnFailure: true,
    reporter: ({ failed, counterexample, counterexamplePath, seed, errorInstance }) => {
      if (!failed) return;
      if (counterexample === null) throw new Error("lives fail, and none is shown", { cause: errorInstance });
      const short = cutDown(live, counterexample);
      const made = `seed ${seed}, path "${counterexamplePath}", ${counterexample[2].length} steps, cut down to ${short[2].length}`;
      throw new Error(`a life fails: ${failureOf(live, short)}\n${made}:\n${JSON.stringify(short)}`, { cause: errorInstance });
    },
  });
}

/** A shorter life that fails in the same way, found by at most so many plays. */
export function cutDown(live: Live, [seed, crowd, all]: Life, mostPlays = MOST_PLAYS): Life {
  const way = wayOf(failureOf(live, [seed, crowd, all]));
  let steps = all;
  let plays = 0;
  for (let length = steps.length >> 1; length >= 1 && plays < mostPlays; ) {
    const before = steps;
    for (let from = steps.length - length; from >= 0 && plays < mostPlays; from -= length) {
      const fewer = [...steps.slice(0, from), ...steps.slice(from + length)];
      plays += 1;
      if (wayOf(failureOf(live, [seed, crowd, fewer])) === way) steps = fewer;
    }
    // Single steps again and again, as long as it helps.
    if (length > 1 || steps === before) length >>= 1;
  }
  return [seed, crowd, steps];
}

function failureOf(live: Live, life: Life): string | undefined {
  try {
    live(...life);
    return undefined;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0];
  }
}

/** Which task or instant it is makes no difference. */
function wayOf(failure: string | undefined): string | undefined {
  return failure?.replaceAll(/\d+(\.\d+)?/g, "0");
}
