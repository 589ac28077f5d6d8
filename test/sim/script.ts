/** What an attempt will do, drawn from the seed, its task and its number alone, so that a replay does the same. */
import type { Random } from "./random.ts";
import { strikes, type World } from "./world.ts";

export type Ending =
  | { readonly kind: "succeed"; readonly oversized: boolean }
  | { readonly kind: "fail"; readonly retryable: boolean; readonly retryAfterMs: number | undefined }
  | { readonly kind: "park"; readonly until: "children" | "answer"; readonly checkpoint: boolean }
  | { readonly kind: "release" }
  | { readonly kind: "hang" };

export interface Script {
  readonly serviceMs: number;
  /** Checkpoints on the way to the end. */
  readonly checkpoints: number;
  readonly children: number;
  readonly logLines: number;
  readonly ending: Ending;
  /** Asked to stop, it goes on as if nothing had been said. */
  readonly ignoresStop: boolean;
}

/** What a task brings to its attempts. */
export interface Work {
  /** How deep its children may nest. */
  readonly depth: number;
  readonly mayPark: boolean;
  readonly mayBeOversized: boolean;
}

export function drawScript(world: World, random: Random, work: Work, isWoken: boolean): Script {
  const { swarm } = world;
  const hangs = strikes(world, random, "attempt-hangs", swarm.hang);
  const ignoresStop = strikes(world, random, "attempt-ignores-stop", swarm.ignoreStop);
  const children = work.depth > 0 && random.chance(0.5) ? random.between(1, 3) : 0;
  return {
    serviceMs: random.delayMs(swarm.serviceMs),
    checkpoints: random.chance(0.3) ? random.between(1, 2) : 0,
    children: isWoken ? 0 : children,
    logLines: random.chance(0.2) ? random.between(1, 3) : 0,
    ending: hangs ? { kind: "hang" } : drawEnding(world, random, work, isWoken, children),
    ignoresStop,
  };
}

function drawEnding(world: World, random: Random, work: Work, isWoken: boolean, children: number): Ending {
  if (!isWoken && children > 0 && random.chance(0.8)) return { kind: "park", until: "children", checkpoint: random.chance(0.5) };
  if (work.mayPark && random.chance(isWoken ? 0.15 : 0.6)) return { kind: "park", until: "answer", checkpoint: random.chance(0.5) };
  if (random.chance(world.swarm.failAttempt)) {
    return { kind: "fail", retryable: !random.chance(0.15), retryAfterMs: random.chance(0.2) ? random.between(0, 3_000) : undefined };
  }
  if (random.chance(0.03)) return { kind: "release" };
  return { kind: "succeed", oversized: work.mayBeOversized && random.chance(0.3) };
}
