// The scheduler under random lives: whatever happens, in whatever order, the checker finds nothing, everything ends once the faults
// stop, and the same life lived twice says the same to the byte.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CoreRun, STEP_KINDS, type Step } from "../support/core-run.ts";

const step: fc.Arbitrary<Step> = fc.record({ kind: fc.constantFrom(...STEP_KINDS), pick: fc.nat() });
const life = fc.array(step, { minLength: 1, maxLength: 400, size: "max" });

test("no random life breaks an invariant, and everything ends when the faults stop", () => {
  fc.assert(
    fc.property(fc.nat(), fc.boolean(), life, (seed, crowd, steps) => {
      const run = new CoreRun(seed, crowd);
      run.play(steps);
      run.settleAll();
    }),
    { numRuns: 300 },
  );
});

test("the same life twice gives the same replies, commands and changes", () => {
  fc.assert(
    fc.property(fc.nat(), fc.boolean(), life, (seed, crowd, steps) => {
      const [one, other] = [new CoreRun(seed, crowd), new CoreRun(seed, crowd)];
      for (const run of [one, other]) {
        run.play(steps);
        run.settleAll();
      }
      assert.deepEqual(other.journal, one.journal);
    }),
    { numRuns: 50 },
  );
});
