/**
 * What is wrong with a flow file: each problem at its line and column, all of them in one refusal.
 */
import { MakespanError, type ErrorCode } from "../errors.ts";

export interface Problem {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** Where in the file, as `tasks.measure.timeout`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** Problems that have a code of their own when nothing else is wrong. */
export type ProblemCode = Extract<ErrorCode, "flow_file_invalid" | "flow_cycle" | "dependency_unknown" | "duplicate_id" | "handler_missing" | "policy_unknown" | "balancer_unknown">;

export interface CodedProblem extends Problem {
  readonly code: ProblemCode;
}

/** `flow.yaml:3:5: tasks.measure.timeout: expected …`. */
export function formatProblem(file: string, problem: Problem): string {
  return `${file}:${problem.line}:${problem.column}: ${problem.path === "" ? "" : `${problem.path}: `}${problem.message}`;
}

/** The refusal: its message is the first problem and how many more there are, its `detail.problems` has all, by place. */
export function problemError(file: string, found: readonly CodedProblem[]): MakespanError {
  const sorted = [...found].sort((a, b) => a.line - b.line || a.column - b.column);
  const seen = new Set<string>();
  const distinct = sorted.filter(({ line, column, path, message }) => {
    const key = `${line}:${column}:${path}:${message}`;
    return !seen.has(key) && seen.add(key);
  });
  const codes = new Set(distinct.map((problem) => problem.code));
  const code = codes.size === 1 ? distinct[0]!.code : "flow_file_invalid";
  const problems = distinct.map(({ line, column, path, message }): Problem => ({ line, column, path, message }));
  const more = problems.length === 1 ? "" : ` (and ${problems.length - 1} more)`;
  return new MakespanError(code, `${formatProblem(file, problems[0]!)}${more}`, { file, problems });
}
