/**
 * The checks of options, where they enter: an unknown name is refused with the name that was meant, a wrong value with what
 * was expected and what came. Everything throws `invalid_option`.
 */
import { MakespanError } from "../protocol/errors.ts";
import { didYouMean } from "../protocol/did-you-mean.ts";
import { describeValue } from "../protocol/json.ts";
import type { Instant } from "../core/task.ts";

/** A point in time at the edge: a `Date`, or ms since 1970-01-01 UTC. */
export type Time = Date | number;

export function checkKeys(what: string, options: object, known: ReadonlySet<string>): void {
  for (const key in options) {
    if (!known.has(key)) throw new MakespanError("invalid_option", `${what} has no option "${key}"${didYouMean(key, known) || `; known are ${[...known].join(", ")}.`}`);
  }
}

export function checkObject(what: string, value: unknown): asserts value is object {
  if (typeof value !== "object" || value === null) refuse(what, "an object", value);
}

export function checkText(what: string, value: unknown): string {
  if (typeof value !== "string" || value === "") refuse(what, "a text that is not empty", value);
  // The store would keep another text in its place.
  return value.isWellFormed() ? value : refuse(what, "a text without half a character (a lone surrogate)", value);
}

/** A finite number of at least `least`. */
export function checkNumber(what: string, value: unknown, least: number): number {
  return typeof value === "number" && value >= least && value < Infinity ? value : refuse(what, `a number of at least ${least}`, value);
}

/** A finite number of more than 0. */
export function checkPositive(what: string, value: unknown): number {
  return typeof value === "number" && value > 0 && value < Infinity ? value : refuse(what, "a number of more than 0", value);
}

export function checkInteger(what: string, value: unknown, least: number): number {
  return Number.isSafeInteger(value) && (value as number) >= least ? (value as number) : refuse(what, `a whole number of at least ${least}`, value);
}

export function checkBoolean(what: string, value: unknown): boolean {
  return typeof value === "boolean" ? value : refuse(what, "true or false", value);
}

/** One of a closed set. */
export function checkOneOf<const Word extends string>(what: string, value: unknown, words: readonly Word[]): Word {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  const meant = typeof value === "string" ? didYouMean(value, words) : "";
  return refuse(what, words.map((word) => `"${word}"`).join(" or "), value, meant);
}

/** Milliseconds since 1970 of a `Date` or number. */
export function checkTime(what: string, value: unknown): Instant {
  const at = value instanceof Date ? value.getTime() : value;
  return typeof at === "number" && at >= 0 && at < Infinity ? at : refuse(what, "a Date or milliseconds since 1970", value);
}

function refuse(what: string, expected: string, value: unknown, hint = ""): never {
  const came = value instanceof Date ? "an invalid date" : describeValue(value);
  throw new MakespanError("invalid_option", `${what} must be ${expected}, not ${came}${hint}${hint === "" ? "." : ""}`);
}
