/** `makespan doctor`: checks this machine and a store file, a line each, with what to do about what is wrong. */
import { dbPathToInspect } from "../app/db-path.ts";
import { checkMachine, checkStoreFile, type Check } from "../app/inspect/checkup.ts";
import { isMakespanError } from "../protocol/errors.ts";
import { defineCommand, type CliContext } from "./command.ts";
import { DB_OPTION, JSON_OPTION } from "./common-options.ts";
import { wrapWords } from "./plain-block.ts";
import { plain, type Style } from "./view/columns.ts";

const STYLES = { ok: "green", warn: "yellow", fail: "red" } as const satisfies Record<Check["verdict"], Style>;

export const doctorCommand = defineCommand({
  name: "doctor",
  description: "Checks Node, SQLite and a store file: whether it can be read and written, is whole, who has it open, and the space on its disk. It ends with 1 when a check failed.",
  args: [],
  options: { db: DB_OPTION, json: JSON_OPTION },
  examples: [
    ["makespan doctor", "this machine and the store file here"],
    ["makespan doctor --db build.makespan.db", "another file"],
  ],
  async run({ context, options }) {
    const checks = [...checkMachine(), ...fileChecks(context, options.db)];
    if (options.json) await context.out.json({ ok: !checks.some(isFailed), checks });
    else await context.out.write(checks.map((check) => checkText(check, context)).join(""));
    return checks.some(isFailed) ? "failed" : "ok";
  },
});

function isFailed({ verdict }: Check): boolean {
  return verdict === "fail";
}

/** Without a file, the machine alone is checked; a file that was named must be there. */
function fileChecks(context: CliContext, explicit: string | undefined): readonly Check[] {
  try {
    return checkStoreFile(dbPathToInspect({ explicit, env: context.env, folder: context.folder }));
  } catch (error) {
    if (!isMakespanError(error)) throw error;
    const isNamed = explicit !== undefined || context.env["MAKESPAN_DB"] !== undefined;
    return [{ name: "store file", verdict: isNamed ? "fail" : "warn", found: error.message }];
  }
}

const INDENT = 18;

function checkText({ name, verdict, found, todo }: Check, { out }: CliContext): string {
  const width = out.terminalColumns === undefined ? undefined : out.terminalColumns - INDENT;
  const [first = "", ...more] = wrapWords(plain(found), width);
  const lines = [`${out.paint(STYLES[verdict], verdict.padEnd(4))}  ${name.padEnd(INDENT - 6)}${first}`];
  for (const line of more) lines.push(" ".repeat(INDENT) + line);
  if (todo !== undefined) for (const line of wrapWords(plain(todo), width)) lines.push(" ".repeat(INDENT) + out.paint("bold", line));
  return `${lines.join("\n")}\n`;
}
