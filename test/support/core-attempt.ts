// An attempt as the scheduler makes it, for what is tried without a scheduler.
import type { Agent } from "../../src/core/agent.ts";
import type { Attempt } from "../../src/core/attempt.ts";
import type { Instant, Task } from "../../src/core/task.ts";

export function attemptOn(agent: Agent, task: Task, assignedAt: Instant = 0): Attempt {
  const nothingElse = { timer: undefined, sliceTimer: undefined, lane: undefined, heapIndex: -1, bagIndex: -1, expectedMs: undefined, charged: undefined, reserved: undefined, stopping: undefined, askedAt: 0 };
  return { task, number: 1, agent, assignedAt, turn: 1, ...nothingElse };
}
