/**
 * How a command ends, as a number for scripts. The one table of exit codes: `docs/cli.md` is tested against it.
 */
import { isMakespanError, type ErrorCode } from "../protocol/errors.ts";

export const EXIT_CODES = {
  ok: { code: 0, means: "Everything that was asked for is done" },
  failed: { code: 1, means: "A task failed or expired; for doctor: a check failed" },
  usage: { code: 2, means: "The command line, a flow file or another input is not right; nothing was done" },
  halted: { code: 3, means: "The run stopped because its halt rule said so" },
  store: { code: 5, means: "The store file could not be used, or writing it failed" },
  bug: { code: 70, means: "Makespan itself is wrong: please report it" },
  interrupted: { code: 130, means: "Stopped by Ctrl-C or a signal; the same command goes on where it was" },
} as const satisfies Readonly<Record<string, { readonly code: number; readonly means: string }>>;

export type ExitName = keyof typeof EXIT_CODES;

/** The exit code after an error reached the top. */
export function exitOfError(error: unknown): ExitName {
  if (!isMakespanError(error)) return "bug";
  return isStoreCode(error.code) ? "store" : "usage";
}

function isStoreCode(code: ErrorCode): boolean {
  return code.startsWith("store_") || code === "engine_stopped" || code === "engine_closed";
}
