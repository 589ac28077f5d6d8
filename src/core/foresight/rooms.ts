/** Room in the limits during a rehearsal: what is free now, less what starts, plus what ends. The limits themselves are only read. */
import type { Task } from "../task.ts";
import type { World } from "../world.ts";

interface Room {
  readonly units: number;
  used: number;
}

export class Rooms {
  readonly #byName = new Map<string, Room>();

  constructor(world: World) {
    for (const { name, used, units } of world.limits.list()) this.#byName.set(name, { used, units });
  }

  isTypeUsedUp(type: string): boolean {
    return this.#isUsedUp(this.#byName.get(`type:${type}`));
  }

  /** The limit that keeps a task from starting now. */
  gateOf(task: Task): string | undefined {
    const key = task.extra?.limitKey;
    return key !== undefined && this.#isUsedUp(this.#byName.get(`key:${key}`)) ? key : undefined;
  }

  take(task: Task): void {
    this.#add(task, 1);
  }

  /** Returns the limit for which others may have room now. */
  giveBack(task: Task): string | undefined {
    this.#add(task, -1);
    return task.extra?.limitKey;
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
