/** The tasks, agents and names that a seed works with. */
import type { AgentSpec } from "../../src/core/agent.ts";
import type { Need } from "../../src/core/event.ts";
import type { TaskId } from "../../src/core/task.ts";
import type { SpecSettings, SubmitTask } from "../../src/engine/types.ts";
import { Random } from "./random.ts";
import type { Work } from "./script.ts";
import type { World } from "./world.ts";

export const TYPES = ["copy", "think", "wait"] as const;
export const QUEUES = ["left", "right"] as const;
const VARIANTS = 2;

/** The limit is part of the key's name, so that every task agrees on it. */
export function unitsOf(limitKey: string): number {
  return Number(limitKey.slice(limitKey.indexOf("x") + 1));
}

const LIMIT_KEYS = ["ax1", "bx2", "cx3"] as const;

/** Drawn from the seed alone: a definition stays the same over restarts. */
export function specOf(world: World, type: string, variant: number): SpecSettings {
  const random = new Random(world.seed).fork(`spec ${type}`, variant % VARIANTS);
  return {
    type,
    queue: random.pick(QUEUES),
    priority: random.between(1, 4),
    retry: {
      limit: random.between(0, 4),
      backoff: random.pick(["fixed", "exponential"]),
      delayMs: random.pick([0, 50, 1_000]),
      maxDelayMs: 20_000,
      jitter: random.pick([0, 0.5, 1]),
      lossLimit: random.pick([1, 5, 10]),
    },
    ...(random.chance(0.75) && { timeoutMs: random.pick([100, 2_000, 20_000]) }),
    onDependencyFailure: random.pick(["skip", "skip", "continue", "fail"]),
  };
}

export function agentSpecs(world: World): AgentSpec[] {
  const random = new Random(world.seed).fork("agents");
  return Array.from({ length: random.between(1, 4) }, (_, index): AgentSpec => ({
    name: `agent ${index}`,
    kind: "function",
    // The first one does everything, so that there is somebody for every task.
    types: index === 0 ? TYPES : TYPES.filter(() => random.chance(0.6)),
    slots: random.between(1, 4),
    costPerHour: random.pick([0, 3.6]),
    ...(world.faulty && world.swarm.silentAgents && random.chance(0.7) && { heartbeatTimeoutMs: random.between(1, 20) * 1_000 }),
  }));
}

/** A task with random settings; nothing of it depends on other tasks. */
export function drawTask(world: World, random: Random): SubmitTask {
  const now = world.time.wall;
  const releaseAt = random.chance(0.15) ? now + random.between(-1_000, 20_000) : undefined;
  const work: Work = { depth: random.chance(0.15) ? random.between(1, 2) : 0, mayPark: random.chance(0.1), mayBeOversized: random.chance(0.05) };
  const limitKey = random.chance(0.3) ? random.pick(LIMIT_KEYS) : undefined;
  return {
    spec: specOf(world, random.pick(TYPES), random.int(VARIANTS)),
    input: JSON.stringify({ ...work, salt: random.int(1_000_000) }),
    ...(random.chance(0.3) && { name: `name ${random.int(100)}` }),
    ...(limitKey !== undefined && { limitKey, limitOfKey: unitsOf(limitKey) }),
    ...(releaseAt !== undefined && { releaseAt }),
    ...(random.chance(0.2) && { dueAt: now + random.between(100, 60_000) }),
    ...(random.chance(0.12) && { deadlineAt: now + random.between(-100, 60_000) }),
    ...(random.chance(0.2) && { estimateMs: random.between(1, 5_000) }),
  };
}

/** Tasks that need each other: a chain, a diamond, a fan-in, or anything without a circle. */
export function drawFlow(world: World, random: Random, key: string, existing: readonly TaskId[]): SubmitTask[] {
  const size = random.between(2, 8);
  const shape = random.pick(["chain", "diamond", "fan-in", "any"] as const);
  return Array.from({ length: size }, (_, index): SubmitTask => {
    const needs: Need[] = needsOf(random, shape, index, size).map((needed) => ({ kind: "new", index: needed }));
    if (existing.length > 0 && random.chance(0.1)) needs.push({ kind: "task", id: random.pick(existing) });
    return { ...drawTask(world, random), key: `${key} ${index}`, ...(needs.length > 0 && { needs }) };
  });
}

function needsOf(random: Random, shape: "chain" | "diamond" | "fan-in" | "any", index: number, size: number): number[] {
  if (index === 0) return [];
  const all = Array.from({ length: index }, (_, before) => before);
  const isLast = index === size - 1;
  if (shape === "chain") return [index - 1];
  if (shape === "diamond") return isLast ? all.slice(Math.min(1, index - 1)) : [0];
  if (shape === "fan-in") return isLast ? all : [];
  return all.filter(() => random.chance(0.3));
}
