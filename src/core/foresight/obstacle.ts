/** What is first in the way of a queued task, in the order in which the dispatcher meets it (`step/dispatch.ts`). Only reads. */
import type { Agent } from "../agent.ts";
import type { Instant, Task, TaskId, Use } from "../task.ts";
import type { World } from "../world.ts";
import { placeOf } from "./place.ts";

export type Obstacle =
  /** The engine starts nothing more. */
  | { readonly kind: "draining" }
  | { readonly kind: "paused"; readonly queue: string; /** All queues are. */ readonly all: boolean }
  | { readonly kind: "no-agent"; readonly type: string }
  /** The agents that do its type are leaving. */
  | { readonly kind: "agents-draining"; readonly type: string; readonly agents: number }
  | { readonly kind: "agents-full"; readonly type: string; readonly slots: number; /** When the next slot is expected to be free. */ readonly nextFreeAt: Instant | undefined }
  | { readonly kind: "type-limit"; readonly type: string; readonly used: number; readonly units: number; readonly nextFreeAt: Instant | undefined }
  | {
      readonly kind: "limit";
      /** Its limit key. */
      readonly name: string;
      readonly used: number;
      readonly units: number;
      /** Running tasks that hold it, at most `HOLDERS_SHOWN`. */
      readonly holders: readonly TaskId[];
      readonly nextFreeAt: Instant | undefined;
    }
  /** A declared limit has no room for it, or for a better one that waits there. */
  | {
      readonly kind: "resource";
      readonly name: string;
      /** What the task uses of it. */
      readonly amount: number;
      readonly used: number;
      readonly units: number;
      /** The limit is smaller than what the task uses: it waits until the limit is raised. */
      readonly isTooSmall: boolean;
      /** Running tasks that hold some of it, at most `HOLDERS_SHOWN`. */
      readonly holders: readonly TaskId[];
      /** When the next of those is expected to end, or some of it comes free by itself. */
      readonly nextFreeAt: Instant | undefined;
    }
  /** Fair share gives the next start to another tenant. */
  | { readonly kind: "tenant"; readonly tenant: string; readonly next: string }
  /** Others rank before it. */
  | { readonly kind: "behind" }
  /** An able agent is free, and the balancer has it wait for a better one. */
  | { readonly kind: "better-agent"; readonly balancer: string }
  /** Nothing: it starts in the next turn. */
  | { readonly kind: "none" };

const HOLDERS_SHOWN = 3;

export function obstacleOf(world: World, task: Task): Obstacle {
  return stoppedBy(world, task) ?? agentsBy(world, task) ?? limitBy(world, task) ?? orderBy(world, task);
}

function stoppedBy(world: World, { spec }: Task): Obstacle | undefined {
  if (world.draining) return { kind: "draining" };
  if (world.queues.get(spec.queue)?.paused ?? world.allPaused) return { kind: "paused", queue: spec.queue, all: world.allPaused };
  return undefined;
}

function agentsBy(world: World, { spec: { type } }: Task): Obstacle | undefined {
  const able = world.fleet.able(type);
  if (able.length === 0) return { kind: "no-agent", type };
  const staying = able.filter((agent) => !agent.draining);
  if (staying.length === 0) return { kind: "agents-draining", type, agents: able.length };
  if (world.fleet.hasFreeSlot(type)) return undefined;
  return { kind: "agents-full", type, slots: staying.reduce((sum, { spec }) => sum + spec.slots, 0), nextFreeAt: nextEnd(world, staying, () => true) };
}

function limitBy(world: World, task: Task): Obstacle | undefined {
  const { type } = task.spec;
  if (world.limits.isTypeUsedUp(type)) {
    const { used, units } = limitNamed(world, `type:${type}`);
    return { kind: "type-limit", type, used, units, nextFreeAt: nextEnd(world, world.fleet.all(), (other) => other.spec.type === type) };
  }
  const lane = world.queues.get(task.spec.queue)?.laneIfAny(task);
  const gate = lane === undefined ? undefined : world.limits.obstacleOf(task, lane);
  if (gate === undefined) return undefined;
  const use = task.extra?.uses?.find(({ limit }) => limit === gate.name);
  if (use !== undefined) return resourceBy(world, use);
  const name = task.extra!.limitKey!;
  const holds = (other: Task): boolean => other.extra?.limitKey === name;
  const { used, units } = limitNamed(world, `key:${name}`);
  return { kind: "limit", name, used, units, holders: holdersOf(world, holds), nextFreeAt: nextEnd(world, world.fleet.all(), holds) };
}

function resourceBy(world: World, { limit: name, amount }: Use): Obstacle {
  const state = world.limits.named(name)!.state(world.now)!;
  const holds = (other: Task): boolean => other.extra?.uses?.some(({ limit }) => limit === name) === true;
  const nextEndAt = nextEnd(world, world.fleet.all(), holds);
  const nextFreeAt = state.nextRoomAt === undefined ? nextEndAt : Math.min(state.nextRoomAt, nextEndAt ?? Infinity);
  return { kind: "resource", name, amount, used: state.used, units: state.units, isTooSmall: amount > state.declaredUnits, holders: holdersOf(world, holds), nextFreeAt };
}

function orderBy(world: World, task: Task): Obstacle {
  const queue = world.queues.get(task.spec.queue);
  const next = queue?.fairShare?.next(queue.groups.values(), new Set())?.tenant;
  const tenant = task.extra?.tenant ?? "";
  if (next !== undefined && next !== tenant) return { kind: "tenant", tenant, next };
  if (placeOf(world, task).ahead > 0) return { kind: "behind" };
  const { balancer } = world.fleet;
  return balancer.lookAhead === undefined ? { kind: "none" } : { kind: "better-agent", balancer: balancer.name };
}

function limitNamed(world: World, name: string): { readonly used: number; readonly units: number; readonly nextRoomAt: Instant | undefined } {
  return world.limits.list().find((limit) => limit.name === name) ?? { used: 0, units: 0, nextRoomAt: undefined };
}

function holdersOf(world: World, holds: (task: Task) => boolean): readonly TaskId[] {
  const ids: TaskId[] = [];
  for (const agent of world.fleet.all()) for (const { task } of agent.attempts) if (holds(task) && ids.length < HOLDERS_SHOWN) ids.push(task.id);
  return ids;
}

/** The first expected end among the attempts of agents; undefined without any. */
function nextEnd(world: World, agents: Iterable<Agent>, counts: (task: Task) => boolean): Instant | undefined {
  let first: Instant | undefined;
  for (const agent of agents) {
    for (const attempt of agent.attempts) {
      if (counts(attempt.task)) first = Math.min(first ?? Infinity, world.endsAt(attempt));
    }
  }
  return first;
}
