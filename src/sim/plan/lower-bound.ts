/**
 * A length that no schedule can beat. The longest chain in the fastest classes; and for every resource and for the slots of all agents
 * together: work that can only begin after a time h and must be followed by a time q takes at least h + work / capacity + q (the
 * energetic reasoning of Carlier 1982 and Baptiste, Le Pape and Nuijten 1999, at the heads and tails of the tasks).
 */
import type { PlanProblem } from "./problem.ts";
import type { Work } from "./work.ts";

/** Heads that are tried; with more, evenly spread ones. Any choice gives a true bound. */
const HEADS_TRIED = 200;

export function lowerBoundOf(problem: PlanProblem, work: Work): number {
  const { network, size } = work;
  const byTail = Array.from({ length: size }, (_, task) => task).sort((a, b) => network.tails[b]! - network.tails[a]!);
  const energies = problem.capacities.map((capacity, resource) =>
    problem.tasks.map(({ uses }, task) => ((uses[resource] ?? 0) === 0 ? 0 : (network.durations[task]! * uses[resource]!) / capacity)),
  );
  if (problem.agents !== undefined) energies.push(slotEnergies(work));
  const bound = Math.max(network.criticalPath, ...energies.map((energy) => energeticBound(work, byTail, energy)));
  const isWhole = work.durations.every((duration) => duration === Infinity || Number.isInteger(duration));
  // Sums of fractions are off by a little; a bound that is not one would be worse than one that is a little low.
  return isWhole ? Math.max(0, Math.ceil(bound - 1e-6)) : bound * (1 - 1e-12);
}

/** Time of each task on its fastest class, as a part of what all agents together can do in that time. */
function slotEnergies({ size, classes, fleet, durations, network }: Work): number[] {
  let rate = 0;
  for (let kind = 0; kind < classes; kind++) {
    let best = 0;
    for (let task = 0; task < size; task++) {
      const duration = durations[task * classes + kind]!;
      if (duration > 0) best = Math.max(best, network.durations[task]! / duration);
    }
    rate += fleet[kind]!.slots * best;
  }
  return Array.from(network.durations, (duration) => (rate === 0 ? 0 : duration / rate));
}

function energeticBound({ network }: Work, byTail: readonly number[], energy: readonly number[]): number {
  const heads = [...new Set(network.heads)].sort((a, b) => a - b);
  const step = Math.max(1, heads.length / HEADS_TRIED);
  let bound = 0;
  for (let index = 0; index < heads.length; index += step) {
    const head = heads[Math.floor(index)]!;
    let sum = 0;
    for (const task of byTail) {
      if (network.heads[task]! < head || energy[task] === 0) continue;
      sum += energy[task]!;
      bound = Math.max(bound, head + sum + network.tails[task]!);
    }
  }
  return bound;
}
