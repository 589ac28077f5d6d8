/** All attempts of a task: those that came to nothing have rows of their own, the one that succeeded or runs is in the task's. */
import type { AttemptRow, TaskRow } from "../../store/rows.ts";

/** As `AttemptRow`; the outcome may also be `succeeded`, or `running` with `endedAt` 0. */
export type AttemptView = Omit<AttemptRow, "taskId">;

/** Whether a task has attempts with rows of their own, so that asking for them is worth it. */
export function hasSpentAttempts(task: TaskRow): boolean {
  return task.attempt > (task.state === "succeeded" || task.state === "running" ? 1 : 0);
}

/** In the order in which they were started. `spent` are the rows of the attempt table. */
export function attemptsOf(task: TaskRow, spent: readonly AttemptRow[]): readonly AttemptView[] {
  const own = ownAttempt(task);
  return own === undefined ? spent : [...spent, own];
}

function ownAttempt(task: TaskRow): AttemptView | undefined {
  const { attempt, agentId, assignedAt, startedAt, finishedAt, cpuMs, peakMemoryBytes, cost } = task;
  if (agentId === null) return undefined;
  const base = { attempt, agentId, assignedAt, error: null };
  if (task.state === "running") return { ...base, startedAt: 0, endedAt: 0, outcome: "running", cpuMs: 0, peakMemoryBytes: 0, cost: 0 };
  if (task.state !== "succeeded") return undefined;
  return { ...base, startedAt, endedAt: finishedAt, outcome: "succeeded", cpuMs, peakMemoryBytes, cost };
}
