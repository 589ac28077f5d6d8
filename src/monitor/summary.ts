/**
 * The summary of a run: what `--json` prints, what the report shows, what findings are drawn from. Names are snake_case
 * because this is the wire form. Durations are ms; anything that was not measured is null, never NaN and never a false zero.
 */

/** How a measure was spread over the tasks; quantiles are within 1 % of the exact ones. */
export interface Spread {
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

export interface TaskCounts {
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly expired: number;
  readonly shed: number;
  readonly skipped: number;
}

export interface TypeSummary {
  readonly type: string;
  readonly tasks: TaskCounts;
  readonly attempts: number;
  readonly wait_ms: Spread;
  readonly service_ms: Spread;
  /** Time that its attempts held slots, failed ones included. */
  readonly busy_ms: number;
  readonly cpu_ms: number | null;
  readonly cost_total: number | null;
}

export interface SlowTask {
  readonly task_id: string;
  readonly name: string | null;
  readonly type: string;
  readonly state: string;
  readonly agent: string | null;
  readonly service_ms: number;
  readonly wait_ms: number | null;
  readonly attempts: number;
}

export interface RunSummary {
  readonly tasks: TaskCounts;
  /** Attempts started, and those of them that repeated a task. */
  readonly attempts: number;
  readonly retries: number;
  /** From the start of the run to the completion of its last task. */
  readonly makespan_ms: number | null;
  /** Tasks that ran to an end, well or badly, for each second of the makespan. */
  readonly throughput_per_s: number | null;
  /** Tasks that succeeded, and in time if they had a due date. */
  readonly goodput_per_s: number | null;
  /** Tasks that ended, well or badly, after their due date. */
  readonly late: number;
  /** Tasks whose due date was reported to be at risk; null where it was not watched. */
  readonly at_risk: number | null;
  /** Release to start. */
  readonly wait_ms: Spread;
  /** Start to completion, pauses excluded. */
  readonly service_ms: Spread;
  /** Assignment to completion. */
  readonly latency_ms: Spread;
  /** First release to completion. */
  readonly sojourn_ms: Spread;
  /** Share of the slots' time in which an attempt was on them. */
  readonly utilization: number | null;
  /** Share of the cores' time that tasks computed, where their agents could tell. */
  readonly cpu_utilization: number | null;
  readonly cpu_ms: number | null;
  readonly peak_memory_bytes: number | null;
  /** Tasks that succeeded, of all that settled. */
  readonly success_ratio: number | null;
  readonly cost_total: number | null;
  readonly cost_per_completed_task: number | null;
  /** Service along the longest chain of dependencies: no number of agents makes the run shorter. */
  readonly critical_path_ms: number | null;
  /** Tasks taken over finished from an earlier run. */
  readonly resumed: number;
  /** The most slot time first. */
  readonly by_type: readonly TypeSummary[];
  /** Up to ten, the longest service first. */
  readonly slowest: readonly SlowTask[];
}
