/** The whole engine on virtual time, over a bounded number of seeds; `npm run faults` runs as many as one likes. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { REGRESSIONS } from "./regressions.ts";
import { runSeed } from "./simulation.ts";
import { FAULT_KINDS, noFaults } from "./swarm.ts";

const SEEDS = 200;
/** Apart from those of `npm run faults`, which begin at 1. */
const FIRST_SEED = 1_000_000;

describe("whole-engine simulation", () => {
  it(`keeps every promise over ${SEEDS} seeds with faults`, async (t) => {
    const hits = noFaults();
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      const { broken, hits: these, tail } = await runSeed({ seed });
      assert.deepEqual(broken, [], `npm run faults -- --seed ${seed}\n${tail}`);
      for (const kind of FAULT_KINDS) hits[kind] += these[kind];
    }
    const missed = FAULT_KINDS.filter((kind) => hits[kind] === 0);
    assert.deepEqual(missed, [], "every kind of fault was hit");
    t.diagnostic(`${FAULT_KINDS.length} kinds of faults, hit ${Object.values(hits).reduce((sum, count) => sum + count)} times`);
  });

  it("does the same twice for the same seed, to the byte", async () => {
    const hashes = new Set<string>();
    for (let seed = FIRST_SEED; seed < FIRST_SEED + 10; seed++) {
      const [first, second] = [await runSeed({ seed }), await runSeed({ seed })];
      assert.equal(first.hash, second.hash, `seed ${seed}`);
      hashes.add(first.hash);
    }
    assert.equal(hashes.size, 10, "different seeds do different things");
  });

  for (const { seed, bug } of REGRESSIONS) {
    it(`seed ${seed}: ${bug}`, async () => {
      const { broken, tail } = await runSeed({ seed });
      assert.deepEqual(broken, [], tail);
    });
  }
});
