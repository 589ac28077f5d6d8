// What a store would know of the scheduler: rows built only from the changes that turns report, and snapshots made of them to go on
// with after a restart. Comparing it with the scheduler's memory shows every change that a turn forgot to report.
import assert from "node:assert/strict";
import type { Change } from "../../src/core/change.ts";
import type { Event, FlowSnapshot, TaskSnapshot, Turn } from "../../src/core/event.ts";
import type { LimitKept } from "../../src/core/limits/limits.ts";
import type { LimitRule } from "../../src/core/limits/rule.ts";
import { Scheduler } from "../../src/core/scheduler.ts";
import { DOWNGRADED, type FinalState, type FlowId, type Instant, type Task, type TaskId, type TaskState } from "../../src/core/task.ts";

const FINAL: ReadonlySet<TaskState> = new Set<TaskState>(["succeeded", "failed", "cancelled", "expired", "shed", "skipped"]);

export type Row = { -readonly [name in keyof TaskSnapshot]: TaskSnapshot[name] } & {
  reason: string | null;
  result: string | undefined;
  error: string | undefined;
  answer: string | undefined;
  checkpoint: string | undefined;
  createdAt: Instant;
};

export type FlowMirrorRow = FlowSnapshot & { readonly finishedAt: Instant | null };

export function isFinalState(state: TaskState): state is FinalState {
  return FINAL.has(state);
}

export class CoreMirror {
  readonly rows = new Map<TaskId, Row>();
  readonly flows = new Map<FlowId, FlowMirrorRow>();
  /** What counted of limits, as text like in a store. */
  readonly limitsKept = new Map<string, string>();
  lastAgentId = 0;

  /** Writes what the turn reports, as a commit would. */
  write(turn: Turn): void {
    for (const flow of turn.flows) {
      this.flows.set(flow.flowId, { id: flow.flowId, name: flow.name, createdAt: flow.createdAt, finishedAt: flow.finishedAt });
    }
    const seen = new Set<TaskId>();
    for (const change of turn.changes) {
      assert.ok(!seen.has(change.task.id), `task ${change.task.id} has one change a turn`);
      seen.add(change.task.id);
      if (change.supersedes !== undefined) {
        const before = this.rows.get(change.supersedes);
        if (before !== undefined) before.key = null;
      }
    }
    for (const change of turn.changes) this.#writeOne(change);
    for (const { name, kept } of turn.limits) this.limitsKept.set(name, JSON.stringify(kept));
    for (const reply of turn.replies) if (reply.kind === "joined") this.lastAgentId = Math.max(this.lastAgentId, reply.agentId);
  }

