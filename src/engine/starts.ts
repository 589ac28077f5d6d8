/**
 * Starting attempts: what an attempt works with (input, checkpoint, outcomes of what it needed) is gathered and handed to its
 * agent. Most have their input at hand and start at once; the rest of a turn is read from the store in one go.
 */
import type { Command, Payload } from "../core/event.ts";
import type { AgentId, Task, TaskId } from "../core/task.ts";
import type { PayloadRequest, Store } from "../store/store.ts";
import type { TaskRow } from "../store/rows.ts";
import type { AgentDriver, AttemptReporter, AttemptStart, Outcome } from "./agent.ts";
import { failureOf } from "./agents/failure.ts";
import type { InputCache } from "./input-cache.ts";
import { noUsage } from "./no-usage.ts";

export type StartCommand = Extract<Command, { kind: "start" }>;
type StopCommand = Omit<Extract<Command, { kind: "stop" }>, "kind">;

export interface StartsOptions {
  readonly store: Store;
  readonly inputs: InputCache;
  readonly driverOf: (agentId: AgentId) => AgentDriver | undefined;
  readonly reporterOf: (command: StartCommand) => AttemptReporter;
  /** The engine is closing: nothing starts any more, not even what a turn has matched already. */
  readonly isClosing: () => boolean;
  /** The task has moved on before the attempt could start, or the engine closes; it must be reported as ended. */
  readonly abandon: (command: StartCommand) => void;
  readonly onError: (error: unknown) => void;
}

/** A start that waits for the store. */
interface Loading {
  readonly command: StartCommand;
  readonly input: Payload | undefined;
  /** Told meanwhile; its agent does not know the attempt yet. */
  stop: StopCommand | undefined;
}

const NOTHING: readonly Outcome[] = [];

export class Starts {
  readonly #options: StartsOptions;
  readonly #loading = new Map<TaskId, Loading>();

  constructor(options: StartsOptions) {
    this.#options = options;
  }

  /** Starts the attempts of one turn, in order where nothing has to be read. */
  start(commands: readonly StartCommand[]): void {
    const toLoad: Loading[] = [];
    for (const command of commands) {
      if (this.#isOver(command)) {
        this.#options.inputs.take(command.task.id);
        this.#options.abandon(command);
        continue;
      }
      const input = command.input ?? this.#options.inputs.take(command.task.id);
      if (input !== undefined && isPlain(command)) this.#deliver(command, input, undefined, NOTHING, undefined);
      else toLoad.push({ command, input, stop: undefined });
    }
    if (toLoad.length > 0) this.#load(toLoad).catch(this.#options.onError);
  }

  /** Stops an attempt: at once, or as soon as its agent has been given it. Nobody says it a second time. */
  stop(command: StopCommand): void {
    const loading = this.#loading.get(command.id);
    if (loading?.command.attempt === command.attempt) loading.stop ??= command;
    else this.#stop(command);
  }

