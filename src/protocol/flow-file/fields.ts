/**
 * Building blocks of the schemas for what people write: each says in one sentence what it expected and what came. Kept free of
 * transforms, so that the same schemas become a JSON Schema for editors.
 */
import { z } from "zod";
import { didYouMean } from "../did-you-mean.ts";
import { DURATION_PATTERN, durationProblem, parseDuration, parseWhen, whenProblem } from "../duration.ts";
import { describeValue } from "../json.ts";
import { PRIORITIES } from "../priority.ts";

/** The sentence for a value that is not what was expected. */
export function expected(what: string): { error: (issue: { readonly input?: unknown }) => string } {
  return { error: (issue) => `expected ${what}, got ${describeValue(issue.input)}` };
}

/** A map with these fields and no others; a misspelled one is named (one line of the message for each). */
export function fields<Shape extends z.core.$ZodShape>(what: string, shape: Shape) {
  const names = Object.keys(shape);
  const stray = (name: string): string => {
    const advice = didYouMean(name, names);
    return `unknown field ${JSON.stringify(name)} in ${what}${advice === "" ? `; it may have ${names.join(", ")}` : advice}`;
  };
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? issue.keys.map(stray).join("\n") : `expected a map (${what}), got ${describeValue(issue.input)}`),
  });
}

export const text = (what: string) => z.string(expected(what));
export const filledText = (what: string) => z.string(expected(what)).min(1, expected(what));
export const wholeNumber = (what: string, min: number, max: number) => z.int(expected(what)).min(min, expected(what)).max(max, expected(what));

export const duration = z
  .string({ error: (issue) => durationProblem(issue.input) })
  .regex(DURATION_PATTERN, { error: (issue) => durationProblem(issue.input), abort: true })
  .refine((value) => parseDuration(value) !== undefined, { error: "expected a duration of at most 36500d" })
  .describe("A duration with its unit: 250ms, 30s, 5m, 1h30m, 2d");

export const when = z
  .string({ error: (issue) => whenProblem(issue.input) })
  .refine((value) => parseWhen(value) !== undefined, { error: (issue) => whenProblem(issue.input) })
  .describe("From the start of the run (10m), or a time with its zone (2030-01-31T18:00:00Z)");

const PRIORITY_NAMES = Object.keys(PRIORITIES) as (keyof typeof PRIORITIES)[];
export const priority = z
  .union([z.enum(PRIORITY_NAMES), z.number()], expected(`${PRIORITY_NAMES.join(", ")} or a number (lower goes first)`))
  .describe("critical (1), high (2), medium (3), low (4) or any number; lower goes first");

const WEIGHT = "a number of more than 0";
const SIZE = "a number of at least 0";
/** What policies, limits and the scheduler look at in one task; the same in a task, in `defaults` and in a list. */
export const traits = {
  tenant: filledText("the name of a tenant").optional().describe("Fair-share group; see makespan share"),
  session: filledText("the name of a session").optional().describe("Tasks of one session share what they have been served; default the flow"),
  weight: z.number(expected(WEIGHT)).gt(0, expected(WEIGHT)).optional().describe("What finishing it is worth, for policies that weigh; default 1"),
  size: z.number(expected(SIZE)).min(0, expected(SIZE)).optional().describe("What its duration grows with (bytes, rows, tokens); durations are learned by it"),
  preemptible: z.boolean(expected("true or false")).optional().describe("It may be stopped to make room for a more urgent task; a command then starts again from the beginning"),
};

const RETRIES = "a whole number from 0 to 1000000";
const retryFields = fields("retries", {
  limit: wholeNumber(RETRIES, 0, 1_000_000).describe("Further attempts after the first failure"),
  backoff: z.enum(["fixed", "exponential"], expected("fixed or exponential")).optional(),
  delay: duration.optional().describe("Wait before the first retry; default 1s"),
  max_delay: duration.optional().describe("No wait is longer; default 5m"),
  jitter: z.number(expected("a share from 0 to 1")).min(0, expected("a share from 0 to 1")).max(1, expected("a share from 0 to 1")).optional(),
});
export const retries = z
  .union([wholeNumber(RETRIES, 0, 1_000_000), retryFields], expected(`${RETRIES} or a map with limit`))
  .describe("Further attempts after the first failure, or { limit, backoff, delay, max_delay, jitter }");

/** An environment: names to text. Numbers and truth values are written as they stand. */
export const environment = z
  .record(
    z.string().regex(/^[^=\0]+$/, { error: "a variable's name may not hold = or be empty" }),
    z.union([z.string(), z.number(), z.boolean()], expected("a text, a number, true or false")),
    expected("a map of variables"),
  )
  .describe("Variables added to the environment");

export const commandLine = z
  .union(
    [z.string().min(1), z.array(z.string(expected("a text"))).min(1)],
    expected('a script for the shell ("git ls-files | wc -l") or a list of a program and its arguments ([git, ls-files]), all texts'),
  )
  .describe("A text runs in the shell; a list is a program and its arguments, without a shell");
