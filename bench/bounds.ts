/**
 * What is promised of policies and limits, on random work through the real scheduler on virtual time: the worst case that was seen beside the
 * bound of docs/policies.md and docs/limits.md. Overtaking and waiting under every policy that ages, deviation from fair
 * share, use of limits, steps done twice after a preemption. Ends with code 1 if a bound is broken, or was never tried.
 *
 *     node bench/bounds.ts [--runs N] [--seed S] [--svg FILE] [--json]
 *
 * Every row has N runs (default 500), with seeds from S (default 1) on; the worst case comes with its seed.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { refuse } from "./lib/bench-args.ts";
import { isHeld } from "./lib/bound-gauge.ts";
import { agingBounds } from "./lib/bounds-aging.ts";
import { limitBounds } from "./lib/bounds-limits.ts";
import { boundsPicture, labelOf } from "./lib/bounds-picture.ts";
import { shareBounds } from "./lib/bounds-share.ts";
import { stepBound } from "./lib/bounds-steps.ts";

const { values } = parseArgs({
  options: { runs: { type: "string", default: "500" }, seed: { type: "string", default: "1" }, svg: { type: "string" }, json: { type: "boolean", default: false } },
});
const runs = wholeOf("runs");
const seed = wholeOf("seed");

const bounds = [...agingBounds(runs, seed), ...shareBounds(runs, seed), ...limitBounds(runs, seed), await stepBound(runs, seed)];
const broken = bounds.filter((bound) => !isHeld(bound));

if (values.svg !== undefined) writeFileSync(values.svg, boundsPicture(bounds));
if (values.json) console.log(JSON.stringify({ runs, seed, broken: broken.length, bounds }));
else {
  for (const bound of bounds) {
    const { name, share, cases, worst_seed: worstSeed } = bound;
    console.log(`${isHeld(bound) ? "held  " : "BROKEN"} ${name.padEnd(46)} ${(share === null ? "-" : share.toFixed(3)).padStart(6)}  ${labelOf(bound)} (${cases} cases, seed ${worstSeed})`);
  }
  console.log(`${bounds.length - broken.length} of ${bounds.length} bounds held in ${runs} runs each`);
}
process.exitCode = broken.length === 0 ? 0 : 1;

function wholeOf(option: "runs" | "seed"): number {
  const value = Number(values[option]);
  return Number.isSafeInteger(value) && value > 0 ? value : refuse(`--${option} takes a whole number over 0, got ${JSON.stringify(values[option])}`, "node bench/bounds.ts [--runs N] [--seed S] [--svg FILE] [--json]");
}
