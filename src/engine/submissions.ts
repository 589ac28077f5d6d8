/**
 * Submissions on their way to the core: checked against the limits, their settings interned, their keys looked up in the store,
 * large ones split so that no turn is long.
 */
import { assert } from "../core/assert.ts";
import type { AttemptToken } from "../core/attempt.ts";
import type { Event, NewTask, Payload, Reply } from "../core/event.ts";
import { isFinal, type TaskId, type TaskState } from "../core/task.ts";
import { MakespanError } from "../protocol/errors.ts";
import type { Store } from "../store/store.ts";
import type { ChildRequest } from "./agent.ts";
import { defaultSpec } from "./default-spec.ts";
import { KeyGate } from "./key-gate.ts";
import type { EngineLimits } from "./limits.ts";
import { bytesIfOver, sizeSentence } from "./payload-size.ts";
import { refusalOf } from "./refusal.ts";
import type { SpecTable } from "./specs.ts";
import type { SubmitBatch, SubmitReply, SubmitTask } from "./types.ts";

export interface SubmissionsOptions {
  readonly store: Store;
  readonly specs: SpecTable;
  readonly limits: EngineLimits;
  readonly counts: () => Readonly<Record<TaskState, number>>;
  /** Resolves with the reply once it is durable; rejects when the engine cannot give one any more. */
  readonly post: (event: Event) => Promise<Reply>;
  readonly resolveChild: ((child: ChildRequest) => SubmitTask) | undefined;
}

type Existing = ReadonlyMap<string, { readonly id: TaskId; readonly state: TaskState }>;

const NOTHING_FINISHED: ReadonlySet<TaskId> = new Set();
/** Tasks of one event; a larger submission without a flow is split. */
const TASKS_PER_EVENT = 500;

export class Submissions {
  readonly #options: SubmissionsOptions;
  readonly #keys = new KeyGate();

  constructor(options: SubmissionsOptions) {
    this.#options = options;
  }

  async submit(batch: SubmitBatch): Promise<SubmitReply> {
    this.#check(batch);
    const keys = batch.tasks.flatMap((task) => task.key ?? []);
    if (keys.length > 0) return this.#submitKeyed(batch, [...new Set(keys)]);
    const mustBeWhole = batch.flow !== undefined || batch.tasks.some((task) => task.needs !== undefined);
    const tasks = this.#newTasks(batch, undefined);
    return tasks.length <= TASKS_PER_EVENT || mustBeWhole ? this.#submitWhole(batch, tasks) : this.#submitInParts(batch, tasks);
  }

  async submitChild(child: ChildRequest, by: AttemptToken): Promise<TaskId> {
    const resolve = this.#options.resolveChild ?? defaultChild;
    const reply = await this.submit({ tasks: [resolve(child)], by });
    return reply.ids[0]!;
  }

  async #submitWhole(batch: SubmitBatch, tasks: readonly NewTask[]): Promise<SubmitReply> {
    return submitted(await this.#options.post(submitEvent(batch, tasks)), NOTHING_FINISHED);
  }

  async #submitInParts(batch: SubmitBatch, tasks: readonly NewTask[]): Promise<SubmitReply> {
    const parts: Promise<SubmitReply>[] = [];
    for (let from = 0; from < tasks.length; from += TASKS_PER_EVENT) parts.push(this.#submitWhole(batch, tasks.slice(from, from + TASKS_PER_EVENT)));
    const replies = await Promise.all(parts);
    return { ids: replies.flatMap((reply) => reply.ids), duplicates: [], flowId: undefined, finished: NOTHING_FINISHED };
  }

  async #submitKeyed(batch: SubmitBatch, keys: readonly string[]): Promise<SubmitReply> {
    const leave = await this.#keys.enter(keys);
    try {
      for (;;) {
        const hits = await this.#options.store.keyFind(keys);
        const existing = new Map(keys.flatMap((key, index) => (hits[index] == null ? [] : [[key, hits[index]] as const])));
        const reply = await this.#options.post(submitEvent(batch, this.#newTasks(batch, existing)));
        if (reply.kind === "refused" && reply.code === "key_moved") continue;
        return submitted(reply, new Set(hits.flatMap((hit) => (hit !== null && isFinal(hit.state) ? [hit.id] : []))));
      }
    } finally {
      leave();
    }
  }

  #newTasks(batch: SubmitBatch, existing: Existing | undefined): NewTask[] {
    return batch.tasks.map((task) => {
      const spec = this.#options.specs.intern(task.spec);
      const known = task.key === undefined ? undefined : existing?.get(task.key);
      return known === undefined ? { ...task, spec } : { ...task, spec, existing: known };
    });
  }

  #check(batch: SubmitBatch): void {
    const { liveTasks, submitTasks } = this.#options.limits;
    if (batch.tasks.length > submitTasks) {
      throw new MakespanError("invalid_input", `A submission holds at most ${submitTasks} tasks; this one has ${batch.tasks.length}. Submit it in parts.`);
    }
    const { scheduled, blocked, queued, running, parked } = this.#options.counts();
    const live = scheduled + blocked + queued + running + parked;
    if (live + batch.tasks.length > liveTasks) {
      throw new MakespanError("too_many_waiting", `${live} tasks are waiting or running and the limit \`liveTasks\` is ${liveTasks}. Submit again when some have finished.`);
    }
    for (const task of batch.tasks) checkSize("input", task.input, this.#options.limits);
  }
}

/** Throws `payload_too_large`. */
export function checkSize(what: string, payload: Payload, limits: EngineLimits): void {
  const bytes = bytesIfOver(payload, limits.payloadBytes);
  if (bytes !== undefined) throw new MakespanError("payload_too_large", sizeSentence(what, bytes, limits.payloadBytes));
}

function defaultChild(child: ChildRequest): SubmitTask {
  return { spec: defaultSpec(child.type), input: child.input, ...child.options };
}

function submitEvent(batch: SubmitBatch, tasks: readonly NewTask[]): Event {
  return { kind: "submit", tasks, ...(batch.flow !== undefined && { flow: batch.flow }), ...(batch.by !== undefined && { by: batch.by }) };
}

function submitted(reply: Reply, finished: ReadonlySet<TaskId>): SubmitReply {
  if (reply.kind === "refused") throw refusalOf(reply);
  assert(reply.kind === "submitted", "a submission is answered with ids");
  return { ids: reply.ids, duplicates: reply.duplicates, flowId: reply.flowId, finished };
}
