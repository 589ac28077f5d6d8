/** The definition of tasks that are commands; with it in `tasks`, an app starts an agent for them. */
import { parseCommandInput, type CommandInput } from "../engine/agents/command/command-input.ts";
import { defineTask } from "./define-task.ts";
import type { StandardSchemaV1 } from "@standard-schema/spec";

const commandSchema: StandardSchemaV1<CommandInput, CommandInput> = {
  "~standard": {
    version: 1,
    vendor: "makespan",
    validate(value) {
      const input = parseCommandInput(value);
      return typeof input === "string" ? { issues: [{ message: input }] } : { value: input };
    },
  },
};

/** `app.submit(command, { argv: ["ls", "-l"] })`: the result is the last line of its stdout, or its JSON with `result: "json"`. */
export const command = defineTask({ type: "command", input: commandSchema });
