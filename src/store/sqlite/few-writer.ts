/**
 * Writes the rows of a commit that are few: everything but tasks and logs. What has a name or an id of its own is replaced when it
 * comes again.
 */
import type { Database, Statement } from "./database.ts";
import type { FewRows } from "./messages.ts";
import { packPayload } from "./payload.ts";

const INTO = {
  spec: "INSERT OR REPLACE INTO spec (id, type, queue, priority, retry, timeout_ms, on_dependency_failure, preemptible) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  agent: "INSERT OR REPLACE INTO agent (id, name, kind, slots, cost_per_hour, weight, region, speed, speeds, joined_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  flow: "INSERT OR REPLACE INTO flow (id, name, created_at, finished_at) VALUES (?, ?, ?, ?)",
  attempt:
    "INSERT OR REPLACE INTO attempt (task_id, attempt, agent_id, assigned_at, started_at, ended_at, outcome, cpu_ms, peak_memory_bytes, cost, error) " +
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  setting: "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)",
  keyFreed: "UPDATE task SET key = NULL WHERE id = ?",
  requestDone: "DELETE FROM request WHERE id = ?",
} as const;

type Name = keyof typeof INTO;

export class FewWriter {
  readonly #compressFromBytes: number;
  readonly #into: Readonly<Record<Name, Statement>>;

  constructor(db: Database, compressFromBytes: number) {
    this.#compressFromBytes = compressFromBytes;
    const prepared: readonly (readonly [string, Statement])[] = Object.entries(INTO).map(([name, sql]) => [name, db.prepare(sql)]);
    this.#into = Object.fromEntries(prepared) as Record<Name, Statement>;
  }

  /** What must be there, or gone, before the tasks are written. */
  before(few: FewRows): void {
    const { spec, agent, flow, keyFreed } = this.#into;
    for (const row of few.specs) {
      const preemptible = row.preemptible === true ? 1 : null;
      spec.run(row.id, row.type, row.queue, row.priority, JSON.stringify(row.retry), row.timeoutMs ?? null, row.onDependencyFailure, preemptible);
    }
    for (const row of few.agents) {
      const speeds = row.speeds === null ? null : JSON.stringify(row.speeds);
      agent.run(row.id, row.name, row.kind, row.slots, row.costPerHour, row.weight, row.region, row.speed, speeds, row.joinedAt);
    }
    for (const row of few.flows) flow.run(row.id, row.name, row.createdAt, row.finishedAt);
    for (const id of few.keysFreed) keyFreed.run(id);
  }

  after(few: FewRows): void {
    const { attempt, setting, requestDone } = this.#into;
    for (const row of few.attempts) {
      const error = row.error === null ? null : packPayload(row.error, this.#compressFromBytes);
      attempt.run(
        row.taskId, row.attempt, row.agentId, row.assignedAt, row.startedAt, row.endedAt, row.outcome,
        row.cpuMs, row.peakMemoryBytes, row.cost, error,
      );
    }
    for (const row of few.settings) setting.run(row.name, row.value);
    for (const id of few.requestsDone) requestDone.run(id);
  }
}
