/** `--limit NAME=RULE`: limits for one run, besides those of the flow file or in their place; `--uses NAME=AMOUNT`: what each task of a list takes of them. */
import type { LimitRule } from "../../../app/run/run.ts";
import { MakespanError } from "../../../protocol/errors.ts";
import { type Declarer, readUses } from "../../../protocol/flow-file/uses.ts";
import { limitNameProblem, readLimitRule } from "../../../protocol/limit-rule.ts";
import type { PlannedTask } from "../../../protocol/task-plan.ts";

/** Throws `invalid_option`. */
export function limitsOf(words: readonly string[]): ReadonlyMap<string, LimitRule> {
  return new Map(
    words.map((word) => {
      const at = word.indexOf("=");
      if (at <= 0) throw new MakespanError("invalid_option", `--limit expects NAME=RULE, as in gpu=2 or api=500/1m, got ${JSON.stringify(word)}.`);
      const name = word.slice(0, at);
      const reading = readLimitRule(word.slice(at + 1));
      const problem = limitNameProblem(name) ?? (reading.kind === "problem" ? reading.problem : undefined);
      if (problem !== undefined || reading.kind === "problem") throw new MakespanError("invalid_option", `--limit ${word}: ${problem}.`);
      return [name, reading.rule] as const;
    }),
  );
}

/** Where the limits of a list come from. */
export const COMMAND_LINE: Declarer = { who: "the command line", advice: "add --limit NAME=RULE, as in --limit api=500/1m" };

/** Throws `invalid_option`. */
export function usesOf(words: readonly string[], limits: ReadonlyMap<string, LimitRule>): NonNullable<PlannedTask["uses"]> {
  const amounts = new Map<string, number>();
  for (const word of words) {
    const at = word.indexOf("=");
    const name = at < 0 ? word : word.slice(0, at);
    const amount = at < 0 ? 1 : Number(word.slice(at + 1));
    if (name === "" || !(amount > 0 && amount < Infinity)) throw new MakespanError("invalid_option", `--uses expects NAME or NAME=AMOUNT, as in api or tokens=2500, got ${JSON.stringify(word)}.`);
    if (amounts.has(name)) throw new MakespanError("invalid_option", `--uses names ${name} twice: give the amount that a task takes of it once.`);
    amounts.set(name, amount);
  }
  return readUses(Object.fromEntries(amounts), limits, (_path, message) => {
    throw new MakespanError("invalid_option", `--uses: ${message}.`);
  }, COMMAND_LINE);
}
