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
import { codeOf, FIRST_FINAL } from "./state-counts.ts";
import { TASK_STATES, type Task, type TaskState } from "./task.ts";
import { watchDue } from "./foresight/risk.ts";
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

/** By the code of a state: the codes of those that it may change to, as bits. */
const ALLOWED = TASK_STATES.map((from) => TRANSITIONS[from].reduce((bits, to) => bits | (1 << codeOf(to)), 0));

/** Puts a task in another state, counts it there, and marks it changed. */
export function moveTask(world: World, task: Task, to: TaskState): void {
  const from = task.state;
  const fromCode = codeOf(from);
  const toCode = codeOf(to);
  // The sentence is built only when it is needed: this is called several times a task.
  if ((ALLOWED[fromCode]! & (1 << toCode)) === 0) assert(false, `task ${task.id} may not go from ${from} to ${to}`);
  // Final tasks are counted by those who keep them; the core counts what lives.
  if (fromCode < FIRST_FINAL) world.counts.add(fromCode, -1);
  if (toCode < FIRST_FINAL) world.counts.add(toCode, 1);
  task.state = to;
  world.turn.change(task);
  if (task.extra !== undefined && (task.extra.dueAt !== undefined || task.extra.deadlineAt !== undefined)) watchDue(world, task);
}
