/**
 * Submissions on their way to the core: checked against the limits, their settings interned, their keys looked up in the store,
 * large ones split so that no turn is long.
 */
import { assert } from "../core/assert.ts";
import type { AttemptToken } from "../core/attempt.ts";
import type { Event, Need, NewTask, Payload, Reply } from "../core/event.ts";
import type { LateTask } from "../core/foresight/admission.ts";
import { isFinal, type Task, type TaskId, type TaskState } from "../core/task.ts";
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
  /** A task in memory. */
  readonly find: (id: TaskId) => Task | undefined;
  readonly liveCount: () => number;
  /** Resolves with the reply once it is durable; rejects when the engine cannot give one any more. */
  readonly post: (event: Event) => Promise<Reply>;
  readonly resolveChild: ((child: ChildRequest) => SubmitTask) | undefined;
}

type Existing = ReadonlyMap<string, { readonly id: TaskId; readonly state: TaskState }>;

const NONE_DOWNGRADED: readonly LateTask[] = [];
const NOTHING_FINISHED: ReadonlySet<TaskId> = new Set();
/** Tasks of one event; a larger submission without a flow is split. */
const TASKS_PER_EVENT = 500;

export class Submissions {
  readonly #options: SubmissionsOptions;
  readonly #keys = new KeyGate();
  /** Tasks of submissions that are under way, and those of them that are live already. */
  #unanswered = 0;
  #unansweredLive = 0;

  constructor(options: SubmissionsOptions) {
    this.#options = options;
  }

  async submit(batch: SubmitBatch): Promise<SubmitReply> {
    this.#check(batch);
    const keys = keysOf(batch.tasks);
    const { length } = batch.tasks;
    this.#unanswered += length;
    try {
      const reply = await this.#submitChecked(batch, keys);
      this.#unansweredLive -= length;
      return reply;
    } finally {
      this.#unanswered -= length;
    }
  }

  /** A turn was applied: what it accepted is live now. */
  applied(replies: readonly Reply[]): void {
    for (const reply of replies) if (reply.kind === "submitted") this.#unansweredLive += reply.ids.length;
  }

  async submitChild(child: ChildRequest, by: AttemptToken): Promise<TaskId> {
    const resolve = this.#options.resolveChild ?? defaultChild;
    const reply = await this.submit({ tasks: [inherit(resolve(child), this.#options.find(by.id))], by });
    return reply.ids[0]!;
  }

  #submitChecked(batch: SubmitBatch, keys: readonly string[]): Promise<SubmitReply> {
    const pastIds = this.#idsNotInMemory(batch);
    if (keys.length > 0 || pastIds.length > 0) return this.#submitAfterLookup(batch, [...new Set(keys)], pastIds);
    const tasks = this.#newTasks(batch, undefined);
    return tasks.length <= TASKS_PER_EVENT || mustBeWhole(batch) ? this.#submitWhole(batch, tasks) : this.#submitInParts(batch, tasks);
  }

  async #submitWhole(batch: SubmitBatch, tasks: readonly NewTask[]): Promise<SubmitReply> {
    const reply = await this.#options.post(submitEvent(batch, tasks));
    if (isNeedUnknown(reply)) {
      // It was in memory a moment ago: it has settled since.
      const pastIds = this.#idsNotInMemory(batch);
      if (pastIds.length > 0) return this.#submitAfterLookup(batch, [], pastIds);
    }
    return submitted(reply, NOTHING_FINISHED);
  }

  async #submitInParts(batch: SubmitBatch, tasks: readonly NewTask[]): Promise<SubmitReply> {
    const parts: Promise<SubmitReply>[] = [];
    for (let from = 0; from < tasks.length; from += TASKS_PER_EVENT) parts.push(this.#submitWhole(batch, tasks.slice(from, from + TASKS_PER_EVENT)));
    const replies = await Promise.all(parts);
    return { ids: replies.flatMap((reply) => reply.ids), duplicates: [], flowId: undefined, finished: NOTHING_FINISHED, downgraded: NONE_DOWNGRADED };
  }

  /** Keys and needs may name tasks that settled long ago: what the store knows of them goes along. */
  async #submitAfterLookup(batch: SubmitBatch, keys: readonly string[], firstIds: readonly TaskId[]): Promise<SubmitReply> {
    const { store } = this.#options;
    let pastIds = firstIds;
    const leave = await this.#keys.enter(keys);
    try {
      for (;;) {
        const [hits, rows] = await Promise.all([keys.length === 0 ? [] : store.keyFind(keys), pastIds.length === 0 ? [] : store.taskGet(pastIds, false)]);
        const existing = new Map(keys.flatMap((key, index) => {
            const hit = hits[index] ?? null;
            return hit === null ? [] : [[key, hit] as const];
          }));
        const past = new Map(rows.map((row) => [row.id, row.state]));
        const reply = await this.#options.post(submitEvent(batch, this.#newTasks(batch, existing, past)));
        if (reply.kind === "refused" && reply.code === "key_moved") continue;
        if (isNeedUnknown(reply)) {
          const asked = new Set(pastIds);
          pastIds = this.#idsNotInMemory(batch);
          // Others have settled since the store was asked; one that the store does not know either stays unknown.
          if (pastIds.some((id) => !asked.has(id))) continue;
        }
        return submitted(reply, new Set(hits.flatMap((hit) => (hit !== null && isFinal(hit.state) ? [hit.id] : []))));
      }
    } finally {
      leave();
    }
  }

  #newTasks(batch: SubmitBatch, existing: Existing | undefined, past?: ReadonlyMap<TaskId, TaskState>): NewTask[] {
    return batch.tasks.map((task) => {
      const spec = this.#options.specs.intern(task.spec);
      const known = task.key === undefined ? undefined : existing?.get(task.key);
      const needs = task.needs === undefined || past === undefined || past.size === 0 ? undefined : task.needs.map((need) => lookedUp(need, past));
      if (known === undefined && needs === undefined) return { ...task, spec };
      return { ...task, spec, ...(known !== undefined && { existing: known }), ...(needs !== undefined && { needs }) };
    });
  }

