/**
 * What a simulation found, as the JSON object that `makespan simulate --json` prints. Times in ms of virtual time; null where
 * nothing was measured. Percentiles are within 0.8 % of the exact ones; means, counts and maxima are exact.
 */

export interface Spread {
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** Figures of a group of tasks. Spreads are over those that completed. */
export interface GroupResult {
  /** Tasks that were measured: all but those of the warm-up. */
  readonly tasks: number;
  readonly completed: number;
  readonly failed: number;
  readonly expired: number;
  /** Skipped, cancelled or shed. */
  readonly dropped: number;
  /** First release to completion. */
  readonly sojourn_ms: Spread;
  /** First release to the start of the first attempt. */
  readonly wait_ms: Spread;
  /** The time that a task's attempts held agents, repeated work included. */
  readonly service_ms: Spread;
  /** Sojourn by the service at speed 1. */
  readonly slowdown: Spread;
  /** Tasks that ended after their due date, or did not complete although they had one. */
  readonly deadline_misses: number;
  readonly tasks_with_due_date: number;
  /** How long after the due date, 0 for those in time. */
  readonly tardiness_ms: Spread;
  readonly throughput_per_s: number | null;
  readonly cost: number;
  readonly cost_per_completed_task: number | null;
}

export interface AgentResult extends GroupResult {
  readonly name: string;
  /** Share of its time up in which it worked, of all it can work on at once. */
  readonly utilization: number | null;
  readonly busy_ms: number;
  readonly up_ms: number;
}

export interface NamedGroupResult extends GroupResult {
  readonly name: string;
}

/** Sessions as wholes: a session is all tasks of one name. */
export interface SessionsResult {
  readonly sessions: number;
  readonly tasks_per_session: Spread;
  /** Release of its first task to completion of its last. */
  readonly duration_ms: Spread;
  /** Sum of its tasks' sojourns by the sum of their services at speed 1. */
  readonly slowdown: Spread;
  /** Tasks of sessions beyond those that are kept apart. */
  readonly tasks_not_kept_apart: number;
}

export interface SimulationResult extends GroupResult {
  /** Events that the core processed: submissions, reports of agents, joins and leaves, and turns for its own timers. */
  readonly events: number;
  /** By the wall clock; null where nobody measured it. */
  readonly events_per_s: number | null;
  /** Over every start: task, agent, instant. */
  readonly decisions_hash: string;
  readonly starts: number;
  /** First arrival to last end, the warm-up included. */
  readonly makespan_ms: number;
  /** Working time by the time that agents were up, over all that they can work on at once. */
  readonly utilization: number | null;
  /** Tasks in the system, on average over the measured time. */
  readonly in_system_mean: number | null;
  readonly in_system_max: number;
  /** Jain's index over the tenants' mean slowdowns; over the tasks' slowdowns where there are no tenants. */
  readonly fairness_jain: number | null;
  readonly fairness_over: "tenants" | "tasks";
  readonly preemptions: number;
  /** Attempts after failures. */
  readonly retries: number;
  /** Attempts lost with their agents. */
  readonly losses: number;
  readonly warm_up_tasks: number;
  readonly policy: string;
  readonly balancer: string;
  readonly seed: number;
  readonly by_class: readonly NamedGroupResult[];
  readonly by_tenant: readonly NamedGroupResult[];
  readonly by_agent: readonly AgentResult[];
  readonly sessions: SessionsResult | null;
}
