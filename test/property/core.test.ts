// The scheduler under random lives: whatever happens, in whatever order, the checker finds nothing, everything ends once the faults
// stop, and the same life lived twice says the same to the byte.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertLives, cutDown, type Live } from "../support/core-lives.ts";
import { CoreRun, type Step } from "../support/core-run.ts";

test("no random life breaks an invariant, and everything ends when the faults stop", () => {
  const live: Live = (seed, crowd, steps) => {
    const run = new CoreRun(seed, crowd);
    run.play(steps);
    run.settleAll();
  };
  assertLives(live, { numRuns: 300, mostSteps: 400 });
});

test("the same life twice gives the same replies, commands and changes", () => {
  const live: Live = (seed, crowd, steps) => {
    const [one, other] = [new CoreRun(seed, crowd), new CoreRun(seed, crowd)];
    for (const run of [one, other]) {
      run.play(steps);
      run.settleAll();
    }
    assert.deepEqual(other.journal, one.journal);
  };
  assertLives(live, { numRuns: 50, mostSteps: 400 });
});

test("a failing life is told with what makes it again, cut down to what it takes, in a bounded number of plays", () => {
  let plays = 0;
  const seeds: number[] = [];
  const fails: Live = (seed, _crowd, steps) => {
    plays += 1;
    seeds.push(seed);
    const kinds = steps.map(({ kind }) => kind);
    assert.ok(!(kinds.includes("cancel") && kinds.indexOf("redrive", kinds.indexOf("cancel")) !== -1), `redriven at step ${kinds.indexOf("redrive")}`);
  };
  const report = messageOf(() => assertLives(fails, { numRuns: 300, mostSteps: 400 }));
  const [, seed, path, life] = /seed (-?\d+), path "([\d:]+)", \d+ steps, cut down to 2:\n(.*)$/s.exec(report)!;
  assert.deepEqual((JSON.parse(life!) as [number, boolean, Step[]])[2].map(({ kind }) => kind), ["cancel", "redrive"]);
  const lastSeed = seeds.at(-1);
  const again = messageOf(() => assertLives(fails, { numRuns: 300, mostSteps: 400, again: { seed: Number(seed), path: path! } }));
  assert.deepEqual([again, seeds.at(-1)], [report, lastSeed], "the same life");

  plays = 0;
  const long = Array.from({ length: 4_000 }, (): Step => ({ kind: "cancel", pick: 0 }));
  cutDown(() => { plays += 1; throw new Error("always"); }, [1, false, long], 50);
  assert.ok(plays <= 51);
});

function messageOf(run: () => void): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return assert.fail("nothing was thrown");
}
