/**
 * Limits at the edge of the SDK: their declaration, what tasks use of them, and how they are shown. `limits` of `open` holds two sorts:
 * a number is a limit of the engine itself (`payloadBytes`, …), a rule is a limit that tasks use by name.
 */
import type { LimitState } from "../core/limits/limit.ts";
import type { LimitRule } from "../core/limits/rule.ts";
import type { Use } from "../core/task.ts";
import { DEFAULT_LIMITS, type EngineLimits } from "../engine/limits.ts";
import type { Engine, SubmitTask } from "../engine/types.ts";
import { didYouMean } from "../protocol/did-you-mean.ts";
import { MakespanError } from "../protocol/errors.ts";
import { describeValue } from "../protocol/json.ts";
import { limitNameProblem, readLimitRule, type LimitOptions } from "../protocol/limit-rule.ts";
import { checkObject } from "./check.ts";
import type { KnownType } from "./types-known.ts";

/** Limits of the engine by their names, and those that tasks use. */
export type AppLimits = Partial<EngineLimits> & { readonly [name: string]: number | LimitOptions | undefined };

/** What a task uses of limits while it runs, in their units, by name. */
export type Uses = Readonly<Record<string, number>>;

export type LimitStats = LimitState;

const ENGINE_LIMITS: ReadonlySet<string> = new Set(Object.keys(DEFAULT_LIMITS));

/** Parts the two sorts. Throws `invalid_option` and `limit_invalid`. */
export function readLimits(limits: AppLimits | undefined): { readonly engine: Partial<EngineLimits> | undefined; readonly rules: readonly (readonly [name: string, rule: LimitRule])[] } {
  if (limits === undefined) return { engine: undefined, rules: [] };
  checkObject("limits", limits);
  const engine: Record<string, number> = {};
  const rules: (readonly [string, LimitRule])[] = [];
  for (const [name, value] of Object.entries(limits)) {
    if (typeof value === "object" && value !== null) rules.push([name, ruleOf(name, value)]);
    else if (!ENGINE_LIMITS.has(name)) {
      throw new MakespanError("invalid_option", `limits has no option "${name}"${didYouMean(name, ENGINE_LIMITS) || `; a limit that tasks use has a rule, such as { kind: "slots", units: 4 }, not ${describeValue(value)}.`}`);
    } else if (typeof value !== "number" || !(value >= 0)) throw new MakespanError("invalid_option", `limits.${name} must be a number of at least 0, not ${describeValue(value)}.`);
    else engine[name] = value;
  }
  return { engine, rules };
}

/** Throws `limit_invalid`. */
export function ruleOf(name: unknown, options: LimitOptions): LimitRule {
  const nameProblem = typeof name === "string" ? limitNameProblem(name) : `the name of a limit is a text, got ${describeValue(name)}`;
  if (nameProblem !== undefined) throw new MakespanError("limit_invalid", `${nameProblem.slice(0, 1).toUpperCase()}${nameProblem.slice(1)}.`);
  checkObject(`The limit ${String(name)}`, options);
  const reading = readLimitRule(options);
  if (reading.kind === "rule") return reading.rule;
  throw new MakespanError("limit_invalid", `The limit ${String(name)}: ${reading.problem}.`);
}

/** Throws `invalid_option`. */
export function checkUses(what: string, uses: unknown): readonly Use[] {
  if (typeof uses !== "object" || uses === null || Array.isArray(uses)) throw new MakespanError("invalid_option", `${what} must be a map of amounts by limit, such as { tokens: 2500 }, not ${describeValue(uses)}.`);
  return Object.entries(uses).map(([limit, amount]: [string, unknown]) => {
    if (typeof amount === "number" && amount > 0 && amount < Infinity) return { limit, amount };
    throw new MakespanError("invalid_option", `${what}["${limit}"] must be a number above 0, not ${describeValue(amount)}.`);
  });
}

/** With what the task's definition says that it uses, unless the submission said so itself. */
export function withUses<Task extends SubmitTask>({ type, definition }: KnownType, task: Task): Task {
  const uses = definition?.uses;
  if (uses === undefined || task.uses !== undefined) return task;
  const given: unknown = typeof uses === "function" ? (uses as (input: unknown) => unknown)(JSON.parse(task.input)) : uses;
  return { ...task, uses: checkUses(`uses of "${type}"`, given) };
}

/** The core refuses limits that are not declared; here it is said which one was meant. Throws `limit_unknown`. */
export function checkDeclared(tasks: readonly SubmitTask[], engine: Engine): void {
  let declared: ReadonlySet<string> | undefined;
  for (const { uses, name, spec } of tasks) {
    for (const { limit } of uses ?? []) {
      declared ??= new Set(limitStats(engine).map((state) => state.name));
      if (declared.has(limit)) continue;
      const advice = didYouMean(limit, declared) || (declared.size === 0 ? "; none is. Give open() its rule in limits." : `; declared are ${[...declared].join(", ")}.`);
      throw new MakespanError("limit_unknown", `${name ?? spec.type} uses the limit "${limit}", which is not declared${advice}`, { limit, declared: [...declared] });
    }
  }
}

/** Declared limits with their use and waste. */
export function limitStats(engine: Engine): readonly LimitStats[] {
  return engine.limits().filter(({ name }) => !name.startsWith("type:") && !name.startsWith("key:"));
}
