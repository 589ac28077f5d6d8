/**
 * When waiting tasks are expected to start and to end, by a rehearsal of what the scheduler would do (`rehearsal.ts`) and, beyond its
 * reach, by the pace that it had.
 *
 * How sure it is: durations are taken to vary as much as they are long (the exponential distribution), independently. A task that
 * starts after k services one after another on a slot then waits (1 ± 1/√k) times as long as expected, to one standard deviation; the
 * ninth decile is 1.28 of them up. What no forecast knows is left out: later submissions, failures, agents that come or go.
 */
import { speedOf } from "../agent.ts";
import type { Attempt } from "../attempt.ts";
import type { Instant, Task } from "../task.ts";
import type { World } from "../world.ts";
import { aheadOnTrial, placeOf } from "./place.ts";
import { Rehearsal, type RehearsedStart } from "./rehearsal.ts";

export interface Forecast {
  /** When it was made. */
  readonly madeAt: Instant;
  /** Expected start; of a task that runs, when it started. */
  readonly startAt: Instant;
  /** Expected end. */
  readonly finishAt: Instant;
  /** In nine cases of ten it starts and ends no later. */
  readonly startBy: Instant;
  readonly finishBy: Instant;
  /** Tasks that are expected to start before it. */
  readonly startsBefore: number;
  /** It waits behind more tasks than were rehearsed: told from their pace. */
  readonly extrapolated: boolean;
}

/** Starts rehearsed for a question that somebody asks. */
export const START_LIMIT = 10_000;
/** Starts × agents: each start looks at every agent of its type. */
const LOOKS = 2_000_000;
/** Standard deviations to the ninth decile of the normal distribution. */
const NINTH_DECILE = 1.2816;

/** Of those that can be told; a task that waits for something without an end in sight (a paused queue, an answer) has no forecast. */
export function forecastsOf(world: World, tasks: readonly Task[], startLimit: number = START_LIMIT, rehearsal: Rehearsal = new Rehearsal(world)): ReadonlyMap<Task, Forecast> {
  const forecasts = new Map<Task, Forecast>();
  const waiting = new Set<Task>();
  for (const task of tasks) {
    if (task.run !== undefined) forecasts.set(task, runningForecast(world, task.run));
    else waiting.add(task);
  }
  if (waiting.size === 0 || world.draining) return forecasts;
  const limit = limitFor(world, startLimit);
  const starts = rehearsal.play(waiting, limit);
  for (const task of waiting) {
    const start = starts.get(task) ?? (rehearsal.starts >= limit ? extrapolated(world, task, rehearsal) : undefined);
    if (start !== undefined) forecasts.set(task, forecast(world, task, start, !starts.has(task)));
  }
  return forecasts;
}

function runningForecast(world: World, run: Attempt): Forecast {
  const finishAt = world.endsAt(run);
  const base = { madeAt: world.now, startAt: run.assignedAt, startBy: run.assignedAt, startsBefore: 0, extrapolated: false };
  return { ...base, finishAt, finishBy: later(world.now, finishAt, 1) };
}

function forecast(world: World, task: Task, { startAt, finishAt, startsBefore }: RehearsedStart, isExtrapolated: boolean): Forecast {
  const slots = world.fleet.able(task.spec.type).reduce((sum, agent) => sum + agent.spec.slots, 0);
  const rounds = 1 + startsBefore / Math.max(1, slots);
  return {
    madeAt: world.now,
    startAt,
    finishAt,
    startBy: later(world.now, startAt, rounds),
    finishBy: later(world.now, finishAt, rounds + 1),
    startsBefore,
    extrapolated: isExtrapolated,
  };
}

function later(now: Instant, at: Instant, rounds: number): Instant {
  return at + ((at - now) * NINTH_DECILE) / Math.sqrt(rounds);
}

function limitFor(world: World, startLimit: number): number {
  let agents = 0;
  for (const _ of world.fleet.all()) agents += 1;
  return Math.min(startLimit, Math.max(100, Math.floor(LOOKS / Math.max(1, agents))));
}

/** Behind what was rehearsed: the rest of those before it at the pace of those that started beside it. */
function extrapolated(world: World, task: Task, rehearsal: Rehearsal): RehearsedStart | undefined {
  const starts = rehearsal.startsBeside(task);
  const passedMs = rehearsal.now - world.now;
  const fastest = fastestSpeed(world, task);
  const isOnTrial = world.tasks.get(task.id) !== task && task.extra?.needsOpen === 0;
  if (!(task.state === "queued" || isOnTrial) || starts === 0 || passedMs <= 0 || fastest === undefined) return undefined;
  const ahead = isOnTrial ? aheadOnTrial(world, task) : placeOf(world, task).ahead;
  const startAt = rehearsal.now + (Math.max(0, ahead - starts) * passedMs) / starts;
  return { startAt, finishAt: startAt + world.remainingMs(task) / fastest, startsBefore: Math.max(ahead, rehearsal.starts) };
}

/** Of the agents that do the task's type and take new work; undefined when there is none. */
export function fastestSpeed(world: World, task: Task): number | undefined {
  return speedBy(world, task, Math.max);
}

export function slowestSpeed(world: World, task: Task): number | undefined {
  return speedBy(world, task, Math.min);
}

function speedBy(world: World, { spec: { type } }: Task, choose: (one: number, other: number) => number): number | undefined {
  let speed: number | undefined;
  for (const agent of world.fleet.able(type)) {
    if (agent.draining) continue;
    const own = speedOf(agent, type);
    speed = speed === undefined ? own : choose(speed, own);
  }
  return speed;
}
