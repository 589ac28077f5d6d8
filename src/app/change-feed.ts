/**
 * The async iterator of `watch()`. It buffers what its consumer has not taken yet, up to a bound; what comes beyond it is
 * counted, and told as one `gap` after the buffered changes, so that a slow consumer never holds back the engine, never
 * fills the memory, and never takes a part for the whole.
 */
import type { RiskNotice, RiskState } from "../core/foresight/risk.ts";
import type { FlowId, TaskId, TaskState } from "../core/task.ts";
import type { Fact, Note } from "../engine/types.ts";
import { formatFlowId, formatTaskId } from "../protocol/ids.ts";
import type { LogRow } from "../store/rows.ts";
import type { TaskFilter as StoreFilter } from "../store/store.ts";
import { forecastOf, type TaskForecast } from "./why/task-why.ts";
import type { TaskError } from "./task-failed-error.ts";

/** What a watcher is told. */
export type TaskChange =
  /** A durable change of a task: the state it is in now. */
  | {
      readonly kind: "task";
      readonly id: string;
      readonly type: string;
      readonly name: string | undefined;
      readonly flow: string | undefined;
      readonly queue: string;
      readonly state: TaskState;
      /** Attempts started. */
      readonly attempts: number;
      readonly at: Date;
      /** The task is new. */
      readonly created: boolean;
      /** Set when it settled. */
      readonly result: unknown;
      readonly error: TaskError | undefined;
      readonly reason: string | undefined;
    }
  | { readonly kind: "progress"; readonly id: string; readonly attempt: number; /** 0 to 1. */ readonly fraction: number; readonly note: string | undefined }
  | { readonly kind: "log"; readonly id: string; readonly attempt: number; readonly at: Date; readonly level: LogRow["level"]; readonly text: string }
  /** A task with a due date is at risk of being late, is late, or is expected in time again. */
  | {
      readonly kind: "risk";
      readonly id: string;
      readonly type: string;
      readonly name: string | undefined;
      readonly risk: RiskState;
      readonly at: Date;
      readonly dueAt: Date;
      /** Undefined when nobody can tell. */
      readonly forecast: TaskForecast | undefined;
    }
  /** So many changes came while the buffer was full; ask `get` or `list` for what matters. */
  | { readonly kind: "gap"; readonly missed: number };

export interface FeedOptions {
  readonly filter: StoreFilter;
  readonly id: TaskId | undefined;
  readonly progress: boolean;
  readonly logs: boolean;
  readonly bufferSize: number;
  /** Called once, when nobody listens any more. */
  readonly onEnd: (feed: ChangeFeed) => void;
  /** The type, queue and flow of a live task, for notes. */
  readonly taskOf: (id: TaskId) => Fact["task"] | undefined;
}

interface Waiting {
  readonly resolve: (result: IteratorResult<TaskChange, undefined>) => void;
  readonly reject: (error: Error) => void;
}

const END: IteratorResult<TaskChange, undefined> = { done: true, value: undefined };

export class ChangeFeed implements AsyncIterableIterator<TaskChange, undefined> {
  readonly #options: FeedOptions;
  #buffer: TaskChange[] = [];
  #taken = 0;
  #missed = 0;
  #waiting: Waiting[] = [];
  #ended = false;
  #failure: Error | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  facts(facts: readonly Fact[], at: number): void {
    for (const fact of facts) if (this.#wants(fact.task, fact.state)) this.#push(() => changeOf(fact, at));
  }

  risks(notices: readonly RiskNotice[], at: number): void {
    for (const { kind: risk, task, dueAt, forecast } of notices) {
      if (!this.#wants(task, undefined)) continue;
      const { id, spec, extra } = task;
      const expected = forecast === undefined ? undefined : forecastOf(forecast);
      this.#push(() => ({ kind: "risk", id: formatTaskId(id), type: spec.type, name: extra?.name, risk, at: new Date(at), dueAt: new Date(dueAt), forecast: expected }));
    }
  }

  note(note: Note): void {
    const { progress, logs, taskOf } = this.#options;
    if (note.kind === "progress" && progress && this.#wantsNote(taskOf(note.id))) {
      const { kind, attempt, fraction, note: text } = note;
      this.#push(() => ({ kind, id: formatTaskId(note.id), attempt, fraction, note: text }));
    } else if (note.kind === "log" && logs && this.#wantsNote(taskOf(note.line.taskId))) {
      const { taskId, attempt, at, level, text } = note.line;
      this.#push(() => ({ kind: "log", id: formatTaskId(taskId), attempt, at: new Date(at), level, text }));
    }
  }

  next(): Promise<IteratorResult<TaskChange, undefined>> {
    const change = this.#take();
    if (change !== undefined) return Promise.resolve({ done: false, value: change });
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#ended) return Promise.resolve(END);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<TaskChange, undefined>> {
    this.#buffer = [];
    this.#taken = 0;
    this.#missed = 0;
    this.end();
    return Promise.resolve(END);
  }

  /** No more changes come; what is buffered can still be taken. With a failure, the consumer is told after that. */
  end(failure?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    for (const { resolve, reject } of this.#waiting) {
      if (failure === undefined) resolve(END);
      else reject(failure);
    }
    this.#waiting = [];
    this.#options.onEnd(this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #wants(task: Fact["task"], state: TaskState | undefined): boolean {
    const { filter, id } = this.#options;
    if (id !== undefined && task.id !== id) return false;
    if (filter.states !== undefined && state !== undefined && !filter.states.includes(state)) return false;
    if (filter.types !== undefined && !filter.types.includes(task.spec.type)) return false;
    if (filter.queue !== undefined && task.spec.queue !== filter.queue) return false;
    if (filter.tenant !== undefined && task.extra?.tenant !== filter.tenant) return false;
    if (filter.session !== undefined && task.extra?.session?.name !== filter.session) return false;
    return filter.flowId === undefined || task.extra?.flow?.id === filter.flowId;
  }

  #wantsNote(task: Fact["task"] | undefined): boolean {
    return task !== undefined && this.#wants(task, undefined);
  }

  #push(make: () => TaskChange): void {
    if (this.#ended) return;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) waiting.resolve({ done: false, value: make() });
    else if (this.#missed > 0 || this.#buffer.length - this.#taken >= this.#options.bufferSize) this.#missed += 1;
    else this.#buffer.push(make());
  }

  #take(): TaskChange | undefined {
    const change = this.#buffer[this.#taken];
    if (change !== undefined) {
      this.#taken += 1;
      if (this.#taken === this.#buffer.length) {
        this.#buffer = [];
        this.#taken = 0;
      }
      return change;
    }
    if (this.#missed === 0) return undefined;
    const missed = this.#missed;
    this.#missed = 0;
    return { kind: "gap", missed };
  }
}

function changeOf(fact: Fact, at: number): TaskChange {
  const { task, created, state, result, error, reason } = fact;
  return {
    kind: "task",
    id: formatTaskId(task.id),
    type: task.spec.type,
    name: task.extra?.name,
    flow: flowName(task.extra?.flow?.id),
    queue: task.spec.queue,
    state,
    attempts: task.attempt,
    at: new Date(at),
    created,
    result: result === undefined ? undefined : JSON.parse(result),
    error: error === undefined ? undefined : (JSON.parse(error) as TaskError),
    reason,
  };
}

function flowName(id: FlowId | undefined): string | undefined {
  return id === undefined ? undefined : formatFlowId(id);
}