  async #load(starts: readonly Loading[]): Promise<void> {
    for (const loading of starts) this.#loading.set(loading.command.task.id, loading);
    const payloads = new Wanted(this.#options.store);
    for (const { command, input } of starts) {
      const { id, extra } = command.task;
      if (input === undefined) payloads.want(id, "input");
      if (extra?.hasCheckpoint === true) payloads.want(id, "checkpoint");
      if (command.wake === "answer") payloads.want(id, "answer");
    }
    const outcomeIds = new Set(starts.flatMap(({ command }) => [...(command.task.extra?.needs ?? []), ...wakeChildren(command)]));
    const [, rows] = await Promise.all([payloads.load(), outcomeIds.size === 0 ? [] : this.#options.store.taskGet([...outcomeIds], true)]);
    const outcomes = new Map(rows.map((row) => [row.id, outcomeOf(row)]));
    for (const loading of starts) {
      const { command, input } = loading;
      const { id, extra } = command.task;
      // The next attempt of the task may be under way here too.
      if (this.#loading.get(id) === loading) this.#loading.delete(id);
      if (this.#isOver(command)) {
        this.#options.abandon(command);
        continue;
      }
      const given = input ?? payloads.get(id, "input");
      if (given === undefined) {
        // The task is gone from the store: another owner has taken over, finished it, and let it go.
        this.#options.abandon(command);
        continue;
      }
      this.#deliver(
        command,
        given,
        payloads.get(id, "checkpoint"),
        (extra?.needs ?? []).map((need) => outcomes.get(need) ?? goneOutcome(need, command.task.spec.onDependencyFailure !== "continue")),
        wakeOf(command, payloads.get(id, "answer"), outcomes),
      );
      if (loading.stop !== undefined) this.#stop(loading.stop);
    }
  }

  #isOver({ task, attempt }: StartCommand): boolean {
    return task.run?.number !== attempt || this.#options.isClosing();
  }

  #deliver(command: StartCommand, input: Payload, checkpoint: Payload | undefined, needs: readonly Outcome[], wake: AttemptStart["wake"]): void {
    const { task } = command;
    const start: AttemptStart = {
      id: task.id,
      attempt: command.attempt,
      type: task.spec.type,
      name: task.extra?.name,
      input,
      dueAt: task.extra?.dueAt,
      timeoutMs: task.spec.timeoutMs,
      checkpoint,
      wake,
      needs,
    };
    const reporter = this.#options.reporterOf(command);
    try {
      this.#options.driverOf(command.agentId)?.start(start, reporter);
    } catch (error) {
      // An agent may be anybody's: one that throws fails the attempt, and not the engine or what starts after it.
      reporter.fail(failureOf(error), noUsage(task, command.assignedAt));
    }
  }

  #stop({ agentId, id, attempt, reason }: StopCommand): void {
    try {
      this.#options.driverOf(agentId)?.stop(id, attempt, reason);
    } catch {
      // To stop is a request: an attempt that does not hear it is given up in time.
    }
  }
}

/** Payloads wanted from the store, read in one call. */
class Wanted {
  readonly #store: Store;
  readonly #requests: PayloadRequest[] = [];
  readonly #found = new Map<string, Payload>();

  constructor(store: Store) {
    this.#store = store;
  }

  want(id: TaskId, kind: PayloadRequest["kind"]): void {
    this.#requests.push({ id, kind });
  }

  async load(): Promise<void> {
    if (this.#requests.length === 0) return;
    const payloads = await this.#store.payloadLoad(this.#requests);
    payloads.forEach((payload, index) => {
      const { id, kind } = this.#requests[index]!;
      if (payload !== null) this.#found.set(`${kind}:${id}`, payload);
    });
  }

  get(id: TaskId, kind: PayloadRequest["kind"]): Payload | undefined {
    return this.#found.get(`${kind}:${id}`);
  }
}

export function outcomeOf(row: TaskRow): Outcome {
  return { id: row.id, name: row.name ?? undefined, state: row.state, result: row.result, error: row.error };
}

const OUTCOME_GONE = JSON.stringify({ code: "outcome_gone", message: "Retention has deleted this task; how it ended is not known any more." });

/** A task whose row retention has taken. That it succeeded is certain only for a dependent that would not run otherwise. */
function goneOutcome(id: TaskId, succeeded: boolean): Outcome {
  return succeeded
    ? { id, name: undefined, state: "succeeded", result: undefined, error: undefined }
    : { id, name: undefined, state: "failed", result: undefined, error: OUTCOME_GONE };
}

function isPlain({ task, wake }: StartCommand): boolean {
  const extra = task.extra;
  return wake === undefined && (extra === undefined || (extra.needs === undefined && extra.hasCheckpoint !== true));
}

function wakeChildren(command: StartCommand): readonly TaskId[] {
  return command.wake === "children" ? childrenOf(command.task) : [];
}

function childrenOf(task: Task): readonly TaskId[] {
  return task.extra?.children ?? [];
}

function wakeOf(command: StartCommand, answer: Payload | undefined, outcomes: ReadonlyMap<TaskId, Outcome>): AttemptStart["wake"] {
  if (command.wake === undefined) return undefined;
  if (command.wake === "answer") return { kind: "answer", answer: answer ?? "null" };
  return { kind: "children", outcomes: childrenOf(command.task).map((id) => outcomes.get(id) ?? goneOutcome(id, false)) };
}
