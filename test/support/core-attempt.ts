// An attempt as the scheduler makes it, for what is tried without a scheduler.
import type { Agent } from "../../src/core/agent.ts";
import { newAttempt, type Attempt } from "../../src/core/attempt.ts";
import type { Instant, Task } from "../../src/core/task.ts";

export function attemptOn(agent: Agent, task: Task, assignedAt: Instant = 0): Attempt {
  return newAttempt(task, agent, assignedAt, 1, undefined, undefined);
}
