/** What unfinished flows and sessions were served, added up from the tables. */
import type { ServedSnapshot } from "../../core/event.ts";
import type { FlowId } from "../../core/task.ts";
import { SERVED_TASKS } from "../store.ts";
import type { MemoryTables } from "./memory-tables.ts";

export function servedBy(tables: MemoryTables): ServedSnapshot {
  const flows = new Map<FlowId, number>();
  const sessions = new Map<string, number>();
  const from = (tables.taskIds.at(-1) ?? 0) - SERVED_TASKS;
  for (const id of tables.taskIds) {
    const { state, flowId, session, assignedAt, finishedAt } = tables.tasks.get(id)!;
    // An attempt that succeeded is told by its task; how long one that was lost really ran, nobody knows.
    const ran = [...(tables.attempts.get(id)?.values() ?? [])].filter((attempt) => attempt.outcome !== "lost");
    const spans = ran.map((attempt) => attempt.endedAt - attempt.assignedAt);
    if (state === "succeeded") spans.push(finishedAt - assignedAt);
    if (spans.length === 0) continue;
    const ms = spans.reduce((sum, span) => sum + span, 0);
    if (flowId !== null && tables.isFlowOpen(flowId)) flows.set(flowId, (flows.get(flowId) ?? 0) + ms);
    if (session === null || id <= from) continue;
    const before = sessions.get(session) ?? 0;
    // To the end of the Map.
    sessions.delete(session);
    sessions.set(session, before + ms);
  }
  return { flows: [...flows].sort((a, b) => a[0] - b[0]), sessions: [...sessions] };
}
