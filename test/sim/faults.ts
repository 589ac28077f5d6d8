/**
 * `npm run faults -- --seeds N`: runs the whole-engine simulation over many seeds and says how many an hour that is, how often
 * each kind of fault was hit, and of every seed that breaks a rule how to see it again. Exit code 1 if one does, if a kind of
 * fault was never hit in 1000 seeds or more, or if a seed that is run twice does not do the same twice.
 */
import { parseArgs } from "node:util";
import { FAULT_KINDS, noFaults, type FaultKind } from "./swarm.ts";
import { runSeed, type RunResult } from "./simulation.ts";

const HELP = `npm run faults -- [options]

  --seeds N          how many seeds (default 1000; 1 with --seed)
  --seed S           the first seed (default 1)
  --time-limit-s T   stop after T seconds
  --double-check R   share of the seeds that are run twice and compared (default 0.01)
  --log N            lines of the log shown of a seed that fails, or of a single one (default 60)
  --json             print one object at the end and nothing else
`;

/** So many seeds must have hit every kind of fault. */
const SEEDS_FOR_ALL_KINDS = 1_000;
const PROGRESS_EVERY_MS = 5_000;
const FAILURES_SHOWN = 5;

interface Failure {
  readonly seed: number;
  readonly broken: readonly string[];
  readonly replay: string;
}

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    seed: { type: "string" },
    "time-limit-s": { type: "string" },
    "double-check": { type: "string" },
    log: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
process.exitCode = await main();

async function main(): Promise<number> {
  const first = numberOf("seed", 1);
  const count = numberOf("seeds", values.seed === undefined ? 1_000 : 1);
  const timeLimitMs = numberOf("time-limit-s", Infinity) * 1_000;
  const doubleCheck = numberOf("double-check", 0.01);
  const keepLines = numberOf("log", 60);
  const say = (text: string): void => void (values.json || process.stdout.write(`${text}\n`));

  const hits = noFaults();
  const failures: Failure[] = [];
  let [seeds, checkedTwice, events, executions, virtualMs] = [0, 0, 0, 0, 0];
  const startedAt = performance.now();
  let saidAt = startedAt;
  for (let seed = first; seed < first + count && performance.now() - startedAt < timeLimitMs; seed++) {
    const result = await runSeed({ seed, keepLines });
    seeds += 1;
    events += result.events;
    executions += result.executions;
    virtualMs += result.virtualMs;
    for (const kind of FAULT_KINDS) hits[kind] += result.hits[kind];
    const broken = [...result.broken];
    // Spread evenly, and a single seed is always checked.
    if (count === 1 || Math.floor(seeds * doubleCheck) > checkedTwice) {
      checkedTwice += 1;
      const again = await runSeed({ seed, keepLines });
      if (again.hash !== result.hash) broken.push(`the seed does not do the same twice: ${result.hash.slice(0, 16)} and ${again.hash.slice(0, 16)}`);
    }
    if (count === 1) say(describe(result));
    if (broken.length > 0) {
      failures.push({ seed, broken, replay: replayOf(seed) });
      if (count > 1 && failures.length <= FAILURES_SHOWN) say(`\n${result.tail}seed ${seed}: ${broken[0]}\n  again: ${replayOf(seed)}`);
    }
    if (performance.now() - saidAt > PROGRESS_EVERY_MS) {
      saidAt = performance.now();
      say(`${seeds} of ${count} seeds, ${failures.length} failed, ${rate(seeds, saidAt - startedAt)} seeds an hour`);
    }
  }

  const elapsedMs = performance.now() - startedAt;
  const neverHit: FaultKind[] = seeds >= SEEDS_FOR_ALL_KINDS ? FAULT_KINDS.filter((kind) => hits[kind] === 0) : [];
  const report = {
    first_seed: first,
    seeds,
    failed: failures.length,
    seeds_per_hour: rate(seeds, elapsedMs),
    elapsed_s: Math.round(elapsedMs / 1_000),
    virtual_hours: Math.round(virtualMs / 3_600_000),
    events,
    executions,
    checked_twice: checkedTwice,
    faults: hits,
    never_hit: neverHit,
    failures: failures.slice(0, 100),
  };
  if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else if (count > 1) say(summary(report));
  return failures.length > 0 || neverHit.length > 0 ? 1 : 0;
}

function summary(report: { readonly seeds: number; readonly failed: number; readonly seeds_per_hour: number; readonly checked_twice: number; readonly virtual_hours: number; readonly events: number; readonly executions: number; readonly faults: Readonly<Record<string, number>>; readonly never_hit: readonly string[]; readonly failures: readonly Failure[] }): string {
  const faults = Object.entries(report.faults).map(([kind, count]) => `  ${kind.padEnd(24)}${count}`);
  return [
    "",
    ...faults,
    "",
    ...report.failures.map(({ seed, broken }) => `seed ${seed}: ${broken[0]}`),
    ...report.never_hit.map((kind) => `never hit: ${kind}`),
    `${report.seeds} seeds (${report.seeds_per_hour} an hour), ${report.failed} failed, ${report.checked_twice} run twice with the same log`,
    `${report.events} events, ${report.executions} attempts, ${report.virtual_hours} hours of virtual time`,
  ].join("\n");
}

function describe({ seed, broken, hash, tail, events, executions, virtualMs }: RunResult): string {
  const verdict = broken.length === 0 ? "good" : `broken: ${broken.join("\n  ")}`;
  return `${tail}seed ${seed}: ${events} events, ${executions} attempts, ${Math.round(virtualMs / 1_000)} s of virtual time, log ${hash}\n${verdict}`;
}

function replayOf(seed: number): string {
  return `npm run faults -- --seed ${seed} --log 1000`;
}

function rate(seeds: number, elapsedMs: number): number {
  return Math.round((seeds * 3_600_000) / elapsedMs);
}

function numberOf(name: "seed" | "seeds" | "time-limit-s" | "double-check" | "log", otherwise: number): number {
  const text = values[name];
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) {
    process.stderr.write(`--${name} wants a number, not "${text}".\n`);
    process.exit(2);
  }
  return value;
}
