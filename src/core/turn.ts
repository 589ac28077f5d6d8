/**
 * What one turn produces, collected while its events are applied: commands, and for each task that changed one record,
 * however often it changed.
 */
import type { Change, EndedAttempt, FlowChange } from "./change.ts";
import type { Command, Reply, Turn } from "./event.ts";
import type { Flow } from "./flow.ts";
import type { Instant, Task } from "./task.ts";

export class TurnBuilder {
  #replies: Reply[] = [];
  #commands: Command[] = [];
  #changes: Change[] = [];
  #flows = new Map<Flow, FlowChange>();

  /** The record of a task that changes in this turn. */
  change(task: Task): Change {
    if (task.change !== undefined) return task.change;
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
    task.change = change;
    this.#changes.push(change);
    return change;
  }

  ended(task: Task, ended: EndedAttempt): Change {
    const change = this.change(task);
    (change.ended ??= []).push(ended);
    return change;
  }

  reply(reply: Reply): void {
    this.#replies.push(reply);
  }

  command(command: Command): void {
    this.#commands.push(command);
  }

  flow(flow: Flow, finishedAt: Instant | null): void {
    this.#flows.set(flow, { flowId: flow.id, name: flow.name, createdAt: flow.createdAt, finishedAt });
  }

  /** Hands out the turn and starts the next one. */
  take(wakeAt: Instant | undefined): Turn {
    const turn: Turn = {
      replies: this.#replies,
      commands: this.#commands,
      changes: this.#changes,
      flows: [...this.#flows.values()],
      wakeAt,
    };
    for (const change of this.#changes) {
      change.state = change.task.state;
      change.task.change = undefined;
    }
    this.#replies = [];
    this.#commands = [];
    this.#changes = [];
    this.#flows = new Map();
    return turn;
  }
}
