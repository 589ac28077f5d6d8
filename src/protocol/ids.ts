/**
 * Ids as people see them: tasks are `t17`, flows `f3`. Inside they are integers; here is the only place that turns one into
 * the other.
 */
import type { FlowId, TaskId } from "../core/task.ts";
import { MakespanError } from "./errors.ts";
import { describeValue } from "./json.ts";

export function formatTaskId(id: TaskId): string {
  return `t${id}`;
}

export function formatFlowId(id: FlowId): string {
  return `f${id}`;
}

/** Throws `invalid_option` when the text is not a task id. */
export function parseTaskId(text: unknown): TaskId {
  return parse("t", "task", text);
}

/** Throws `invalid_option` when the text is not a flow id. */
export function parseFlowId(text: unknown): FlowId {
  return parse("f", "flow", text);
}

function parse(letter: "t" | "f", noun: string, text: unknown): number {
  const digits = typeof text === "string" && text.startsWith(letter) ? text.slice(1) : "";
  const id = /^[1-9]\d*$/.test(digits) ? Number(digits) : Number.NaN;
  if (Number.isSafeInteger(id)) return id;
  throw new MakespanError("invalid_option", `The id of a ${noun} looks like ${letter}17; got ${describeValue(text)}.`);
}
