/** What is first in the way of a queued task, in the order in which the dispatcher meets it (`step/dispatch.ts`). Only reads. */
import type { Agent } from "../agent.ts";
import type { Instant, Task, TaskId } from "../task.ts";
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
  const limit = world.limits.lacking(task);
  const { extra } = task;
  // With room for itself it waits aside for a better one that has none.
  const found = limit?.name ?? (extra?.waitsAt === undefined ? undefined : (extra.uses?.[0]?.limit ?? `key:${extra.limitKey}`));
  if (found === undefined) return undefined;
  const isKey = found === `key:${extra?.limitKey}`;
  const name = isKey ? extra!.limitKey! : found;
  const holds = (other: Task): boolean => (isKey ? other.extra?.limitKey === name : (other.extra?.uses ?? []).some((use) => use.limit === name));
  const { used, units, nextRoomAt } = limitNamed(world, found);
  const endsAt = nextEnd(world, world.fleet.all(), holds);
  const nextFreeAt = endsAt === undefined || nextRoomAt === undefined ? (endsAt ?? nextRoomAt) : Math.min(endsAt, nextRoomAt);
  return { kind: "limit", name, used, units, holders: holdersOf(world, holds), nextFreeAt };
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
