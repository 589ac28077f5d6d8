/** `makespan run`: the command line of it. What it does is in the files beside this one. */
import { defineCommand } from "../command.ts";
import { RUN_OPTIONS } from "./options.ts";
import { runTasks } from "./run-tasks.ts";

export const runCommand = defineCommand({
  name: "run",
  description:
    "Runs a flow file (YAML or JSON), a list of tasks (NDJSON), or one command for each line of standard input. Everything is kept " +
    "in one file: run the same command again and it goes on where it was, and what is done is not done again.",
  args: [{ name: "FILE", summary: "flow file (.yaml, .yml, .json) or list of tasks (.ndjson, .jsonl, or - for standard input)", completes: "files" }],
  keepsRest: { name: "COMMAND", summary: "command to run for each line of standard input; {} is the line" },
  options: RUN_OPTIONS,
  examples: [
    ["makespan run build.yaml", "run a flow; run it again to go on or to do what has changed"],
    ["makespan run build.yaml --report build.html", "and keep its timeline as a page"],
    ["ls *.png | makespan run -j8 -- optipng {}", "one command for each line"],
    ["makespan run --halt now,fail=1 -- ./check {} < hosts.txt", "stop at the first failure"],
    ["makespan run build.yaml --retry-failed", "only what failed"],
  ],
  run: runTasks,
});
