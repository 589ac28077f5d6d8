/**
 * The only place where a task's state changes, and the table that says which changes exist.
 *
 *   submit ─▶ blocked ─▶ scheduled ─▶ queued ─▶ running ─▶ succeeded
 *                │  └──────────────────▲  ▲        │ ├────▶ failed · cancelled · expired
 *                │                     │  └────────┤ └────▶ parked ─▶ queued
 *                ▼                     │  lost,    │ backs off
 *             skipped                  │  handed   ▼
 *                                      │  back  scheduled
 *   every live state ─▶ cancelled, expired; every final state but succeeded ─▶ blocked (redrive)
 */
import { assert } from "./assert.ts";
import { isFinal, type Task, type TaskState } from "./task.ts";
import type { World } from "./world.ts";

const GIVEN_UP = ["cancelled", "expired"] as const;

export const TRANSITIONS: Readonly<Record<TaskState, readonly TaskState[]>> = {
  blocked: ["scheduled", "queued", "skipped", "shed", ...GIVEN_UP],
  scheduled: ["queued", "shed", ...GIVEN_UP],
  queued: ["running", "shed", ...GIVEN_UP],
  running: ["succeeded", "failed", "parked", "queued", "scheduled", ...GIVEN_UP],
  parked: ["queued", "failed", ...GIVEN_UP],
  succeeded: [],
  failed: ["blocked"],
  cancelled: ["blocked"],
  expired: ["blocked"],
  shed: ["blocked"],
  skipped: ["blocked"],
};

const ALLOWED: ReadonlyMap<TaskState, ReadonlySet<TaskState>> = new Map(
  (Object.keys(TRANSITIONS) as TaskState[]).map((from) => [from, new Set(TRANSITIONS[from])]),
);

/** Puts a task in another state, counts it there, and marks it changed. */
export function moveTask(world: World, task: Task, to: TaskState): void {
  assert(ALLOWED.get(task.state)!.has(to), `task ${task.id} may not go from ${task.state} to ${to}`);
  // Final tasks are counted by those who keep them; the core counts what lives.
  if (!isFinal(task.state)) world.counts[task.state] -= 1;
  if (!isFinal(to)) world.counts[to] += 1;
  task.state = to;
  world.turn.change(task);
}
