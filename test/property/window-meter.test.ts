// The sliding window with more entries than are kept exactly: it never counts less than what an exact account does, never more than
// that of a window 1/512 longer, and its memory does not grow with what went through.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { WindowMeter, type WindowEntry } from "../../src/core/limits/window-meter.ts";

const PER_MS = 20_480;
const SLACK_MS = PER_MS / 512;

test("a coalesced window is never too early and at most 1/512 too late", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(12), fc.integer({ min: 1, max: 9 }), fc.nat(9), fc.nat(40)), { minLength: 3_000, maxLength: 3_000 }), (steps) => {
      const meter = new WindowMeter(PER_MS, "start");
      const running: { readonly entry: WindowEntry | undefined; readonly amount: number; readonly used: number; readonly use: { at: number; units: number } ; readonly endsAt: number }[] = [];
      const uses: { at: number; units: number }[] = [];
      let now = 0;
      for (const [pause, amount, less, lasts] of steps) {
        now += pause;
        for (const one of running.filter(({ endsAt }) => endsAt <= now)) {
          meter.settle(one.entry, one.amount, one.used, now);
          one.use.units = one.used;
          running.splice(running.indexOf(one), 1);
        }
        const use = { at: now, units: amount };
        running.push({ entry: meter.reserve(amount, now), amount, used: Math.max(0, amount - less), use, endsAt: now + lasts });
        uses.push(use);
        const exact = (perMs: number): number => uses.reduce((sum, { at, units }) => (at > now - perMs ? sum + units : sum), 0);
        const taken = meter.taken(now);
        assert.ok(taken >= exact(PER_MS) && taken <= exact(PER_MS + SLACK_MS), `${exact(PER_MS)} ≤ ${taken} ≤ ${exact(PER_MS + SLACK_MS)}`);
        const room = meter.roomAt(1, now, (micros) => (micros <= taken ? now : Infinity));
        assert.ok(room > now);
      }
      const usage = meter.usage(now);
      assert.ok(usage.kind === "window" && usage.entries.length <= 65);
      const again = new WindowMeter(PER_MS, "start");
      again.load(usage, now);
      assert.ok(again.taken(now) >= meter.taken(now), "nothing is forgotten over a restart");
    }),
    { numRuns: 10 },
  );
});
