/** `makespan why`: why a task is where it is, what must happen first, and when it should start and end. */
import type { TaskWhy } from "../app/inspect.ts";
import { formatCount, formatDuration } from "../monitor/format.ts";
import { defineCommand, type CliContext } from "./command.ts";
import { DB_OPTION, JSON_OPTION } from "./common-options.ts";
import { withInspector } from "./open-inspector.ts";
import { wrapWords } from "./plain-block.ts";
import { taskIdOf } from "./task-ids.ts";
import { stateStyle } from "./task-words.ts";
import { clockTime } from "./times.ts";
import { padTo, plain } from "./view/columns.ts";

const LABEL_COLUMNS = 10;

export const whyCommand = defineCommand({
  name: "why",
  description:
    "Says why a task is where it is: what must happen first, how many tasks rank before it, when it should start and end. It works while an engine has the file open and when none has; which agents there are, and what they do, is taken from what they did last.",
  args: [{ name: "ID", summary: "the task, as in t17", required: true }],
  options: { db: DB_OPTION, json: JSON_OPTION },
  examples: [
    ["makespan why t17", "what it waits for"],
    ["makespan why t17 --json | jq .forecast.start_at", "the expected start, for a program"],
  ],
  async run({ context, args, options }) {
    const id = taskIdOf(args[0] ?? "");
    return withInspector(context, options.db, async (inspector) => {
      const task = inspector.task(id);
      const why = inspector.why(task, context.now());
      if (options.json) await context.out.json({ ...(snakeCased(why) as object), is_owned: inspector.isOwned });
      else await context.out.write(whyText(why, task.name, context));
      return "ok";
    });
  },
});

function whyText(why: TaskWhy, name: string | null, { out, now }: CliContext): string {
  const state = why.kind === "final" ? why.state : why.kind;
  const style = stateStyle(state);
  const head = `${out.paint("bold", `${why.id}${name === null ? "" : ` ${plain(name)}`}`)}  ${style === undefined ? state : out.paint(style, state)}`;
  const fields = fieldsOf(why, now()).map(([label, value]) => `  ${out.paint("dim", padTo(label, LABEL_COLUMNS))}  ${plain(value)}`);
  return [head, ...wrapWords(plain(why.firstThen), out.terminalColumns), ...fields].map((line) => `${line}\n`).join("");
}

function fieldsOf(why: TaskWhy, now: number): readonly (readonly [label: string, value: string])[] {
  const { forecast, due } = why;
  const at = (date: Date): string => `${clockTime(date.getTime(), now)}  ${date.getTime() <= now ? "now" : `in ${formatDuration(date.getTime() - now)}`}`;
  return [
    ...(why.kind === "queued" ? [["before it", why.ahead === 0 ? "none" : `${formatCount(why.ahead)}: ${why.first.join(", ")}${why.ahead > why.first.length ? ", …" : ""}`] as const] : []),
    ...(forecast === undefined || why.kind === "running" ? [] : [["start", at(forecast.startAt)] as const]),
    ...(forecast === undefined ? [] : [["end", `${at(forecast.finishAt)}, in nine cases of ten by ${clockTime(forecast.finishBy.getTime(), now)}`] as const]),
    ...(due === undefined ? [] : [["due", `${clockTime(due.at.getTime(), now)}${due.downgraded ? "  best effort" : ""}`] as const]),
  ];
}

/** For programs: names in snake_case, instants as ISO 8601, null for what is not known. */
function snakeCased(value: unknown): unknown {
  if (value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(snakeCased);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), snakeCased(one)]));
}
