/** Options that many commands share, with one meaning and one text. */
import type { OptionSpec } from "./command.ts";

export const DB_OPTION = {
  kind: "text",
  value: "FILE",
  summary: "store file (default: $MAKESPAN_DB, ./makespan.db, or the only *.makespan.db here)",
  completes: "files",
} as const satisfies OptionSpec;

export const JSON_OPTION = { kind: "flag", summary: "print one JSON value; errors are JSON on stderr" } as const satisfies OptionSpec;

export const YES_OPTION = { kind: "flag", short: "y", summary: "do not ask" } as const satisfies OptionSpec;
