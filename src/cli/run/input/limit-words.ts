/** `--limit NAME=RULE`: limits for one run, besides those of the flow file or in their place. */
import type { LimitRule } from "../../../app/run/run.ts";
import { MakespanError } from "../../../protocol/errors.ts";
import { limitNameProblem, readLimitRule } from "../../../protocol/limit-rule.ts";

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
