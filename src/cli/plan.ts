/** `makespan plan`: searches for a short schedule of a flow, and shows it in words, as JSON and as a page. Nothing is run. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { makePlan, readPlanInput } from "../app/plan/make-plan.ts";
import { agentsOfFile, equalAgents, type PlannedAgent } from "../app/plan/planned-agents.ts";
import { MakespanError } from "../protocol/errors.ts";
import { defineCommand } from "./command.ts";
import { JSON_OPTION } from "./common-options.ts";
import { variablesOf } from "./option-values.ts";
import { planJson } from "./plan/json.ts";
import { renderPlanPage } from "./plan/page.ts";
import { renderPlanText } from "./plan/text.ts";

export const planCommand = defineCommand({
  name: "plan",
  description:
    "Searches for the order and the agents with which a flow is done soonest, from how long its tasks take (estimate: in a flow file, or the runtimes of a recorded workflow), what they need and which resources they use. Nothing is run.",
  args: [{ name: "FLOW", required: true, summary: "flow file (.yaml, .yml, .json) or a workflow in WfFormat (.json)", completes: "files" }],
  options: {
    agents: { kind: "text", value: "FLEET", summary: "so many equal agents, or an agents file (default: those of the flow)", completes: "files" },
    "budget-ms": { kind: "number", value: "MS", min: 1, summary: "how long to search, in ms (default 1000); it stops earlier when the plan is proved best" },
    schedules: { kind: "number", value: "N", min: 1, summary: "try so many schedules instead: the same plan on every machine" },
    seed: { kind: "number", value: "S", min: 0, summary: "seed of the search (default 1)" },
    set: { kind: "list", value: "NAME=VALUE", summary: "give a variable of the flow file another value" },
    report: { kind: "text", value: "FILE", summary: "write one HTML page with the planned timeline", completes: "files" },
    json: JSON_OPTION,
  },
  examples: [
    ["makespan plan build.yaml", "how long it will take, and in which order"],
    ["makespan plan build.yaml --agents 16 --budget-ms 5000", "on 16 equal agents, searching for up to five seconds"],
    ["makespan plan recorded.json --agents fleet.yaml --report plan.html", "a recorded workflow on agents of unequal speed"],
  ],
  async run({ context, args, options }) {
    const file = args[0] ?? "";
    const agents = agentsOf(options.agents, context.folder);
    const input = await readPlanInput(resolve(context.folder, file), { vars: variablesOf(options.set ?? []), ...(agents !== undefined && { agents }) });
    const begin = performance.now();
    const plan = makePlan(input, { budgetMs: options["budget-ms"] ?? 1000, seed: options.seed ?? 1, ...(options.schedules !== undefined && { schedules: options.schedules }) });
    const made = { input, plan, searchMs: performance.now() - begin };
    const report = options.report === undefined ? undefined : resolve(context.folder, options.report);
    if (report !== undefined) await writePage(report, renderPlanPage(made, { command: `makespan plan ${file}`, generatedAt: context.now() }));
    if (options.json) await context.out.json({ ...planJson(made, options.seed ?? 1), report: report ?? null });
    else {
      await context.out.line(renderPlanText(made, context.out));
      if (report !== undefined) await context.out.line(`Timeline: ${report}`);
    }
    return "ok";
  },
});

function agentsOf(text: string | undefined, folder: string): readonly PlannedAgent[] | undefined {
  if (text === undefined) return undefined;
  if (!/^[-+]?[\d.]+$/.test(text)) return agentsOfFile(resolve(folder, text), text);
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 10_000) return equalAgents(count);
  throw new MakespanError("invalid_option", `--agents takes a whole number from 1 to 10000 or an agents file, got ${JSON.stringify(text)}.`, { option: "agents" });
}

async function writePage(path: string, page: string): Promise<void> {
  try {
    await writeFile(path, page);
  } catch (error) {
    throw new MakespanError("invalid_option", `--report ${path} cannot be written: ${error instanceof Error ? error.message : String(error)}.`, {}, { cause: error });
  }
}
