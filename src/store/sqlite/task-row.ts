/**
 * Reads a row of the table `task` back: the columns to ask for, and the task made of them. Rows travel between threads as one
 * flat array of values; a row object with thirty-six names each would cost three times as much to send.
 */
import { assert } from "../../core/assert.ts";
import { TASK_STATES, type Spec, type TaskId } from "../../core/task.ts";
import type { TaskRow } from "../rows.ts";
import { unpackPayload } from "./payload.ts";
import { PARK_REASONS } from "./schema.ts";

const COLUMNS = [
  "task.id", "state", "spec_id", "attempt", "coalesce(failures, 0)", "coalesce(losses, 0)", "agent_id", "flow_id", "parent_id",
  "created_at", "first_ready_at", "ready_at", "release_at", "due_at", "deadline_at", "assigned_at", "started_at", "finished_at",
  "estimate_ms", "coalesce(served_ms, 0)", "coalesce(cpu_ms, 0)", "coalesce(peak_memory_bytes, 0)", "coalesce(cost, 0)",
  "parked_for", "coalesce(answered, 0)", "limit_of_key",
  "name", "key", "limit_key", "needs", "reason", "checkpoint IS NOT NULL", "input IS NOT NULL",
] as const;

/** What follows SELECT for a task without its payloads; two NULLs stand in for them. */
export const TASK_COLUMNS = `${COLUMNS.join(", ")}, NULL, NULL`;
/** The same with error and result. */
export const TASK_COLUMNS_WITH_OUTCOME = `${COLUMNS.join(", ")}, result, error`;
/** Where they come from. */
export const TASK_TABLES = "task LEFT JOIN task_extra ON task_extra.id = task.id";
/** Values of one row. */
export const TASK_WIDTH = COLUMNS.length + 2;

/** The task whose values begin at `at`. Its input is not among them and comes as an empty text. */
export function toTaskRow(values: readonly unknown[], at: number, specs: ReadonlyMap<number, Spec>): TaskRow {
  let next = at;
  const number = () => values[next++] as number;
  const numberOrNull = () => values[next++] as number | null;
  const textOrNull = () => values[next++] as string | null;
  const id: TaskId = number();
  const state = TASK_STATES[number()];
  const specId = number();
  const spec = specs.get(specId);
  assert(state !== undefined && spec !== undefined, `task ${id} has a state and a spec that are known`);
  return {
    id, state, specId, spec,
    attempt: number(), failures: number(), losses: number(),
    agentId: numberOrNull(), flowId: numberOrNull(), parentId: numberOrNull(),
    createdAt: number(), firstReadyAt: number(), readyAt: number(),
    releaseAt: numberOrNull(), dueAt: numberOrNull(), deadlineAt: numberOrNull(),
    assignedAt: number(), startedAt: number(), finishedAt: number(),
    estimateMs: numberOrNull(), servedMs: number(), cpuMs: number(), peakMemoryBytes: number(), cost: number(),
    parkedFor: PARK_REASONS[(numberOrNull() ?? 0) - 1] ?? null,
    answered: number() === 1,
    limitOfKey: numberOrNull(),
    name: textOrNull(), key: textOrNull(), limitKey: textOrNull(), needs: toNeeds(textOrNull()), reason: textOrNull(),
    hasCheckpoint: number() === 1, hasInput: number() === 1,
    result: unpackPayload(values[next]) ?? undefined, error: unpackPayload(values[next + 1]) ?? undefined,
    checkpoint: undefined, answer: undefined, input: "",
  };
}

function toNeeds(text: string | null): readonly TaskId[] | null {
  return text === null ? null : (JSON.parse(text) as TaskId[]);
}
