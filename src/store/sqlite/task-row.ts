/**
 * Reads tasks back: the columns to ask for, and the rows made of them. Tasks travel between threads as flat arrays of values,
 * those of `task` for all and those of `task_extra` only for tasks that have such a row. Reading a million waiting tasks takes
 * 2.7 s so; with all columns of both tables for each of them it took 6.5 s.
 */
import { assert } from "../../core/assert.ts";
import { TASK_STATES, type Spec, type TaskId, type Use } from "../../core/task.ts";
import type { TaskRow } from "../rows.ts";
import type { SqlValue } from "./database.ts";
import { unpackPayload } from "./payload.ts";
import { PARK_REASONS } from "./schema.ts";

const COLUMNS = [
  "task.id", "task_extra.id", "state", "spec_id", "attempt", "agent_id", "flow_id", "created_at", "first_ready_at", "ready_at", "assigned_at",
  "started_at", "finished_at", "name", "key", "reason", "input IS NOT NULL",
];
const EXTRA_COLUMNS = [
  "failures", "losses", "served_ms", "cpu_ms", "peak_memory_bytes", "cost", "release_at", "parked_for", "answered", "parent_id", "limit_of_key",
  "due_at", "deadline_at", "estimate_ms", "limit_key", "needs", "checkpoint IS NOT NULL", "tenant", "session", "weight", "size", "region", "uses",
];

/** Begins a statement that reads tasks, without payloads or with result and error; conditions follow. */
export const SELECT_TASK = `SELECT ${COLUMNS.join(", ")} FROM task LEFT JOIN task_extra ON task_extra.id = task.id`;
export const SELECT_TASK_WITH_OUTCOME = SELECT_TASK.replace(" FROM", ", result, error FROM");
export const SELECT_EXTRA = `SELECT ${EXTRA_COLUMNS.join(", ")} FROM task_extra WHERE id = ?`;

/** Tasks on their way between threads. */
export interface TaskValues {
  /** The values of one task after those of another. */
  readonly values: readonly SqlValue[];
  /** How many belong to a task. */
  readonly width: number;
  /** The same for the tasks whose second value is not null, in the same order. */
  readonly extras: readonly SqlValue[];
}

/** Puts the rows of SELECT_TASK together; `extraOf` answers SELECT_EXTRA. */
export function packTasks(rows: readonly (readonly SqlValue[])[], extraOf: (id: TaskId) => readonly SqlValue[]): TaskValues {
  const width = rows[0]?.length ?? 0;
  const values = new Array<SqlValue>(rows.length * width);
  const extras: SqlValue[] = [];
  let next = 0;
  for (const row of rows) {
    for (let column = 0; column < width; column++) values[next++] = row[column]!;
    if (row[1] !== null) extras.push(...extraOf(row[0] as TaskId));
  }
  return { values, width, extras };
}

export function toTaskRows({ values, width, extras }: TaskValues, specs: ReadonlyMap<number, Spec>): TaskRow[] {
  const rows: TaskRow[] = [];
  let extraAt = 0;
  for (let at = 0; at < values.length; at += width) {
    const hasExtra = values[at + 1] !== null;
    rows.push(toTaskRow(values, at, width, hasExtra ? extras : PLAIN, hasExtra ? extraAt : 0, specs));
    if (hasExtra) extraAt += EXTRA_COLUMNS.length;
  }
  return rows;
}

/** What a task without a row in `task_extra` has there. */
const PLAIN: readonly SqlValue[] = [0, 0, 0, 0, 0, 0, null, null, 0, null, null, null, null, null, null, null, 0, null, null, null, null, null, null];

/** Its input is not among the values and comes as an empty text. */
function toTaskRow(
  values: readonly SqlValue[], at: number, width: number, extras: readonly SqlValue[], extraAt: number, specs: ReadonlyMap<number, Spec>,
): TaskRow {
  const number = (column: number) => values[at + column] as number;
  const numberOrNull = (column: number) => values[at + column] as number | null;
  const textOrNull = (column: number) => values[at + column] as string | null;
  const extra = (column: number) => extras[extraAt + column] as number;
  const extraOrNull = (column: number) => extras[extraAt + column] as number | null;
  const extraTextOrNull = (column: number) => extras[extraAt + column] as string | null;
  const hasOutcome = width > COLUMNS.length;
  const id: TaskId = number(0);
  const state = TASK_STATES[number(2)];
  const spec = specs.get(number(3));
  assert(state !== undefined && spec !== undefined, `task ${id} has a state and a spec that are known`);
  return {
    id, state, specId: spec.id, spec,
    attempt: number(4), agentId: numberOrNull(5), flowId: numberOrNull(6),
    createdAt: number(7), firstReadyAt: number(8), readyAt: number(9), assignedAt: number(10), startedAt: number(11), finishedAt: number(12),
    name: textOrNull(13), key: textOrNull(14), reason: textOrNull(15), hasInput: number(16) === 1,
    failures: extra(0), losses: extra(1), servedMs: extra(2), cpuMs: extra(3), peakMemoryBytes: extra(4), cost: extra(5),
    releaseAt: extraOrNull(6), parkedFor: PARK_REASONS[(extraOrNull(7) ?? 0) - 1] ?? null, answered: extra(8) === 1,
    parentId: extraOrNull(9), limitOfKey: extraOrNull(10), dueAt: extraOrNull(11), deadlineAt: extraOrNull(12), estimateMs: extraOrNull(13),
    limitKey: extraTextOrNull(14), needs: fromJson(extraTextOrNull(15)) as readonly TaskId[] | null, hasCheckpoint: extra(16) === 1,
    tenant: extraTextOrNull(17), session: extraTextOrNull(18), weight: extraOrNull(19), size: extraOrNull(20), region: extraTextOrNull(21),
    uses: fromJson(extraTextOrNull(22)) as readonly Use[] | null,
    result: hasOutcome ? (unpackPayload(values[at + COLUMNS.length]) ?? undefined) : undefined,
    error: hasOutcome ? (unpackPayload(values[at + COLUMNS.length + 1]) ?? undefined) : undefined,
    checkpoint: undefined, answer: undefined, input: "",
  };
}

function fromJson(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}
