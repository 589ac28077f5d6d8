/**
 * What one turn produces, collected while its events are applied: commands, and for each task that changed one record,
 * however often it changed.
 */
import type { Change, EndedAttempt, FlowChange } from "./change.ts";
import type { Command, NewTask, Reply, Turn } from "./event.ts";
import type { Flow } from "./flow.ts";
import type { RiskNotice, RiskState } from "./foresight/risk.ts";
import type { LimitChange } from "./limits/limits.ts";
import type { Instant, Task } from "./task.ts";

const NO_REPLIES: Reply[] = [];
const NO_COMMANDS: Command[] = [];
const NO_CHANGES: Change[] = [];
const NO_FLOWS: FlowChange[] = [];

/** Lists are made when something comes into them: most turns of an idle engine or a simulation leave some of them empty. */
export class TurnBuilder {
  #replies = NO_REPLIES;
  #commands = NO_COMMANDS;
  #changes = NO_CHANGES;
  #flows: Map<Flow, FlowChange> | undefined;
  /** Dated tasks of which something is to be reported, with what was reported before. */
  #atRisk: Map<Task, RiskState | undefined> | undefined;

  /** The record of a task that changes in this turn. */
  change(task: Task): Change {
    if (task.changeIndex !== -1) return this.#changes[task.changeIndex]!;
    const change: Change = {
      task,
      state: task.state,
      created: undefined,
      createdAt: 0,
      supersedes: undefined,
      result: undefined,
      error: undefined,
      checkpoint: undefined,
      answer: undefined,
      ended: undefined,
    };
    task.changeIndex = this.#changes.length;
    // A list of one that is pushed to gets room for seventeen; a turn of a simulation often has two.
    if (this.#changes === NO_CHANGES) this.#changes = [change];
    else if (this.#changes.length === 1) this.#changes = [this.#changes[0]!, change];
    else this.#changes.push(change);
    return change;
  }

  /** What came with a task that was submitted in this turn. */
  createdOf(task: Task): NewTask | undefined {
    return task.changeIndex === -1 ? undefined : this.#changes[task.changeIndex]!.created;
  }

  ended(task: Task, ended: EndedAttempt): Change {
    const change = this.change(task);
    if (change.ended === undefined) change.ended = [ended];
    else change.ended.push(ended);
    return change;
  }

  reply(reply: Reply): void {
    if (this.#replies === NO_REPLIES) this.#replies = [reply];
    else this.#replies.push(reply);
  }

  command(command: Command): void {
    if (this.#commands === NO_COMMANDS) this.#commands = [command];
    else this.#commands.push(command);
  }

  /** What is to be reported of a dated task is about to change. */
  atRisk(task: Task): void {
    const tasks = (this.#atRisk ??= new Map());
    if (!tasks.has(task)) tasks.set(task, task.extra?.risk);
  }

  /** Takes the tasks of which something may be reported; undefined when there are none. */
  takeAtRisk(): ReadonlyMap<Task, RiskState | undefined> | undefined {
    const tasks = this.#atRisk;
    this.#atRisk = undefined;
    return tasks;
  }

  flow(flow: Flow, finishedAt: Instant | null): void {
    (this.#flows ??= new Map()).set(flow, { flowId: flow.id, name: flow.name, createdAt: flow.createdAt, finishedAt });
  }

  /** Hands out the turn and starts the next one. */
  take(wakeAt: Instant | undefined, notices: readonly RiskNotice[], limits: readonly LimitChange[]): Turn {
    const turn: Turn = {
      replies: this.#replies,
      commands: this.#commands,
      changes: this.#changes,
      flows: this.#flows === undefined ? NO_FLOWS : [...this.#flows.values()],
      notices,
      limits,
      wakeAt,
    };
    for (const change of this.#changes) {
      change.state = change.task.state;
      change.task.changeIndex = -1;
    }
    this.#replies = NO_REPLIES;
    this.#commands = NO_COMMANDS;
    this.#changes = NO_CHANGES;
    this.#flows = undefined;
    return turn;
  }
}
