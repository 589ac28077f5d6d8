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
  /** Expected service that is left of a task, in ms at speed 1; an agent takes this ÷ its speed (`speedOf`). */
  remainingMs(task: Task): number;
  /**
   * When a running attempt is likely to end; never before `now`. One that has overrun its estimate is expected to need as long
   * again as it has overrun, so that nobody waits for ever for an agent that hangs.
   */
  endsAt(attempt: Attempt): Instant;
  /** The next random number in [0, 1); follows from the seed and the number of draws. */
  random(): number;
}

/** Name of the balancer that is there until another is chosen. */
export const DEFAULT_BALANCER = "round-robin";

export interface Balancer {
  /** As it was chosen, with its options. */
  readonly name: string;
  /**
   * How many tasks that are to wait may be passed over in one dispatch, so that those behind them can take agents which they
   * leave free. Absent for balancers that never let a task wait while an able agent is free.
   */
  readonly lookAhead?: number;
  /**
   * When tasks that were told to wait in the last dispatch are to be looked at again, even if nothing happens until then:
   * what they wait for may hang. Undefined when nothing is to be reviewed.
   */
  readonly reviewAt?: Instant | undefined;
  /** Called before the first pick of a dispatch, by balancers that plan ahead. */
  begin?(context: BalanceContext): void;
  /**
   * @param agents all agents that can do the task's type, in order of their ids; some may have no free slot. The same array
   * until an agent joins or leaves, then another one.
   * @returns one that has a free slot; `wait` when the task is better off waiting for one that is busy; undefined when none is free
   */
  pick(agents: readonly Agent[], task: Task, context: BalanceContext): Agent | "wait" | undefined;
  /** An attempt has ended; it was assigned at `attempt.assignedAt` and started on its agent at `startedAt`. */
  observe?(attempt: Attempt, startedAt: Instant, now: Instant): void;
}