  #idsNotInMemory(batch: SubmitBatch): readonly TaskId[] {
    const ids = new Set<TaskId>();
    for (const task of batch.tasks) {
      for (const need of task.needs ?? []) if (need.kind === "task" && this.#options.find(need.id) === undefined) ids.add(need.id);
    }
    return [...ids];
  }

  #check(batch: SubmitBatch): void {
    const { liveTasks, submitTasks } = this.#options.limits;
    if (batch.tasks.length > submitTasks) {
      throw new MakespanError("invalid_input", `A submission holds at most ${submitTasks} tasks; this one has ${batch.tasks.length}. Submit it in parts.`);
    }
    const live = this.#options.liveCount() + this.#unanswered - this.#unansweredLive;
    if (live + batch.tasks.length > liveTasks) {
      throw new MakespanError("too_many_waiting", `${live} tasks are waiting or running and the limit \`liveTasks\` is ${liveTasks}. Submit again when some have finished.`);
    }
    for (const task of batch.tasks) checkSize("input", task.input, this.#options.limits);
  }
}

/** Whether the core could refuse one task of it: then none may be accepted. */
function mustBeWhole({ flow, tasks }: SubmitBatch): boolean {
  return flow !== undefined || tasks.some((task) => task.needs !== undefined || task.ifLate !== undefined || task.uses !== undefined);
}

/** Throws `invalid_option` for a key with half a surrogate pair: the store keeps another text in its place, and would find the task of another key. */
function keysOf(tasks: readonly SubmitTask[]): readonly string[] {
  const keys: string[] = [];
  for (const { key } of tasks) {
    if (key === undefined) continue;
    if (!key.isWellFormed()) throw new MakespanError("invalid_option", `The key ${JSON.stringify(key)} holds half a character (a lone surrogate). Cut texts between characters.`);
    keys.push(key);
  }
  return keys;
}

/** Throws `payload_too_large`. */
export function checkSize(what: string, payload: Payload, limits: EngineLimits): void {
  const bytes = bytesIfOver(payload, limits.payloadBytes);
  if (bytes !== undefined) throw new MakespanError("payload_too_large", sizeSentence(what, bytes, limits.payloadBytes));
}

/** A need that memory does not know, with its state as the store knows it; unknown there too, the core refuses it. */
function lookedUp(need: Need, past: ReadonlyMap<TaskId, TaskState>): Need {
  if (need.kind !== "task") return need;
  const state = past.get(need.id);
  // Live in the store but not in memory: it was submitted a moment ago by somebody else, or has settled since. Memory decides.
  return state === undefined || !isFinal(state) ? need : { kind: "past", id: need.id, state };
}

function defaultChild(child: ChildRequest): SubmitTask {
  return { spec: defaultSpec(child.type), input: child.input, ...child.options };
}

/** A child belongs to the tenant and session of its parent unless it says otherwise. */
function inherit(child: SubmitTask, parent: Task | undefined): SubmitTask {
  const { tenant = parent?.extra?.tenant, session = parent?.extra?.session?.name } = child;
  if (tenant === child.tenant && session === child.session) return child;
  return { ...child, ...(tenant !== undefined && { tenant }), ...(session !== undefined && { session }) };
}

function submitEvent(batch: SubmitBatch, tasks: readonly NewTask[]): Event {
  return { kind: "submit", tasks, ...(batch.flow !== undefined && { flow: batch.flow }), ...(batch.by !== undefined && { by: batch.by }) };
}

function isNeedUnknown(reply: Reply): boolean {
  return reply.kind === "refused" && reply.code === "dependency_unknown";
}

function submitted(reply: Reply, finished: ReadonlySet<TaskId>): SubmitReply {
  if (reply.kind === "refused") throw refusalOf(reply);
  assert(reply.kind === "submitted", "a submission is answered with ids");
  return { ids: reply.ids, duplicates: reply.duplicates, flowId: reply.flowId, finished, downgraded: reply.downgraded ?? NONE_DOWNGRADED };
}
