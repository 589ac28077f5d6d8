/**
 * The last thing a command says when it cannot go on: one line for a person, `{ "error": { code, message, detail } }` for a
 * program, both on stderr, so that what reads stdout never takes an error for a result. Stacks only with MAKESPAN_DEBUG=1.
 */
import { isMakespanError } from "../protocol/errors.ts";
import { exitOfError, type ExitName } from "./exit-codes.ts";
import type { Output } from "./output.ts";
import { plain } from "./view/columns.ts";

export interface ReportErrorOptions {
  readonly json: boolean;
  readonly debug: boolean;
}

/** Resolves with how the command ends. */
export async function reportError(error: unknown, err: Output, { json, debug }: ReportErrorOptions): Promise<ExitName> {
  const message = error instanceof Error ? error.message : String(error);
  if (json) await err.json({ error: isMakespanError(error) ? error.toJSON() : { code: "bug", message, detail: {} } });
  else await err.line(`${err.paint("red", "makespan:")} ${isMakespanError(error) ? plain(message) : asBug(message)}`);
  if (debug && error instanceof Error) await err.line(stackOf(error));
  return exitOfError(error);
}

function asBug(message: string): string {
  return `${plain(message)} (this is a fault of makespan itself; MAKESPAN_DEBUG=1 shows where it happened)`;
}

function stackOf(error: Error): string {
  const stack = error.stack ?? String(error);
  return error.cause instanceof Error ? `${stack}\nCaused by ${stackOf(error.cause)}` : stack;
}
