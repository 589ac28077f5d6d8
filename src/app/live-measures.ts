/**
 * The KPIs of an app since it was opened, fed with every task that settles. About a microsecond a task, no allocation: one
 * view is laid over the facts, one after the other, since the KPIs copy what they keep.
 */
import type { RiskNotice } from "../core/foresight/risk.ts";
import type { AgentId, FinalState, Task } from "../core/task.ts";
import { isFinal } from "../core/task.ts";
import type { EndedAttempt } from "../core/change.ts";
import { startedAt } from "../engine/rows.ts";
import type { Fact } from "../engine/types.ts";
import { createRunKpis, type RunKpis } from "../monitor/kpi.ts";
import { repeatsOf, type SettledTask } from "../monitor/measures.ts";
import type { RunSummary } from "../monitor/summary.ts";
import { formatTaskId } from "../protocol/ids.ts";

const MS_PER_HOUR = 3_600_000;

interface AgentFacts {
  readonly name: string;
  readonly slots: number;
  readonly costPerHour: number;
}

export class LiveMeasures {
  readonly #kpis: RunKpis;
  readonly #agents = new Map<AgentId, AgentFacts>();
  /** Read by the KPIs when they are asked; agents come after they are made. */
  readonly #fleet: AgentFacts[] = [];
  readonly #view: SettledView;
  readonly #reported = new WeakSet<Task>();
  #atRiskCount = 0;

  constructor(startedAt: number, cores: number) {
    this.#kpis = createRunKpis({ agents: this.#fleet, cores, startedAt });
    this.#view = new SettledView(this.#agents);
  }

  agentJoined(id: AgentId, agent: { readonly name: string; readonly slots: number; readonly costPerHour?: number }): void {
    const facts = { name: agent.name, slots: agent.slots, costPerHour: agent.costPerHour ?? 0 };
    this.#agents.set(id, facts);
    this.#fleet.push(facts);
  }

  note(fact: Fact, at: number): void {
    const { task, state, ended } = fact;
    for (const attempt of ended) {
      if (attempt.outcome === "succeeded") continue;
      const { assignedAt, endedAt, usage } = attempt;
      const cost = costOf(attempt, this.#agents);
      this.#kpis.attempt({ type: task.spec.type, assignedAt, endedAt, cpuMs: usage?.cpuMs ?? 0, peakMemoryBytes: usage?.peakMemoryBytes ?? 0, cost });
    }
    if (!isFinal(state)) return;
    this.#view.show(fact, state, at);
    this.#kpis.task(this.#view);
  }

  /** Tasks whose due date is at risk, each once. */
  risks(notices: readonly RiskNotice[]): void {
    for (const { kind, task } of notices) if (kind === "at_risk" || (kind === "late" && !this.#reported.has(task))) this.#atRisk(task);
  }

  #atRisk(task: Task): void {
    if (this.#reported.has(task)) return;
    this.#reported.add(task);
    this.#atRiskCount += 1;
  }

  summary(): RunSummary {
    return this.#kpis.summary({ atRisk: this.#atRiskCount });
  }
}

class SettledView implements SettledTask {
  readonly #agents: ReadonlyMap<AgentId, AgentFacts>;
  #fact: Fact | undefined;
  #last: EndedAttempt | undefined;
  state: FinalState = "succeeded";
  type = "";
  readyAt = 0;
  firstReadyAt = 0;
  assignedAt = 0;
  startedAt = 0;
  finishedAt = 0;
  servedMs = 0;
  attempts = 0;
  repeats = 0;

  constructor(agents: ReadonlyMap<AgentId, AgentFacts>) {
    this.#agents = agents;
  }

  show(fact: Fact, state: FinalState, at: number): void {
    const { task, ended } = fact;
    const last = ended.length === 0 ? undefined : ended[ended.length - 1];
    this.#fact = fact;
    this.#last = last;
    this.state = state;
    this.type = task.spec.type;
    this.readyAt = task.readyAt;
    this.firstReadyAt = task.extra?.firstReadyAt ?? task.readyAt;
    this.assignedAt = last?.assignedAt ?? 0;
    this.startedAt = last === undefined ? 0 : startedAt(last);
    this.finishedAt = at;
    this.servedMs = task.extra?.servedMs ?? 0;
    this.attempts = task.attempt;
    this.repeats = repeatsOf(task, state);
  }

  /** Made only for the slowest tasks. */
  get taskId(): string {
    return formatTaskId(this.#fact?.task.id ?? 0);
  }
  get name(): string | null {
    return this.#fact?.task.extra?.name ?? null;
  }
  get agent(): string | null {
    return this.#last === undefined ? null : (this.#agents.get(this.#last.agentId)?.name ?? null);
  }
  /** The KPIs count from when the app was opened, so that it does not matter. */
  get createdAt(): number {
    return this.finishedAt;
  }
  get dueAt(): number | null {
    return this.#fact?.task.extra?.dueAt ?? null;
  }
  get cpuMs(): number {
    return this.#last?.usage?.cpuMs ?? 0;
  }
  get peakMemoryBytes(): number {
    return this.#last?.usage?.peakMemoryBytes ?? 0;
  }
  get cost(): number {
    return this.#last === undefined ? 0 : costOf(this.#last, this.#agents);
  }
}

function costOf(attempt: EndedAttempt, agents: ReadonlyMap<AgentId, AgentFacts>): number {
  const costPerHour = agents.get(attempt.agentId)?.costPerHour ?? 0;
  return (attempt.usage?.cost ?? 0) + (costPerHour === 0 ? 0 : (costPerHour * (attempt.endedAt - startedAt(attempt))) / MS_PER_HOUR);
}
