/** Room in the limits during a rehearsal: what is free now, less what starts, plus what ends. The limits themselves are only read. */
import type { LimitCopy } from "../limits/limit-copy.ts";
import { crowdNameOf, lineNameOf } from "../limits/lines.ts";
import { microsOf } from "../limits/micros.ts";
import type { WindowEntry } from "../limits/window-meter.ts";
import type { Instant, Task } from "../task.ts";
import type { World } from "../world.ts";

interface Room {
  readonly units: number;
  used: number;
}

/** Where a task waits for room, and when there will be some if nothing ends before; Infinity where only ends give it back. */
export interface Gate {
  readonly name: string;
  readonly roomAt: Instant;
}

export class Rooms {
  /** Of types and keys. */
  readonly #byName = new Map<string, Room>();
  readonly #named = new Map<string, LimitCopy>();
  /** What tasks that start in the rehearsal take of windows. */
  readonly #entries = new Map<Task, readonly (WindowEntry | undefined)[]>();

  constructor(world: World) {
    for (const { name, used, units } of world.limits.list()) this.#byName.set(name, { used, units });
    for (const name of world.limits.names()) {
      const copy = world.limits.named(name)?.copy(world.now);
      if (copy !== undefined) this.#named.set(name, copy);
    }
  }

  /** There are limits that tasks use by amounts. */
  get hasNamed(): boolean {
    return this.#named.size > 0;
  }

  isTypeUsedUp(type: string): boolean {
    return this.#isUsedUp(this.#byName.get(`type:${type}`));
  }

  /** Where a task has to wait now; undefined when it may start. */
  gateOf(task: Task, now: Instant): Gate | undefined {
    const { extra } = task;
    if (extra === undefined || (extra.limitKey === undefined && extra.uses === undefined)) return undefined;
    const name = lineNameOf(extra.limitKey, crowdNameOf(task));
    if (extra.limitKey !== undefined && this.#isUsedUp(this.#byName.get(`key:${extra.limitKey}`))) return { name, roomAt: Infinity };
    for (const { limit, amount } of extra.uses ?? []) {
      const copy = this.#named.get(limit);
      if (copy !== undefined && !copy.hasRoom(microsOf(amount), now)) return { name, roomAt: copy.roomAt(microsOf(amount), now) };
    }
    return undefined;
  }

  take(task: Task, now: Instant): void {
    this.#add(task, 1);
    const uses = task.extra?.uses;
    if (uses !== undefined) this.#entries.set(task, uses.map(({ limit, amount }) => this.#named.get(limit)?.take(microsOf(amount), now)));
  }

  giveBack(task: Task, now: Instant): void {
    this.#add(task, -1);
    const entries = this.#entries.get(task);
    this.#entries.delete(task);
    task.extra?.uses?.forEach(({ limit, amount }, index) => this.#named.get(limit)?.giveBack(entries?.[index], microsOf(amount), now, entries === undefined));
  }

  #add(task: Task, count: number): void {
    const key = task.extra?.limitKey;
    const type = this.#byName.get(`type:${task.spec.type}`);
    if (type !== undefined) type.used += count;
    if (key === undefined) return;
    const room = this.#byName.get(`key:${key}`);
    if (room !== undefined) room.used += count;
    // A key that only a task on trial names.
    else if (count > 0) this.#byName.set(`key:${key}`, { units: task.extra?.limitOfKey ?? 1, used: count });
  }

  #isUsedUp(room: Room | undefined): boolean {
    return room !== undefined && room.used >= room.units;
  }
}
