/** What all parts of one simulated run share. */
import type { Checker } from "./checker.ts";
import type { EventLog } from "./event-log.ts";
import type { Random } from "./random.ts";
import type { FaultCounts, FaultKind, Swarm } from "./swarm.ts";
import type { VirtualTime } from "./virtual-clock.ts";

export interface World {
  readonly seed: number;
  readonly random: Random;
  readonly time: VirtualTime;
  readonly swarm: Swarm;
  readonly log: EventLog;
  readonly checker: Checker;
  readonly hits: FaultCounts;
  /** False in the second phase, in which everything must finish. */
  faulty: boolean;
  /** Checkpoints made so far; each carries its number. */
  checkpoints: number;
}

/** Whether a fault of this kind strikes now; counts and logs it. */
export function strikes(world: World, random: Random, kind: FaultKind, probability: number): boolean {
  if (!world.faulty || probability === 0 || !random.chance(probability)) return false;
  hit(world, kind);
  return true;
}

export function hit(world: World, kind: FaultKind): void {
  world.hits[kind] += 1;
  world.log.add(`fault ${kind}`);
}
