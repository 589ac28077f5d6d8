/**
 * Why, asked of a store file from outside its engine: the live rows are put into a scheduler of its own, which only looks. What the
 * file does not say is taken as it was seen lately: agents do the types that they did in the last tasks, at speed 1, and are there
 * if an engine has the file open. Limits of types are not in the file, and durations that were learned are not either.
 */
import type { AgentSpec } from "../../core/agent.ts";
import type { Why } from "../../core/foresight/why.ts";
import type { ServedSnapshot } from "../../core/event.ts";
import { Scheduler } from "../../core/scheduler.ts";
import { TASK_STATES, isFinal, type AgentId, type FlowId, type TaskId } from "../../core/task.ts";
import { Settings } from "../../engine/settings.ts";
import type { AgentRow, FlowRow, SettingRow, TaskRow } from "../../store/rows.ts";
import type { TaskPage } from "../../store/store.ts";

export interface FileSource {
  readonly taskList: (page: TaskPage) => readonly TaskRow[];
  readonly flows: () => Iterable<FlowRow>;
  readonly agents: ReadonlyMap<AgentId, AgentRow>;
  readonly settings: readonly SettingRow[];
  readonly served: () => ServedSnapshot;
  readonly isOwned: boolean;
}

const PAGE = 2_000;
/** Tasks from which it is taken which agents do which types. */
const SEEN = 500;
const LIVE = TASK_STATES.filter((state) => !isFinal(state));

/** Undefined when the task has settled since its row was read. */
export function whyInFile(source: FileSource, row: TaskRow, now: number): Why | undefined {
  const rows = liveRows(source);
  const why = whyAmong(rows, source, row.id, now);
  if (why?.cause.kind !== "queued" || (why.cause.obstacle.kind !== "limit" && why.cause.obstacle.kind !== "resource")) return why;
  // Who stands in line with it at its limit is not in the file: it is asked again with those alone that could start.
  const inLine = rows.filter((other) => other.state !== "queued" || lineOf(other) === lineOf(row));
  const cause = whyAmong(inLine, source, row.id, now)?.cause;
  return cause?.kind === "queued" ? { ...why, cause: { ...why.cause, place: cause.place } } : why;
}

/** Tasks with one key that use the same limits stand in one line. */
function lineOf({ limitKey, uses }: TaskRow): string {
  return JSON.stringify([limitKey, (uses ?? []).map(({ limit }) => limit).sort()]);
}

function whyAmong(rows: readonly TaskRow[], source: FileSource, id: TaskId, now: number): Why | undefined {
  const flowIds = new Set(rows.flatMap(({ flowId }) => (flowId === null ? [] : [flowId])));
  const scheduler = new Scheduler({ seed: 1, stopGraceMs: 0, lastTaskId: 0, lastFlowId: 0, lastAgentId: 0, reportsRisk: false });
  scheduler.restore(flowsOf(source, flowIds, rows), rows);
  const runs = rows.flatMap((row) => (row.state === "running" && row.agentId !== null ? [{ id: row.id, agentId: row.agentId, assignedAt: row.assignedAt }] : []));
  scheduler.look({ now, settings: new Settings(source.settings).events(), agents: agentsOf(source, rows), served: source.served, runs });
  return scheduler.why(id);
}

function liveRows({ taskList }: FileSource): readonly TaskRow[] {
  const rows: TaskRow[] = [];
  for (;;) {
    const page = taskList({ filter: { states: LIVE }, after: rows.at(-1)?.id, limit: PAGE, descending: false });
    rows.push(...page);
    if (page.length < PAGE) return rows;
  }
}

/** A flow that came after the flows were read is known by its tasks. */
function flowsOf({ flows }: FileSource, ids: ReadonlySet<FlowId>, rows: readonly TaskRow[]): { id: FlowId; name: string; createdAt: number }[] {
  const found = new Map<FlowId, { id: FlowId; name: string; createdAt: number }>();
  if (ids.size === 0) return [];
  for (const { id, name, createdAt } of flows()) if (ids.has(id)) found.set(id, { id, name, createdAt });
  for (const { flowId, createdAt } of rows) if (flowId !== null && !found.has(flowId)) found.set(flowId, { id: flowId, name: "", createdAt });
  return [...found.values()];
}

function agentsOf({ taskList, agents, isOwned }: FileSource, live: readonly TaskRow[]): { id: AgentId; spec: AgentSpec }[] {
  const types = new Map<AgentId, Set<string>>();
  const note = ({ agentId, spec }: TaskRow): void => {
    if (agentId === null) return;
    const known = types.get(agentId) ?? new Set();
    types.set(agentId, known.add(spec.type));
  };
  for (const row of live) if (row.state === "running") note(row);
  if (isOwned) taskList({ filter: {}, after: undefined, limit: SEEN, descending: true }).forEach(note);
  return [...types].map(([id, of]) => {
    const row = agents.get(id);
    return { id, spec: { name: row?.name ?? `agent ${id}`, kind: row?.kind ?? "", types: [...of], slots: row?.slots ?? 1 } };
  });
}
