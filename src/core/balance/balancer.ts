/**
 * A balancer picks the agent for a task that was chosen to start. It may keep state of its own (a cursor), which belongs to
 * the scheduler's state and follows from the events alone.
 */
import type { Agent } from "../agent.ts";
import type { Task } from "../task.ts";

export interface Balancer {
  readonly name: string;
  /**
   * @param agents all agents that can do the task's type, in order of their ids; some may have no free slot
   * @returns one that has a free slot, or undefined to let the task wait
   */
  pick(agents: readonly Agent[], task: Task): Agent | undefined;
}
