/**
 * Calls of a stream. The tasks of a list name their handlers as they come, when the agents are there already; so all of them
 * have one type, and its handler loads whatever module a task names, once.
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { TaskContext } from "../../engine/context.ts";
import { NonRetryableError } from "../../engine/handler-errors.ts";
import type { JsonValue } from "../../protocol/json.ts";
import type { CallWork } from "../../protocol/task-plan.ts";
import { renderJson } from "../../protocol/template/json-template.ts";

export const CALL_TYPE = "call";

export interface CallInput {
  readonly module: string;
  readonly export: string;
  readonly with: JsonValue;
}

export function callInputOf(work: CallWork, folder: string): string {
  const input: CallInput = { module: resolve(folder, work.module), export: work.export, with: renderJson(work.with, () => undefined) };
  return JSON.stringify(input);
}

export async function callAny(input: CallInput, context: TaskContext): Promise<unknown> {
  const module = (await import(pathToFileURL(input.module).href)) as Readonly<Record<string, unknown>>;
  const handler = module[input.export];
  if (typeof handler !== "function") throw new NonRetryableError(`${input.module} exports no function ${input.export}; it has ${Object.keys(module).join(", ") || "nothing"}.`);
  return (handler as (input: JsonValue, context: TaskContext) => unknown)(input.with, context);
}
