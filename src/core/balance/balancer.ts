/**
 * A balancer picks the agent for a task that was chosen to start. It may keep state of its own (a cursor), which belongs to
 * the scheduler's state and follows from the events alone.
 */
import type { Agent } from "../agent.ts";
import type { Attempt } from "../attempt.ts";
import type { Instant, Task } from "../task.ts";

/** What balancers may know besides the agents. */
export interface BalanceContext {
  readonly now: Instant;
  /** Expected service of a task that starts on an agent, in ms, its speed counted. */
  serviceMs(task: Task, agent: Agent): number;
  /** When a running attempt is likely to end; never before `now`. */
  endsAt(attempt: Attempt): Instant;
  /** The next random number in [0, 1); follows from the seed and the number of draws. */
  random(): number;
}

export interface Balancer {
  /** As it was chosen, with its options. */
  readonly name: string;
  /**
   * How many tasks that are to wait may be passed over in one dispatch, so that those behind them can take agents which they
   * leave free. Absent for balancers that never let a task wait while an able agent is free.
   */
  readonly lookAhead?: number;
  /** Called before the first pick of a dispatch, by balancers that plan ahead. */
  begin?(context: BalanceContext): void;
  /**
   * @param agents all agents that can do the task's type, in order of their ids; some may have no free slot
   * @returns one that has a free slot; `wait` when the task is better off waiting for one that is busy; undefined when none is free
   */
  pick(agents: readonly Agent[], task: Task, context: BalanceContext): Agent | "wait" | undefined;
}
