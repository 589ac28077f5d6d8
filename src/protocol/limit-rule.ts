/**
 * Rules of limits as people write them: `4` (slots), `500/1m` (a rate: at most so many in any minute), `budget:50/1d` (so many each
 * day, refilled at its start), or the same as a map: `{ kind: window, units: 500, per: 1m }`.
 */
import type { LimitRule } from "../core/limits/rule.ts";
import { didYouMean } from "./did-you-mean.ts";
import { durationProblem, parseDuration, writeDuration } from "./duration.ts";
import { describeValue } from "./json.ts";

/** A rule as it is given to the SDK. */
export type LimitOptions =
  /** At most `units` in use at once. */
  | { readonly kind: "slots"; readonly units: number }
  /** At most `units` in any stretch of `per`, which is a duration (`"1m"`) or ms. What an attempt used counts from its start, or its end. */
  | { readonly kind: "window"; readonly units: number; readonly per: string | number; readonly counts?: "start" | "end" }
  /** At most `units` in each period, of which one begins at `from` (default 1970-01-01 UTC, so that `"1d"` is a day of UTC). */
  | { readonly kind: "budget"; readonly units: number; readonly per: string | number; readonly from?: Date | number };

export type LimitReading = { readonly kind: "rule"; readonly rule: LimitRule } | { readonly kind: "problem"; readonly problem: string };

const KINDS = ["slots", "window", "budget"] as const;
const FIELDS: Readonly<Record<(typeof KINDS)[number], readonly string[]>> = { slots: ["kind", "units"], window: ["kind", "units", "per", "counts"], budget: ["kind", "units", "per", "from"] };
const TEXT = /^(?:(slots|window|budget):)?(\d+(?:\.\d+)?)(?:\/(.+))?$/;
const LONGEST_NAME = 200;

/** What may be the name of a limit; undefined when it may. Colons divide it, but `type:` and `key:` name limits of another sort. */
export function limitNameProblem(name: string): string | undefined {
  if (name === "" || name.length > LONGEST_NAME || /[\p{Cc}]/u.test(name)) return `the name of a limit is a text of 1 to ${LONGEST_NAME} characters in one line, got ${describeValue(name)}`;
  if (/^(?:type|key):/.test(name)) return `the name ${JSON.stringify(name)} begins with ${name.slice(0, name.indexOf(":") + 1)}, which is kept for limits of task types and keys`;
  return undefined;
}

/** From a number (slots), a text or a map. */
export function readLimitRule(value: unknown): LimitReading {
  if (typeof value === "number") return readFields({ kind: "slots", units: value });
  if (typeof value === "string") return readText(value);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return readFields(value as Readonly<Record<string, unknown>>);
  return problem(`expected a limit such as 4, 500/1m or budget:50/1d, got ${describeValue(value)}`);
}

/** The shortest text for a rule; what a text does not say (`counts`, `from`) is left out. */
export function writeLimitRule(rule: LimitRule): string {
  if (rule.kind === "slots") return String(rule.units);
  return `${rule.kind === "budget" ? "budget:" : ""}${rule.units}/${writeDuration(rule.perMs)}`;
}

function readText(text: string): LimitReading {
  const match = TEXT.exec(text.trim());
  if (match === null) return problem(`expected a limit such as 4, 500/1m or budget:50/1d, got ${describeValue(text)}`);
  const [, kind, units, per] = match;
  return readFields({ kind: kind ?? (per === undefined ? "slots" : "window"), units: Number(units), ...(per !== undefined && { per }) });
}

function readFields(fields: Readonly<Record<string, unknown>>): LimitReading {
  const kind = KINDS.find((one) => one === fields["kind"]);
  if (kind === undefined) return problem(`expected a limit with a kind (${KINDS.join(", ")}), got ${fields["kind"] === undefined ? "none" : describeValue(fields["kind"])}`);
  const odd = Object.keys(fields).find((name) => !FIELDS[kind].includes(name));
  if (odd !== undefined) return problem(`a limit of kind ${kind} has no ${JSON.stringify(odd)}${didYouMean(odd, FIELDS[kind]) || `; it has ${FIELDS[kind].join(", ")}`}`);
  const { units, per, counts, from } = fields;
  if (typeof units !== "number" || !(units >= 0 && units < Infinity)) return problem(`units must be a number of at least 0, got ${describeValue(units)}`);
  if (kind === "slots") return { kind: "rule", rule: { kind, units } };
  const perMs = typeof per === "string" ? parseDuration(per) : per;
  if (typeof perMs !== "number" || !Number.isSafeInteger(perMs) || perMs <= 0) return problem(`per: ${durationProblem(per)}`);
  if (kind === "window") {
    if (counts !== undefined && counts !== "start" && counts !== "end") return problem(`counts must be start or end, got ${describeValue(counts)}`);
    return { kind: "rule", rule: { kind, units, perMs, ...(counts !== undefined && { counts }) } };
  }
  const anchor = from instanceof Date ? from.getTime() : typeof from === "string" ? Date.parse(from) : from;
  if (anchor !== undefined && !Number.isSafeInteger(anchor)) return problem(`from must be a date, got ${describeValue(from)}`);
  return { kind: "rule", rule: { kind, units, perMs, ...(anchor !== undefined && { anchor: anchor as number }) } };
}

function problem(text: string): LimitReading {
  return { kind: "problem", problem: text };
}
