/** `makespan pause` and `makespan resume`: starts no more of a queue, or of all; what runs goes on. */
import { control } from "../app/inspect/control.ts";
import { defineCommand, type CliCommand } from "./command.ts";
import { DB_OPTION, JSON_OPTION } from "./common-options.ts";
import { withInspector } from "./open-inspector.ts";
import { noteUnknownQueue, whenWords } from "./queue-words.ts";

const QUEUE = { name: "QUEUE", summary: "the queue, as makespan policy names it; left out: all of them" } as const;

export const pauseCommand = pausing("pause", {
  description:
    "Starts no more tasks of a queue, or of all; what runs goes on to its end. It works while a run is going on, and on a file that nobody has open: the next run then waits. Kept until makespan resume.",
  examples: [
    ["makespan pause", "start nothing more"],
    ["makespan pause run:build", "of this queue"],
  ],
});

export const resumeCommand = pausing("resume", {
  description: "Ends the pause of a queue, or of all of them.",
  examples: [
    ["makespan resume", "every queue"],
    ["makespan resume run:build", "this one"],
  ],
});

function pausing(kind: "pause" | "resume", { description, examples }: Pick<CliCommand, "description" | "examples">): CliCommand {
  return defineCommand({
    name: kind,
    description,
    args: [QUEUE],
    options: { db: DB_OPTION, json: JSON_OPTION },
    examples,
    async run({ context, args: [queue], options }) {
      return withInspector(context, options.db, async (inspector) => {
        if (queue !== undefined) await noteUnknownQueue(inspector, queue, context);
        const by = await control(inspector.path, { kind, ...(queue !== undefined && { queue }) });
        const what = queue === undefined ? "Every queue" : `The queue ${JSON.stringify(queue)}`;
        if (options.json) await context.out.json({ queue: queue ?? null, paused: kind === "pause", running: by === "owner" });
        else await context.out.line(kind === "pause" ? `${what} is paused ${whenWords(by)}: makespan resume ends that.` : `${what} goes on ${whenWords(by)}.`);
        return "ok";
      });
    },
  });
}
