/** Asks before something that cannot be undone. Without a terminal nobody can answer, so the question becomes a refusal. */
import { createInterface } from "node:readline/promises";
import { MakespanError } from "../protocol/errors.ts";
import type { CliContext } from "./command.ts";

/** Resolves with whether to go on. Throws `invalid_option` when there is nobody to ask. */
export async function confirm(question: string, { stdin, err }: CliContext): Promise<boolean> {
  if (stdin.isTTY !== true || !err.isTerminal) {
    throw new MakespanError("invalid_option", `${question} There is no terminal to answer on: say --yes if so.`);
  }
  await err.write(`${question} [y/N] `);
  const lines = createInterface({ input: stdin, terminal: false });
  try {
    for await (const line of lines) return /^y(es)?$/i.test(line.trim());
    return false;
  } finally {
    lines.close();
  }
}
