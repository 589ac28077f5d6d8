/** Words and colours for tasks in lists. */
import { errorText, serviceMsOf, type TaskRow, type TaskState } from "../app/inspect.ts";
import { formatDuration } from "../monitor/format.ts";
import { PRIORITIES } from "../protocol/priority.ts";
import type { Style } from "./view/columns.ts";

export function stateStyle(state: string): Style | undefined {
  const styles: Readonly<Partial<Record<TaskState | "timeout" | "lost", Style>>> = {
    running: "cyan", parked: "cyan", succeeded: "green", failed: "red", expired: "red", timeout: "red", lost: "red",
    cancelled: "yellow", shed: "yellow", skipped: "yellow", scheduled: "dim", blocked: "dim",
  };
  return styles[state as TaskState];
}

/** How long it ran, or has been running; empty when it has not started. */
export function tookWords(task: TaskRow, now: number): string {
  if (task.state === "running") return formatDuration(Math.max(0, now - task.assignedAt));
  const serviceMs = serviceMsOf(task);
  return serviceMs === undefined ? "" : formatDuration(serviceMs);
}

/** The last thing that happened to it, or the next if that is known. */
export function eventAt(task: TaskRow): number {
  if (task.finishedAt > 0) return task.finishedAt;
  if (task.state === "scheduled" && task.releaseAt !== null) return task.releaseAt;
  return task.state === "running" ? task.assignedAt : task.createdAt;
}

/** Why it did not succeed, shortly. */
export function noteWords(task: TaskRow): string {
  if (task.state === "succeeded") return "";
  return errorText(task) ?? task.reason ?? "";
}

/** `high (2)`, or the number where it has no name. */
export function priorityWords(priority: number): string {
  const named = Object.entries(PRIORITIES).find(([, number]) => number === priority);
  return named === undefined ? String(priority) : `${named[0]} (${priority})`;
}
