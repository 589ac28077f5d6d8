/** The limits of a flow file: `limits` by name with their rules, `resources` as the short form for slots, and what tasks use of them. */
import type { LimitRule } from "../../core/limits/rule.ts";
import type { Use } from "../../core/task.ts";
import { didYouMean } from "../did-you-mean.ts";
import { limitNameProblem, readLimitRule } from "../limit-rule.ts";
import type { Frame, TaskFields } from "./schema.ts";
import type { Path } from "./source.ts";

export type Limits = ReadonlyMap<string, LimitRule>;

type Report = (path: Path, message: string, onKey?: boolean) => void;

/** `given` are rules for this run, which win over those of the file. */
export function readLimits(frame: Frame, given: Limits, report: Report): Limits {
  const rules = new Map<string, LimitRule>();
  const add = (section: "limits" | "resources", name: string, value: unknown): void => {
    const nameProblem = limitNameProblem(name);
    if (nameProblem !== undefined) return report([section, name], nameProblem, true);
    if (rules.has(name)) return report([section, name], `there is a limit ${JSON.stringify(name)} under limits, too: keep one`, true);
    const reading = readLimitRule(value);
    if (reading.kind === "rule") rules.set(name, reading.rule);
    else report([section, name], reading.problem);
  };
  for (const [name, value] of Object.entries(frame.limits ?? {})) add("limits", name, value);
  for (const [name, units] of Object.entries(frame.resources ?? {})) add("resources", name, units);
  for (const [name, rule] of given) rules.set(name, rule);
  return rules;
}

/** `uses` of a task: a map of amounts, or a list of names of which it takes one unit each. */
export function readUses(uses: TaskFields["uses"], limits: Limits, report: Report): readonly Use[] {
  if (uses === undefined) return [];
  const isList = Array.isArray(uses) || typeof uses === "string";
  const amounts: readonly (readonly [string, number])[] = isList ? [...new Set([uses].flat())].map((name) => [name, 1] as const) : Object.entries(uses);
  return amounts.map(([limit, amount]) => {
    const path = isList ? ["uses"] : ["uses", limit];
    const rule = limits.get(limit);
    if (rule === undefined) {
      const advice = limits.size === 0 ? "; the file has none: add it under limits or resources" : didYouMean(limit, limits.keys()) || `; there are ${[...limits.keys()].join(", ")}`;
      report(path, `there is no limit ${JSON.stringify(limit)}${advice}`, !isList);
    } else if (amount > rule.units) report(path, `it uses ${amount} of ${JSON.stringify(limit)}, which has ${rule.units} in all: it could never start`);
    return { limit, amount };
  });
}
