/** Running a Standard Schema, and saying in one line what did not fit. */
import type { StandardSchemaV1 } from "@standard-schema/spec";

export type Checked = { readonly kind: "ok"; readonly value: unknown } | { readonly kind: "issues"; readonly issues: readonly Issue[] };

export interface Issue {
  /** As in `items[2].url`; empty for the value itself. */
  readonly path: string;
  readonly message: string;
}

/** A promise only if the schema is asynchronous. */
export function validate(schema: StandardSchemaV1, value: unknown): Checked | Promise<Checked> {
  const result = schema["~standard"].validate(value);
  return result instanceof Promise ? result.then(checkedOf) : checkedOf(result);
}

export function describeIssues(issues: readonly Issue[]): string {
  return issues.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ");
}

function checkedOf(result: StandardSchemaV1.Result<unknown>): Checked {
  if (result.issues === undefined) return { kind: "ok", value: result.value };
  return { kind: "issues", issues: result.issues.map((issue) => ({ path: pathOf(issue.path), message: issue.message })) };
}

function pathOf(path: StandardSchemaV1.Issue["path"]): string {
  let text = "";
  for (const part of path ?? []) {
    const key = typeof part === "object" ? part.key : part;
    text += typeof key === "number" ? `[${key}]` : text === "" ? String(key) : `.${String(key)}`;
  }
  return text;
}
