/** The options of `makespan run`, which its parts share. */
import type { CommandInput, OptionSpecs } from "../command.ts";
import { JSON_OPTION } from "../common-options.ts";

export const RUN_OPTIONS = {
  db: { kind: "text", value: "FILE", summary: "store file (default: NAME.makespan.db beside the flow file, makespan.db for lists)", completes: "files" },
  jobs: { kind: "number", short: "j", value: "N", min: 1, summary: "tasks at once, for agents whose size the file does not give (default: cores)" },
  set: { kind: "list", value: "NAME=VALUE", summary: "give a variable of the flow file another value" },
  limit: { kind: "list", value: "NAME=RULE", summary: "give a limit of the flow file another rule, or add one: gpu=2, api=500/1m, money=budget:50/1d" },
  uses: { kind: "list", value: "NAME[=N]", summary: "what each task of a list takes of a --limit while it runs: api, tokens=2500" },
  lines: { kind: "number", short: "n", value: "N", min: 1, summary: "lines for each command (default 1)" },
  null: { kind: "flag", short: "0", summary: "lines end with NUL, as `find -print0` writes them" },
  "arg-file": { kind: "text", short: "a", value: "FILE", summary: "read the lines from a file instead of standard input", completes: "files" },
  retries: { kind: "number", value: "N", min: 0, summary: "further attempts after a failure, for lists (default 0)" },
  timeout: { kind: "duration", value: "TIME", summary: "longest time for one attempt, for lists (30s, 5m)" },
  balancer: { kind: "text", value: "SPEC", summary: "how one of several agents is picked, instead of the file's balancer: (default round-robin)" },
  policy: { kind: "text", value: "SPEC", summary: "what orders the tasks that are ready, instead of the file's policy: (default priority)" },
  fresh: { kind: "flag", summary: "run everything again, also what is done" },
  "retry-failed": { kind: "flag", summary: "run only what failed before, and what was skipped because of it" },
  plan: { kind: "flag", summary: "search for a short schedule of the flow first, and start tasks in its order" },
  "budget-ms": { kind: "number", value: "MS", min: 1, summary: "how long --plan may search, in ms (default 1000)" },
  halt: { kind: "text", value: "RULE", summary: "stop early: now|soon,fail|success|done=N or N%, as in soon,fail=10%" },
  "dry-run": { kind: "flag", summary: "show what would run, in which order, and start nothing" },
  joblog: { kind: "text", value: "FILE", summary: "write a line for each finished task, in the format of GNU parallel", completes: "files" },
  report: { kind: "text", value: "FILE", summary: "write one HTML page with the timeline, utilization and latencies", completes: "files" },
  durability: { kind: "choice", value: "MODE", of: ["full", "normal"], summary: "normal is faster, but a power cut may lose the last moments (default full)" },
  quiet: { kind: "flag", short: "q", summary: "no progress and no summary; failures are still told" },
  json: JSON_OPTION,
} as const satisfies OptionSpecs;

export type RunCommandInput = CommandInput<typeof RUN_OPTIONS>;
export type RunCommandOptions = RunCommandInput["options"];
