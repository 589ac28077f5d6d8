/**
 * Durations as people write them in flow files and options: `250ms`, `30s`, `1h30m`, `2d`. A unit is always required: a bare
 * number would be read as seconds by one person and as milliseconds by the next.
 */
import { describeValue } from "./json.ts";

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
] as const;

/** The longest that is accepted, in ms: a hundred years. Beyond it lies a slip, or a number that loses its milliseconds. */
const LONGEST_MS = 100 * 365 * 86_400_000;

/** Largest unit first, each at most once; only the last may have a fraction. For JSON schemas and `parseDuration`. */
export const DURATION_PATTERN =
  /^(?=\d)(?:(\d+(?:\.\d+(?=d$))?)d)?(?:(\d+(?:\.\d+(?=h$))?)h)?(?:(\d+(?:\.\d+(?=m$))?)m)?(?:(\d+(?:\.\d+(?=s$))?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;

/** Milliseconds (whole), or undefined if the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION_PATTERN.exec(text);
  if (match === null) return undefined;
  let ms = 0;
  UNITS.forEach(([, unitMs], unit) => {
    ms += Number(match[unit + 1] ?? 0) * unitMs;
  });
  return ms <= LONGEST_MS ? Math.round(ms) : undefined;
}

/** The shortest text that `parseDuration` reads back as the same number of whole milliseconds, 0 or more. */
export function writeDuration(ms: number): string {
  let rest = Math.round(ms);
  let text = "";
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === "" ? "0s" : text;
}

/** Why a value is not a duration, as a sentence that says what to write instead. */
export function durationProblem(value: unknown): string {
  const number = typeof value === "number" || (typeof value === "string" && /^\d+(?:\.\d+)?$/.test(value)) ? String(value) : undefined;
  const advice = number === undefined ? "" : `; a number needs its unit: ${number}s, ${number}m or ${number}ms`;
  return `expected a duration such as 30s, 1h30m or 250ms, got ${describeValue(value)}${advice}`;
}

/** A point in time as people write it: from the start of the run, or absolute. */
export type When = { readonly kind: "in"; readonly ms: number } | { readonly kind: "at"; readonly at: number };

/** A date, or date and time with its zone (`Z` or an offset); without one it would mean another time on another machine. */
const INSTANT_PATTERN = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/;

/** `10m` (from the start) or an ISO 8601 time such as `2030-01-31T18:00:00Z`; undefined for anything else. */
export function parseWhen(text: string): When | undefined {
  const ms = parseDuration(text);
  if (ms !== undefined) return { kind: "in", ms };
  const at = INSTANT_PATTERN.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : { kind: "at", at };
}

/** Why a value is not a point in time. */
export function whenProblem(value: unknown): string {
  const local = typeof value === "string" && /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.]*$/.test(value);
  const advice = local ? "; a time needs its zone: end it with Z or +02:00" : "";
  return `expected a duration from the start (10m) or a time (2030-01-31T18:00:00Z), got ${describeValue(value)}${advice}`;
}
