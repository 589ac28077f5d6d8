/** `makespan stats`: the KPIs of what a store file holds, in words and numbers or as the JSON summary that a run ends with. */
import type { AgentUse, FileKpis, FlowRow, Inspector, LimitView, TaskFilter } from "../app/inspect.ts";
import { errorParts, serviceMsOf } from "../app/inspect.ts";
import { formatCount, formatDuration, formatRate, formatShare } from "../monitor/format.ts";
import { MakespanError } from "../protocol/errors.ts";
import { writeLimitRule } from "../protocol/limit-rule.ts";
import { formatFlowId, formatTaskId } from "../protocol/ids.ts";
import { defineCommand, type CliContext } from "./command.ts";
import { DB_OPTION, JSON_OPTION } from "./common-options.ts";
import { printEstimates } from "./estimates.ts";
import { shortPath, withInspector } from "./open-inspector.ts";
import type { RunReportData } from "./report/data.ts";
import { renderRunText } from "./report/text.ts";
import { createTable } from "./table.ts";
import { flowIdOf } from "./task-ids.ts";
import { relativeTime } from "./times.ts";

export const statsCommand = defineCommand({
  name: "stats",
  description:
    "Shows how well the tasks of a store file were done: counts, throughput, waiting and service times, utilization, cost, the critical path, what stands out. Tasks that have not finished are not counted.",
  args: [],
  options: {
    db: DB_OPTION,
    flow: { kind: "text", value: "FLOW", summary: "only this flow: its id (f3) or name" },
    type: { kind: "list", short: "t", value: "TYPES", summary: "only tasks of these types" },
    "by-flow": { kind: "flag", summary: "a line for each flow" },
    estimates: { kind: "flag", summary: "how long each type of task takes, as learned, how good that is, and what to do" },
    verbose: { kind: "flag", short: "v", summary: "with --estimates: size classes too" },
    json: JSON_OPTION,
  },
  examples: [
    ["makespan stats", "the KPIs in words and numbers"],
    ["makespan stats --flow f3 --json | jq .throughput_per_s", "one number of one flow"],
    ["makespan stats --by-flow", "flows compared"],
    ["makespan stats --estimates", "how good the learned durations are"],
  ],
  async run({ context, options }) {
    return withInspector(context, options.db, async (inspector) => {
      if (options.estimates) {
        if (options.flow !== undefined || options["by-flow"]) throw new MakespanError("invalid_option", "Durations are learned by type, not by flow: --estimates goes with --type only.");
        const { types: all, ignored } = inspector.estimates();
        const report = { types: all.filter(({ type }) => options.type?.includes(type) ?? true), ignored };
        if (options.json) await context.out.json(report);
        else await printEstimates(report, options.verbose, shortPath(inspector.path, context.folder), context);
        return "ok";
      }
      const types = options.type === undefined ? {} : { types: options.type };
      if (options["by-flow"]) {
        const flows = options.flow === undefined ? inspector.flows() : [inspector.flow(flowIdOf(inspector, options.flow))];
        await (options.json ? flowsJson : flowsTable)(flows, types, inspector, context);
        return "ok";
      }
      const flow = options.flow === undefined ? undefined : inspector.flow(flowIdOf(inspector, options.flow));
      const kpis = inspector.kpis({ ...types, ...(flow !== undefined && { flowId: flow.id }) });
      if (options.json) await context.out.json({ ...kpis.summary, balancer: inspector.balancer, agents: kpis.use.map((use) => agentJson(use, kpis.summary.makespan_ms)), limits: inspector.limits(context.now()).map(limitJson) });
      else await context.out.line([statsText(kpis, flow, inspector, context), ...agentLines(kpis, inspector.balancer, context), ...limitLines(inspector.limits(context.now()), context)].join("\n"));
      return "ok";
    });
  },
});

function statsText(kpis: FileKpis, flow: FlowRow | undefined, inspector: Inspector, { out, now, folder }: CliContext): string {
  const path = inspector.tasks(kpis.criticalPath);
  const begin = Math.min(...path.map(({ startedAt }) => startedAt).filter((at) => at > 0));
  const data: RunReportData = {
    title: flow === undefined ? shortPath(inspector.path, folder) : `Flow ${formatFlowId(flow.id)} ${flow.name}`,
    generatedAt: now(),
    summary: kpis.summary,
    agents: kpis.agents,
    attempts: [],
    criticalPath: path.map((task) => ({
      taskId: formatTaskId(task.id),
      label: task.name ?? formatTaskId(task.id),
      startMs: Math.max(0, task.startedAt - begin),
      serviceMs: serviceMsOf(task) ?? 0,
    })),
    failures: inspector.tasks(kpis.failed, true).map((task) => ({
      taskId: formatTaskId(task.id),
      label: task.name ?? task.spec.type,
      reason: task.reason ?? task.state,
      message: errorParts(task.error).message ?? "",
    })),
    notes: kpis.open === 0 ? [] : [`${formatCount(kpis.open)} more ${kpis.open === 1 ? "task has" : "tasks have"} not finished: makespan ls --state scheduled,blocked,queued,running,parked`],
  };
  return renderRunText(data, { width: out.columns, colour: out.hasColors });
}

/** Busy slot time ÷ slot time from the first release to the last completion, at most 1; null when that took no time. */
function loadOf({ agent, busyMs }: AgentUse, makespanMs: number | null): number | null {
  return makespanMs === null || makespanMs === 0 ? null : Math.min(1, busyMs / (agent.slots * makespanMs));
}

function agentJson(use: AgentUse, makespanMs: number | null): object {
  const { agent, attempts, busyMs } = use;
  return { name: agent.name, kind: agent.kind, slots: agent.slots, attempts, busy_ms: busyMs, load: loadOf(use, makespanMs) };
}