  #writeOne(change: Change): void {
    const { task, created } = change;
    const before = this.rows.get(task.id);
    assert.equal(before === undefined, created !== undefined, `task ${task.id} is new exactly once`);
    const fixed =
      created === undefined
        ? before!
        : {
            id: task.id,
            spec: created.spec,
            name: created.name ?? null,
            parentId: task.extra?.parent?.id ?? null,
            needs: task.extra?.needs ?? null,
            key: created.key ?? null,
            limitKey: created.limitKey ?? null,
            limitOfKey: created.limitOfKey ?? null,
            dueAt: created.dueAt ?? null,
            estimateMs: created.estimateMs ?? null,
            tenant: created.tenant ?? null,
            session: created.session ?? null,
            weight: created.weight ?? null,
            size: created.size ?? null,
            region: created.region ?? null,
            uses: created.uses ?? null,
            createdAt: change.createdAt,
          };
    this.rows.set(task.id, {
      ...(fixed as Row),
      ...changing(task),
      state: change.state,
      reason: task.extra?.reason ?? (task.extra?.isBestEffort === true ? DOWNGRADED : null),
      result: change.result ?? before?.result,
      error: change.error ?? before?.error,
      answer: change.answer ?? before?.answer,
      checkpoint: change.checkpoint ?? before?.checkpoint,
    });
  }

  /** The scheduler's memory holds what the rows say, and no more. */
  assertSame(scheduler: Scheduler): void {
    const inMemory = new Set<TaskId>();
    const counts = new Map<TaskState, number>();
    for (const task of scheduler.tasks()) {
      inMemory.add(task.id);
      const row = this.rows.get(task.id);
      assert.ok(row !== undefined, `task ${task.id} was reported when it was made`);
      const { state, ...memory } = { state: task.state, ...changing(task) };
      const { attempt, failures, losses, readyAt, firstReadyAt, servedMs, flowId, releaseAt, deadlineAt, parkedFor, answered, hasCheckpoint } = row;
      assert.equal(state, row.state, `state of task ${task.id}`);
      assert.deepEqual(
        memory,
        { attempt, failures, losses, readyAt, firstReadyAt, servedMs, flowId, releaseAt, deadlineAt, parkedFor, answered, hasCheckpoint },
        `task ${task.id} in memory and in the store`,
      );
      assert.equal(task.changeIndex, -1, "nothing of a turn stays behind");
      if (!isFinalState(task.state)) counts.set(task.state, (counts.get(task.state) ?? 0) + 1);
      else assert.ok(this.isFlowOpen(row), `finished task ${task.id} is forgotten with its flow`);
    }
    for (const row of this.rows.values()) {
      if (!isFinalState(row.state)) assert.ok(inMemory.has(row.id), `live task ${row.id} is in memory`);
      else if (this.isFlowOpen(row)) assert.ok(inMemory.has(row.id), `task ${row.id} of an open flow is in memory`);
    }
    for (const [state, count] of Object.entries(scheduler.counts)) assert.equal(count, counts.get(state as TaskState) ?? 0, `count of ${state}`);
    const open = new Set<FlowId>();
    for (const row of this.rows.values()) if (row.flowId !== null && !isFinalState(row.state)) open.add(row.flowId);
    for (const flow of this.flows.values()) {
      assert.equal(flow.finishedAt === null, open.has(flow.id), `flow ${flow.id} is finished exactly when its tasks are`);
    }
  }

  isFlowOpen(row: Row): boolean {
    return row.flowId !== null && this.flows.get(row.flowId)?.finishedAt === null;
  }

  /** The event that brings a limit back after a restart, with what is kept of it. */
  limitEvent(name: string, rule: LimitRule): Event {
    const kept = JSON.parse(this.limitsKept.get(name) ?? "null") as LimitKept | null;
    return { kind: "limit", name, rule, ...(kept !== null && { kept }) };
  }

  /** A new scheduler that goes on where the rows stand. */
  restore(options: { readonly seed: number; readonly stopGraceMs: number }, now: Instant): Scheduler {
    const scheduler = new Scheduler({
      ...options,
      lastTaskId: Math.max(0, ...this.rows.keys()),
      lastFlowId: Math.max(0, ...this.flows.keys()),
      lastAgentId: this.lastAgentId,
    });
    scheduler.restore([...this.flows.values()].filter((flow) => flow.finishedAt === null).map(flowSnapshot), []);
    const live = [...this.rows.values()].filter((row) => !isFinalState(row.state) || this.isFlowOpen(row)).sort((a, b) => a.id - b.id);
    // In two parts, as a store gives them page by page.
    scheduler.restore([], live.slice(0, live.length >> 1).map(snapshotOf));
    scheduler.restore([], live.slice(live.length >> 1).map(snapshotOf));
    scheduler.resume(now);
    return scheduler;
  }

  /** What a redrive of these tasks needs of the store: their rows, the rest of their flows, and what all of these need, in turn. */
  past(ids: readonly TaskId[]): { readonly tasks: readonly TaskSnapshot[]; readonly flows: readonly FlowSnapshot[] } {
    const rows = new Map<TaskId, Row>();
    const flows = new Map<FlowId, FlowSnapshot>();
    const wanted = [...ids];
    for (let id = wanted.pop(); id !== undefined; id = wanted.pop()) {
      const row = this.rows.get(id);
      if (row === undefined || rows.has(id)) continue;
      rows.set(id, row);
      wanted.push(...(row.needs ?? []));
      if (row.flowId === null || flows.has(row.flowId)) continue;
      flows.set(row.flowId, flowSnapshot(this.flows.get(row.flowId)!));
      for (const other of this.rows.values()) if (other.flowId === row.flowId) wanted.push(other.id);
    }
    return { tasks: [...rows.values()].map(snapshotOf), flows: [...flows.values()] };
  }
}

/** The columns of a row that change while a task lives, but for its state. */
function changing(task: Task) {
  const { extra } = task;
  return {
    attempt: task.attempt,
    failures: task.failures,
    losses: task.losses,
    readyAt: task.readyAt,
    firstReadyAt: extra?.firstReadyAt ?? task.readyAt,
    servedMs: extra?.servedMs ?? 0,
    flowId: extra?.flow?.id ?? null,
    releaseAt: extra?.releaseAt ?? null,
    deadlineAt: extra?.deadlineAt ?? null,
    parkedFor: extra?.parkedFor ?? null,
    answered: extra?.answered === true,
    hasCheckpoint: extra?.hasCheckpoint === true,
  };
}

function flowSnapshot({ id, name, createdAt }: FlowMirrorRow): FlowSnapshot {
  return { id, name, createdAt };
}

export function snapshotOf(row: Row): TaskSnapshot {
  const { result: _result, error: _error, answer: _answer, checkpoint: _checkpoint, createdAt: _createdAt, ...snapshot } = row;
  return snapshot;
}
