/**
 * What a schema found, as problems with a path each: unions are looked into where only one of their forms can be meant, and
 * every unknown field counts on its own.
 */
import type { z } from "zod";
import type { Path } from "./source.ts";

export interface SchemaProblem {
  readonly path: Path;
  readonly message: string;
  /** The key is what is wrong, not its value. */
  readonly onKey: boolean;
}

export function schemaProblems(issues: readonly z.core.$ZodIssue[], base: Path = []): readonly SchemaProblem[] {
  return issues.flatMap((issue): readonly SchemaProblem[] => {
    const path: Path = [...base, ...issue.path.map((step) => (typeof step === "symbol" ? String(step) : step))];
    if (issue.code === "unrecognized_keys") {
      const messages = issue.message.split("\n");
      return issue.keys.map((key, index) => ({ path: [...path, key], message: messages[index] ?? issue.message, onKey: true }));
    }
    if (issue.code === "invalid_union") {
      const meant = issue.errors.filter((branch) => branch.some((inner) => inner.path.length > 0 || inner.code === "unrecognized_keys"));
      if (meant.length === 1) return schemaProblems(meant[0]!, path);
    }
    return [{ path, message: issue.message, onKey: issue.code === "invalid_key" }];
  });
}