function agentLines({ use, summary }: FileKpis, balancer: string, { out }: CliContext): readonly string[] {
  if (use.length === 0) return [];
  const table = createTable<AgentUse>(
    [
      { title: "AGENT", value: ({ agent }) => agent.name, least: 10 },
      { title: "KIND", value: ({ agent }) => agent.kind, spared: 1 },
      { title: "SLOTS", value: ({ agent }) => formatCount(agent.slots), align: "right" },
      { title: "ATTEMPTS", value: ({ attempts }) => formatCount(attempts), align: "right" },
      { title: "BUSY", value: ({ busyMs }) => formatDuration(busyMs), align: "right" },
      { title: "LOAD", value: (one) => formatShare(loadOf(one, summary.makespan_ms)), align: "right" },
    ],
    out,
  );
  return ["", out.paint("bold", `Agents, picked by ${balancer}`), ...table.lines(use)];
}

function limitJson({ name, rule, used, totals }: LimitView): object {
  return {
    name,
    kind: rule.kind,
    units: rule.units,
    per_ms: rule.kind === "slots" ? null : rule.perMs,
    used: used ?? null,
    refusals: totals.refusals,
    holding_ms: totals.holdingMs,
    waste_unit_ms: totals.wasteUnitMs,
    overused: totals.overused,
    shrinks: totals.shrinks,
  };
}

/** At most three decimals. */
function formatUnits(units: number): string {
  return String(Math.round(units * 1_000) / 1_000);
}

function limitLines(limits: readonly LimitView[], { out }: CliContext): readonly string[] {
  if (limits.length === 0) return [];
  const table = createTable<LimitView>(
    [
      { title: "LIMIT", value: ({ name }) => name, least: 10 },
      { title: "RULE", value: ({ rule }) => writeLimitRule(rule) },
      { title: "USED", value: ({ used }) => (used === undefined ? "" : formatUnits(used)), align: "right" },
      { title: "HELD UP", value: ({ totals }) => formatDuration(totals.holdingMs), align: "right" },
      { title: "PUT OFF", value: ({ totals }) => formatCount(totals.refusals), align: "right", spared: 2 },
      { title: "WASTE", value: ({ totals }) => `${formatUnits(totals.wasteUnitMs / 1_000)} unit·s`, align: "right", spared: 1 },
      { title: "BACK-OFFS", value: ({ totals }) => formatCount(totals.shrinks), align: "right", spared: 3 },
    ],
    out,
  );
  return ["", out.paint("bold", "Limits"), ...table.lines(limits)];
}

interface MeasuredFlow {
  readonly flow: FlowRow;
  readonly kpis: FileKpis;
}

function* measured(flows: Iterable<FlowRow>, filter: TaskFilter, inspector: Inspector): Generator<MeasuredFlow> {
  for (const flow of flows) yield { flow, kpis: inspector.kpis({ ...filter, flowId: flow.id }) };
}

async function flowsJson(flows: Iterable<FlowRow>, filter: TaskFilter, inspector: Inspector, { out }: CliContext): Promise<void> {
  let isFirst = true;
  await out.write('{"flows":[');
  for (const { flow, kpis } of measured(flows, filter, inspector)) {
    if (out.isGone) return;
    const value = { flow: formatFlowId(flow.id), name: flow.name, open: kpis.open, summary: kpis.summary };
    await out.write(`${isFirst ? "\n" : ",\n"}${JSON.stringify(value)}`);
    isFirst = false;
  }
  await out.line("\n]}");
}

const FLOWS_AT_ONCE = 200;

async function flowsTable(flows: Iterable<FlowRow>, filter: TaskFilter, inspector: Inspector, context: CliContext): Promise<void> {
  const { out, err, now } = context;
  const counts = (count: number): string => (count === 0 ? "" : formatCount(count));
  const table = createTable<MeasuredFlow>(
    [
      { title: "FLOW", value: ({ flow }) => formatFlowId(flow.id) },
      { title: "NAME", value: ({ flow }) => flow.name, least: 10 },
      { title: "TASKS", value: ({ kpis }) => formatCount(kpis.summary.tasks.total + kpis.open), align: "right" },
      { title: "OPEN", value: ({ kpis }) => counts(kpis.open), align: "right", style: () => "cyan" },
      { title: "OK", value: ({ kpis }) => counts(kpis.summary.tasks.succeeded), align: "right", style: () => "green" },
      { title: "FAILED", value: ({ kpis }) => counts(kpis.summary.tasks.failed + kpis.summary.tasks.expired), align: "right", style: () => "red" },
      { title: "MAKESPAN", value: ({ kpis }) => formatDuration(kpis.summary.makespan_ms), align: "right" },
      { title: "PATH", value: ({ kpis }) => formatDuration(kpis.summary.critical_path_ms), align: "right" },
      { title: "RATE", value: ({ kpis }) => formatRate(kpis.summary.throughput_per_s), align: "right", spared: 2 },
      { title: "UTIL", value: ({ kpis }) => formatShare(kpis.summary.utilization), align: "right", spared: 3 },
      { title: "CREATED", value: ({ flow }) => relativeTime(flow.createdAt, now()), align: "right", spared: 1 },
    ],
    out,
    { keepsEmpty: true },
  );
  let batch: MeasuredFlow[] = [];
  let count = 0;
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await out.write(`${table.lines(batch).join("\n")}\n`);
    batch = [];
  };
  for (const each of measured(flows, filter, inspector)) {
    if (out.isGone) return;
    count += batch.push(each) > 0 ? 1 : 0;
    if (batch.length === FLOWS_AT_ONCE) await flush();
  }
  await flush();
  if (count === 0) await err.line(err.paint("dim", `There are no flows in ${shortPath(inspector.path, context.folder)}.`));
}
