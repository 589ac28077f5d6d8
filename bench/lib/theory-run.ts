/** Simulates a row of the exact values over seeds and compares. All parts of a row have the same arrivals and services for a seed. */
import { intervalOf } from "../../src/sim/results/over-seeds.ts";
import type { Row } from "./theory-rows.ts";
import { runScenario, type Measured, type Scenario } from "./theory-scenario.ts";

/** Times in mean services. */
export interface RowResult {
  readonly name: string;
  readonly exact: number;
  readonly mean: number;
  readonly half_width_99: number;
  readonly is_inside: boolean;
  readonly seeds: number;
  /** Measured, of each seed. */
  readonly tasks: number;
  /** The simulations that were combined, each with its own mean. */
  readonly parts: readonly { readonly label: string; readonly weight: number; readonly mean: number; readonly half_width_99: number }[];
  readonly events: number;
  readonly note?: string;
}

/** Seeds of one queue lie this close together, those of another elsewhere. */
const SEEDS_A_QUEUE = 1_000;
/** What was measured of a queue: the rows that share one follow each other. */
const runs = new WeakMap<Scenario, readonly Measured[]>();

/** `seedsBefore`: leave out so many seeds, to repeat a row with others. */
export function compareRow({ name, queue, exact, parts, of, note }: Row, seeds: number, tasks: number, seedsBefore = 0): RowResult {
  const combined = new Array<number>(seeds).fill(0);
  let events = 0;
  const single = parts.map(({ label, weight, scenario }) => {
    const measured = runs.get(scenario) ?? combined.map((_, index) => runScenario(scenario, tasks, firstSeed(queue) + seedsBefore + index));
    runs.set(scenario, measured);
    for (const one of measured) events += one.events;
    const means = measured.map(of);
    means.forEach((mean, index) => (combined[index]! += weight * mean));
    return { label, weight, ...intervalOf(means) };
  });
  const interval = intervalOf(combined);
  const isInside = Math.abs(interval.mean - exact) <= interval.half_width_99;
  return { name, exact, ...interval, is_inside: isInside, seeds, tasks, parts: single, events, ...(note !== undefined && { note }) };
}

/** By the name of the queue (hash FNV-1a), so that rows that come or go leave the others as they were. */
function firstSeed(queue: string): number {
  let hash = 0x811c9dc5;
  for (const character of queue) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return ((hash >>> 0) % 1_000_000) * SEEDS_A_QUEUE;
}
