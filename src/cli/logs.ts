/** `makespan logs`: what a task wrote while it ran, and with `--follow` what it writes as it runs. */
import { setTimeout as delay } from "node:timers/promises";
import { isFinal, type Inspector, type LogRow } from "../app/inspect.ts";
import { formatTaskId } from "../protocol/ids.ts";
import { defineCommand, type CliContext } from "./command.ts";
import { DB_OPTION } from "./common-options.ts";
import { withInspector } from "./open-inspector.ts";
import { plainBlock } from "./plain-block.ts";
import { taskIdOf } from "./task-ids.ts";
import { instant } from "./task-json.ts";
import { clockTime } from "./times.ts";
import type { Style } from "./view/columns.ts";

const PAGE = 1_000;
/** The engine writes logs with its commits; looking more often shows nothing sooner. */
const FOLLOW_EVERY_MS = 200;

export const logsCommand = defineCommand({
  name: "logs",
  description: "Prints what a task wrote while it ran: its log lines and, of a command, what it wrote to stderr. It works while the task runs.",
  args: [{ name: "ID", summary: "the task, as in t17", required: true }],
  options: {
    db: DB_OPTION,
    follow: { kind: "flag", short: "f", summary: "go on until the task has finished" },
    attempt: { kind: "number", value: "N", min: 1, summary: "only of this attempt" },
    times: { kind: "flag", summary: "begin each line with its time, attempt and level" },
    json: { kind: "flag", summary: "one JSON object a line (NDJSON); errors are JSON on stderr" },
  },
  examples: [
    ["makespan logs t17", "all that it wrote"],
    ["makespan logs -f t17", "watch it, also when another process runs it"],
    ["makespan logs t17 --json | jq -r 'select(.level == \"error\").text'", "for programs"],
  ],
  async run({ context, args, options }) {
    const id = taskIdOf(args[0] ?? "");
    return withInspector(context, options.db, async (inspector) => {
      inspector.task(id);
      const format = options.json ? jsonLine : options.times ? timedLine : textLine;
      let count = 0;
      for (;;) {
        // Asked before the last look, so that nothing written before the end is missed.
        const { state } = inspector.task(id);
        const seen = await printNew(inspector, id, count, (line) => (options.attempt === undefined || line.attempt === options.attempt ? format(line, context) : ""), context);
        count += seen;
        if (context.out.isGone || (seen === 0 && (!options.follow || isFinal(state)))) break;
        if (seen === 0) await delay(FOLLOW_EVERY_MS);
      }
      if (count === 0 && !options.json) await context.err.line(context.err.paint("dim", `${formatTaskId(id)} has written nothing.`));
      return "ok";
    });
  },
});

/** Prints the lines beyond the first `after`, at most a page, and tells how many there were. */
async function printNew(inspector: Inspector, id: number, after: number, textOf: (line: LogRow) => string, { out }: CliContext): Promise<number> {
  const lines = inspector.logs(id, after, PAGE);
  await out.write(lines.map(textOf).join(""));
  return lines.length;
}

function jsonLine({ at, attempt, level, text }: LogRow): string {
  return `${JSON.stringify({ at: instant(at), attempt, level, text })}\n`;
}

function textLine({ level, text }: LogRow, { out }: CliContext): string {
  return `${paintLevel(level, plainBlock(text), out.paint)}\n`;
}

function timedLine({ at, attempt, level, text }: LogRow, { out, now }: CliContext): string {
  const head = out.paint("dim", `${clockTime(at, now())} #${attempt} ${level.padEnd(6)}`);
  return plainBlock(text).split("\n").map((line) => `${head} ${paintLevel(level, line, out.paint)}\n`).join("");
}

function paintLevel(level: LogRow["level"], text: string, paint: CliContext["out"]["paint"]): string {
  const styles: Readonly<Partial<Record<LogRow["level"], Style>>> = { error: "red", warn: "yellow", debug: "dim" };
  const style = styles[level];
  return style === undefined ? text : paint(style, text);
}
