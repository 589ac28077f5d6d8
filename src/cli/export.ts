/** `makespan export`: the tasks of a store file as a stream, for other programs: NDJSON, CSV, or a trace to look at in Perfetto. */
import type { TaskFilter } from "../app/inspect.ts";
import { defineCommand } from "./command.ts";
import { DB_OPTION } from "./common-options.ts";
import { exportCsv } from "./export/csv.ts";
import { exportNdjson } from "./export/ndjson.ts";
import { exportTrace } from "./export/trace.ts";
import { withInspector } from "./open-inspector.ts";
import { flowIdOf } from "./task-ids.ts";

export const exportCommand = defineCommand({
  name: "export",
  description:
    "Writes the tasks of a store file to stdout, the oldest first, a few at a time whatever the size of the file. The trace shows every attempt on its agent: open it in https://ui.perfetto.dev or chrome://tracing.",
  args: [],
  options: {
    db: DB_OPTION,
    format: { kind: "choice", short: "f", value: "FORMAT", of: ["ndjson", "csv", "trace"], summary: "default ndjson" },
    flow: { kind: "text", value: "FLOW", summary: "only tasks of this flow: its id (f3) or name" },
    payloads: { kind: "flag", summary: "inputs and results too (ndjson)" },
    json: { kind: "flag", summary: "as --format ndjson; errors are JSON on stderr" },
  },
  examples: [
    ["makespan export > tasks.ndjson", "a JSON object a task, with its attempts"],
    ["makespan export -f csv > tasks.csv", "for a spreadsheet"],
    ["makespan export -f trace > trace.json", "a timeline for Perfetto"],
  ],
  async run({ context, options }) {
    return withInspector(context, options.db, async (inspector) => {
      const filter: TaskFilter = options.flow === undefined ? {} : { flowId: flowIdOf(inspector, options.flow) };
      switch (options.format ?? "ndjson") {
        case "ndjson":
          await exportNdjson(inspector, filter, options.payloads, context.out);
          break;
        case "csv":
          await exportCsv(inspector, filter, context.out);
          break;
        case "trace":
          await exportTrace(inspector, filter, context.now(), context.out);
          break;
      }
      return "ok";
    });
  },
});
