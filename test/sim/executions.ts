/**
 * What really runs, as the agents know it and whatever the engine believes: every execution from its start to its end, and
 * what it said. Slots and limits are counted here. Imports types only.
 */
import type { AgentSpec } from "../../src/core/agent.ts";
import type { TaskId } from "../../src/core/task.ts";
import { tokenOf, type DurableModel } from "./durable-model.ts";

export interface Execution {
  readonly token: string;
  readonly id: TaskId;
  /** Which engine started it. */
  readonly life: number;
  /** Name of its agent, and how much that takes at once. */
  readonly agent: string;
  readonly slots: number;
  /** Its agent may be given up for silent, and what had been told to stop on it with it, of which no record tells. */
  readonly mayFallSilent: boolean;
  readonly type: string;
  readonly limitKey: string | null;
  isRunning: boolean;
}

export class Executions {
  readonly #model: DurableModel;
  readonly #stopGraceMs: number;
  readonly #all = new Map<string, Execution>();
  readonly #running = new Set<Execution>();
  readonly #succeeded = new Map<string, Set<string>>();
  readonly #failed = new Set<string>();
  count = 0;

  constructor(model: DurableModel, stopGraceMs: number) {
    this.#model = model;
    this.#stopGraceMs = stopGraceMs;
  }

  /** Undefined when the same attempt was started before. */
  start(id: TaskId, attempt: number, life: number, { name: agent, slots, heartbeatTimeoutMs }: AgentSpec): Execution | undefined {
    const token = tokenOf(id, attempt);
    if (this.#all.has(token)) return undefined;
    const task = this.#model.tasks.get(id);
    const execution: Execution = { token, id, life, agent, slots, mayFallSilent: heartbeatTimeoutMs !== undefined, type: task?.spec.type ?? "", limitKey: task?.row.limitKey ?? null, isRunning: true };
    this.#all.set(token, execution);
    this.#running.add(execution);
    this.count += 1;
    return execution;
  }

  end(token: string): void {
    const execution = this.#all.get(token);
    if (execution === undefined) return;
    execution.isRunning = false;
    this.#running.delete(execution);
  }

  said(token: string, kind: string, result: string | undefined): void {
    if (kind === "fail") this.#failed.add(token);
    if (kind !== "succeed" || result === undefined) return;
    const results = this.#succeeded.get(token) ?? new Set();
    this.#succeeded.set(token, results.add(result));
  }

  saidSucceeded(token: string, result: string): boolean {
    return this.#succeeded.get(token)?.has(result) === true;
  }

  saidFailed(token: string): boolean {
    return this.#failed.has(token);
  }

  /**
   * What ran together at the match of `newest`, and at the matches that came after it and whose attempts have started already
   * (what an attempt needs is read from the store first, so that one may overtake another).
   */
  together(newest: Execution): { readonly at: Execution; readonly sent: number; readonly running: readonly Execution[] }[] {
    const { sent } = this.#model.assigned.get(newest.token)!;
    const ofLife = [...this.#running].filter((other) => other.life === newest.life).map((other) => ({ other, match: this.#model.assigned.get(other.token)! }));
    return ofLife
      .filter(({ match }) => match.sent >= sent)
      .map(({ other: at, match }) => {
        const before = ofLife.filter(({ other, match: earlier }) => earlier.sent <= match.sent && !this.#isGivenUp(other, match.at));
        return { at, sent: match.sent, running: before.map(({ other }) => other) };
      });
  }

  /** Gone with its agent, or told to stop longer ago than the grace time. */
  #isGivenUp({ token, mayFallSilent }: Execution, at: number): boolean {
    const ended = this.#model.ended.get(token);
    if (ended === undefined) return false;
    return ended.outcome === "lost" || mayFallSilent || at >= ended.endedAt + this.#stopGraceMs;
  }
}
