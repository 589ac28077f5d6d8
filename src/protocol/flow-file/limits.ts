/** The limits of a flow file: `limits` by name with their rules, `resources` as the short form for slots. */
import type { LimitRule } from "../../core/limits/rule.ts";
import { limitNameProblem, readLimitRule } from "../limit-rule.ts";
import type { Frame } from "./schema.ts";
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

/** What a plan can hold: limits of slots, in whole units. */
export function resourcesOf(limits: Limits): Readonly<Record<string, number>> {
  return Object.fromEntries([...limits].flatMap(([name, rule]) => (rule.kind === "slots" ? [[name, rule.units < 1 ? Math.ceil(rule.units) : Math.floor(rule.units)] as const] : [])));
}
