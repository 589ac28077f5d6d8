/** Step: whatever was due at this instant or before happens, in the order in which it was due. */
import type { Due } from "../timers.ts";
import { watchDue } from "../foresight/risk.ts";
import type { World } from "../world.ts";
import { agentSilent } from "./agents.ts";
import { endStray } from "./attempts.ts";
import { enqueue } from "./release.ts";
import { timeOut } from "./reports.ts";
import { drawConsequences, settle } from "./settle.ts";

export function passTime(world: World): void {
  for (let due = world.timers.takeDue(world.now); due !== undefined; due = world.timers.takeDue(world.now)) {
    fire(world, due);
    drawConsequences(world);
  }
}

function fire(world: World, due: Due): void {
  switch (due.kind) {
    case "release":
      due.task.extra!.releaseTimer = undefined;
      enqueue(world, due.task);
      break;
    case "deadline":
      due.task.extra!.deadlineTimer = undefined;
      settle(world, due.task, "expired", "deadline");
      break;
    case "due":
      watchDue(world, due.task);
      break;
    case "timeout":
      timeOut(world, due.attempt);
      break;
    case "slice":
      due.attempt.sliceTimer = undefined;
      world.slicesOver.push(due.attempt);
      break;
    case "grace":
      endStray(world, due.attempt, undefined);
      break;
    case "room":
      world.limits.timeCame(due.limit);
      break;
    case "silence":
      agentSilent(world, due.agent);
      break;
  }
}
