/** The error that is kept with a task, taken apart for people and programs. */
import type { TaskRow } from "../../store/rows.ts";

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
