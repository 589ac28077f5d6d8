// A quick look at what `bench/theory.ts` shows at length: exact means of queueing theory against the production core on virtual time,
// one small queue for each policy. The seeds are fixed, so the figures are the same each time; a policy that orders
// otherwise, or a driver that loses time, falls out of the interval.
import assert from "node:assert/strict";
import { test } from "node:test";
import { compareRow } from "../../bench/lib/theory-run.ts";
import { rowsOf, type ExactValues } from "../../bench/lib/theory-rows.ts";

/** From the formulas of Pollaczek and Khinchine, Schrage and Miller, Cobham, and Erlang; times in mean services. */
const values: ExactValues = {
  mg1: {
    "exp rho=0.7": { FCFS: 3.333333, PS: 3.333333, SRPT: 1.874567, PSJF: 2.08387, SJF: 2.312197, FB_LAS: 3.333333 },
    "det rho=0.7": { FCFS: 2.166667, PS: 3.333333 },
    "h2 rho=0.5": { FB_LAS: 1.715292 },
  },
  mmk: [{ k: 2, rho: 0.5, erlangC: 0.3333333, meanWait: 0.3333333, meanResponse: 1.333333 }],
  priority: { "M/M/1 2 classes 50/50 rho=0.5": { nonpreemptive: { T1: 1.666667, T2: 2.333333 }, preemptiveResume: { T1: 1.333333, T2: 2.666667 } } },
  powerOfD: [{ d: 2, lambda: 0.7, meanResponse_N_inf: 1.614454 }],
};
const SEEDS = 6;
const TASKS = 5_000;
/** Wider than this, and the row would show nothing. */
const WIDEST_SHARE = 0.25;

for (const row of rowsOf(values, TASKS)) {
  test(row.name, () => {
    const { exact, mean, half_width_99: half } = compareRow(row, SEEDS, TASKS);
    assert.ok(half < WIDEST_SHARE * exact, `± ${half} is too wide for ${exact}`);
    assert.ok(Math.abs(mean - exact) <= half, `${mean} ± ${half}, exactly ${exact}`);
  });
}
