/**
 * What a store file recorded, as a workload: the tasks that succeeded, with their measured services, the agents that did them
 * as the fleet, and the limits as they are now. So "what would another policy have done with last week's work?" has an answer.
 * A group is its members: they need what it needs, and are needed instead of it.
 */
import type { LimitRule } from "../../core/limits/rule.ts";
import { isFinal } from "../../core/task.ts";
import { MakespanError } from "../../protocol/errors.ts";
import { formatTaskId } from "../../protocol/ids.ts";
import type { AgentGroup, TaskEntry } from "../../sim/index.ts";
import type { TaskRow } from "../../store/rows.ts";
import { inspect, serviceMsOf, type AgentRow, type Inspector } from "../inspect.ts";
import { isExpander } from "../run/groups.ts";
import { HistoryNeeds } from "./history-needs.ts";

export interface History {
  readonly entries: readonly TaskEntry[];
  readonly agents: readonly AgentGroup[];
  readonly limits: Readonly<Record<string, LimitRule>>;
  readonly notes: readonly string[];
}

/** Throws `store_*` when the file is not a store, `invalid_input` when nothing in it has succeeded. */
export function readHistory(path: string): History {
  const inspector = inspect(path);
  try {
    return historyOf(inspector);
  } finally {
    inspector.close();
  }
}

function historyOf(inspector: Inspector): History {
  const rows: TaskRow[] = [];
  const groups: TaskRow[] = [];
  let leftOut = 0;
  for (const page of inspector.pages({})) {
    for (const row of page) {
      if (isExpander(row.spec)) groups.push(row);
      else if (row.state === "succeeded" && serviceMsOf(row) !== undefined) rows.push(row);
      else if (isFinal(row.state)) leftOut += 1;
    }
  }
  if (rows.length === 0) throw new MakespanError("invalid_input", `${inspector.path}: no task in it has succeeded, so there is nothing to simulate.`, { file: inspector.path });
  const needs = new HistoryNeeds(rows, groups);
  const arrivalOf = (row: TaskRow): number => arrivalAt(needs.groupOf(row) ?? row);
  const firstAt = rows.reduce((least, row) => Math.min(least, arrivalOf(row)), Infinity);
  const limits = Object.fromEntries(inspector.limits(Date.now()).map(({ name, rule }) => [name, rule]));
  const lifted = new Set(rows.flatMap(({ uses }) => (uses ?? []).map(({ limit }) => limit).filter((limit) => limits[limit] === undefined)));
  return {
    entries: rows.map((row) => entryOf(row, needs.of(row), limits, arrivalOf(row) - firstAt, speedFor(row, inspector), firstAt)),
    agents: fleetOf(rows, inspector),
    limits,
    notes: [
      ...(leftOut === 0 ? [] : [`${leftOut} tasks that did not succeed were left out: how long they would take is not known.`]),
      ...(lifted.size === 0 ? [] : [`Limits that are not declared any more do not count: ${[...lifted].join(", ")}.`]),
    ],
  };
}

/** A task with dependencies came when it was submitted, a member with its group: when it was released follows from those it needs. */
function arrivalAt({ needs, createdAt, firstReadyAt, readyAt }: TaskRow): number {
  const releasedAt = firstReadyAt > 0 ? firstReadyAt : readyAt;
  return needs !== null && needs.length > 0 ? createdAt : Math.max(createdAt, releasedAt);
}

/** How long it held its slot: from the assignment to the end, since on the way to the agent and back the slot was taken, too. */
function heldMs({ assignedAt, finishedAt, servedMs }: TaskRow): number {
  return finishedAt - assignedAt + servedMs;
}

/** How fast the agent that did it was: what took 5 s at speed 2 is work of 10 s. */
function speedFor({ agentId, spec }: TaskRow, inspector: Inspector): number {
  const agent = agentId === null ? undefined : inspector.agent(agentId);
  return agent?.speeds?.[spec.type] ?? agent?.speed ?? 1;
}

function entryOf(row: TaskRow, needs: readonly string[], limits: History["limits"], arrivalMs: number, speed: number, firstAt: number): TaskEntry {
  const { id, spec, dueAt, estimateMs, limitKey, cost, tenant, session, weight, size, region } = row;
  const uses = (row.uses ?? []).filter(({ limit }) => limits[limit] !== undefined);
  return {
    id: formatTaskId(id),
    arrivalMs,
    serviceMs: heldMs(row) * speed,
    type: spec.type,
    queue: spec.queue,
    priority: spec.priority,
    ...(dueAt !== null && dueAt >= firstAt && { dueMs: dueAt - firstAt }),
    ...(estimateMs !== null && { estimateMs }),
    ...(limitKey !== null && { limitKey }),
    ...(uses.length > 0 && { uses }),
    ...(tenant !== null && { tenant }),
    ...(session !== null && { session }),
    ...(weight !== null && { weight }),
    ...(size !== null && { size }),
    ...(region !== null && { region }),
    ...(cost > 0 && { cost }),
    ...(needs.length > 0 && { needs }),
  };
}

/** Each agent does the types that it did. */
function fleetOf(rows: readonly TaskRow[], inspector: Inspector): readonly AgentGroup[] {
  const types = new Map<number, Set<string>>();
  for (const { agentId, spec } of rows) {
    if (agentId === null) continue;
    let known = types.get(agentId);
    if (known === undefined) types.set(agentId, (known = new Set()));
    known.add(spec.type);
  }
  return [...types].flatMap(([id, done]) => {
    const agent: AgentRow | undefined = inspector.agent(id);
    if (agent === undefined) return [];
    const { name, slots, costPerHour, weight, region, speed, speeds } = agent;
    return [
      {
        name,
        slots,
        types: [...done],
        ...(costPerHour > 0 && { costPerHour }),
        ...(weight !== 1 && { weight }),
        ...(region !== null && { region }),
        ...(speed !== 1 && { speed }),
        ...(speeds !== null && { speeds }),
      },
    ];
  });
}
