/**
 * Who does what: gives the tasks of each class to its slots, in order of their starts. A class never runs more tasks at a time than it
 * has slots, so a slot is always free (interval graphs are perfect; Gupta, Lee and Leung 1979).
 */
import { assert } from "../../core/assert.ts";
import type { PlanAgent } from "./problem.ts";
import type { Work } from "./work.ts";

export interface Slot {
  readonly agent: number;
  readonly slot: number;
}

/** By index of the task; undefined for tasks without duration. `order` lists the tasks by start. */
export function assignSlots(
  work: Work,
  agents: readonly PlanAgent[],
  order: readonly number[],
  schedule: { readonly starts: Float64Array; readonly finishes: Float64Array; readonly classes: Int32Array },
): readonly (Slot | undefined)[] {
  const slots = work.fleet.map(({ agents: members }) =>
    members.flatMap((agent) => Array.from({ length: agents[agent]!.slots }, (_, slot) => ({ agent, slot, freeAt: 0 }))),
  );
  const taken: (Slot | undefined)[] = Array.from({ length: work.size });
  for (const task of order) {
    if (work.network.durations[task] === 0) continue;
    const start = schedule.starts[task]!;
    // The one that was freed last, so that work stays together and idle agents stay idle.
    let best: (typeof slots)[number][number] | undefined;
    for (const slot of slots[schedule.classes[task]!]!) {
      if (slot.freeAt <= start && (best === undefined || slot.freeAt > best.freeAt)) best = slot;
    }
    assert(best !== undefined, "a class runs no more tasks at a time than it has slots");
    best.freeAt = schedule.finishes[task]!;
    taken[task] = { agent: best.agent, slot: best.slot };
  }
  return taken;
}
