/**
 * Why a task is where it is, in one sentence, from what its file says: what it waits for and what would make it go on, or how
 * it ended. Only what is in the rows; which slot comes free next is known to the running engine alone.
 */
import { formatDuration } from "../../monitor/format.ts";
import { formatTaskId } from "../../protocol/ids.ts";
import type { TaskRow } from "../../store/rows.ts";

export interface Surroundings {
  readonly now: number;
  /** An engine has the file open. */
  readonly isOwned: boolean;
  /** The tasks that it needs. */
  readonly needs: readonly TaskRow[];
  readonly children: readonly TaskRow[];
  readonly agentName: string | undefined;
  /** Its queue, or every queue, is paused. */
  readonly isPaused: boolean;
  /** Running tasks with the same limit key. */
  readonly holders: readonly TaskRow[];
}

const NO_ENGINE = "No engine has the file open: start the run again to go on";

export function explain(task: TaskRow, around: Surroundings): string {
  switch (task.state) {
    case "scheduled":
      return waiting(scheduled(task, around), around);
    case "blocked":
      return waiting(`It needs ${list(around.needs.filter((need) => !isSettled(need)))}`, around);
    case "queued":
      return waiting(queued(task, around), around);
    case "running":
      return waiting(`It has been running for ${formatDuration(Math.max(0, around.now - task.assignedAt))}${on(around)}`, around);
    case "parked":
      return parked(task, around);
    case "succeeded":
      return task.attempt > 1 ? `It succeeded at attempt ${task.attempt}` : "It succeeded at the first attempt";
    case "failed":
      return `It failed for good ${attempts(task)}: ${errorText(task) ?? task.reason ?? "no error was kept"}`;
    case "cancelled":
      return `It was cancelled${task.attempt === 0 ? " before it started" : ""}${because(task)}`;
    case "expired":
      return `Its deadline passed ${task.attempt === 0 ? "before it started" : attempts(task)}`;
    case "shed":
      return `It was refused under load${because(task)}`;
    case "skipped":
      return `It never ran: it needs ${list(around.needs.filter((need) => need.state !== "succeeded" && isSettled(need)))}`;
  }
}

/** `code: message` of the error that is kept with a task, or undefined. */
export function errorText(task: Pick<TaskRow, "error">): string | undefined {
  return messageOf(task.error);
}

/** `code: message` of an error's JSON, or undefined when there is none. */
export function messageOf(error: string | null | undefined): string | undefined {
  const { code, message } = errorParts(error);
  return code === undefined ? message : message === undefined ? code : `${code}: ${message}`;
}

export interface ErrorParts {
  readonly code: string | undefined;
  readonly message: string | undefined;
  /** Whatever else the error says (a stack, an exit code, …). */
  readonly more: Readonly<Record<string, unknown>>;
}

/** An error's JSON taken apart; what is not an error's JSON is a message. */
export function errorParts(error: string | null | undefined): ErrorParts {
  if (error === null || error === undefined) return { code: undefined, message: undefined, more: {} };
  try {
    const value: unknown = JSON.parse(error);
    if (typeof value !== "object" || value === null) return { code: undefined, message: String(value), more: {} };
    const { code, message, ...more } = value as Readonly<Record<string, unknown>>;
    return { code: typeof code === "string" ? code : undefined, message: typeof message === "string" ? message : undefined, more };
  } catch {
    return { code: undefined, message: error, more: {} };
  }
}

function scheduled(task: TaskRow, { now }: Surroundings): string {
  const when = task.releaseAt === null || task.releaseAt <= now ? "now" : `in ${formatDuration(task.releaseAt - now)}`;
  return task.failures + task.losses > 0 ? `Attempt ${task.attempt} failed; it is tried again ${when}` : `It is released ${when}`;
}

function queued(task: TaskRow, { isPaused, holders }: Surroundings): string {
  if (isPaused) return `Its queue ${JSON.stringify(task.spec.queue)} is paused`;
  const limit = task.limitOfKey ?? 1;
  if (task.limitKey !== null && holders.length >= limit) {
    return `At most ${limit} of the tasks with limit key ${JSON.stringify(task.limitKey)} run at once: now ${list(holders)}`;
  }
  return `It waits for a free slot of an agent that does ${JSON.stringify(task.spec.type)}`;
}

function parked(task: TaskRow, { children }: Surroundings): string {
  if (task.parkedFor === "answer") return "It waits for an answer from outside";
  const open = children.filter((child) => !isSettled(child));
  return open.length === 0 ? "It waits for its children" : `It waits for its children ${list(open)}`;
}

function waiting(why: string, { isOwned }: Surroundings): string {
  return isOwned ? why : `${why}. ${NO_ENGINE}`;
}

function on({ agentName }: Surroundings): string {
  return agentName === undefined ? "" : ` on ${agentName}`;
}

function attempts({ attempt }: TaskRow): string {
  return `after ${attempt} ${attempt === 1 ? "attempt" : "attempts"}`;
}

function because({ reason }: TaskRow): string {
  return reason === null ? "" : ` (${reason})`;
}

const SHOWN = 3;

function list(tasks: readonly TaskRow[]): string {
  if (tasks.length === 0) return "other tasks";
  const names = tasks.slice(0, SHOWN).map((task) => `${formatTaskId(task.id)}${task.name === null ? "" : ` ${task.name}`} (${task.state})`);
  return tasks.length > SHOWN ? `${names.join(", ")} and ${tasks.length - SHOWN} more` : names.join(", ");
}

function isSettled({ finishedAt }: TaskRow): boolean {
  return finishedAt > 0;
}
