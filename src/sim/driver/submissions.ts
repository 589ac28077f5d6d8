/**
 * From tasks of a workload to `submit` events. Tasks of one type, queue and priority share a spec, as they do live; event objects
 * are used again in every turn, since the core keeps nothing of an event beyond its turn. Tasks that arrive together in a
 * workload with dependencies come in one submission, as a flow does live.
 */
import { assert } from "../../core/assert.ts";
import type { Event, Need, NewTask } from "../../core/event.ts";
import type { FinalState, Spec, TaskId } from "../../core/task.ts";
import { DEFAULT_PRIORITY, DEFAULT_QUEUE, DEFAULT_TYPE, type WorkloadTask } from "../workload/task.ts";

/** Where estimates come from: true sizes, those of the workload, or (learned) none, so that the core goes by what it learns. */
export type Estimates = "exact" | "given" | "learned";

/** Losses with an agent are no fault of the task: it is tried again until it ends. */
const LOSS_LIMIT = 1_000_000_000;

/** A `NewTask` whose fields are set anew for each submission; undefined stands for absent, as the core reads it. */
type Draft = { -readonly [Key in keyof NewTask]: NewTask[Key] | undefined };

interface PooledSubmit {
  readonly kind: "submit";
  readonly tasks: Draft[];
}

export interface SubmissionOptions {
  readonly estimates: Estimates;
  /** Added to every time of the workload to get the core's. */
  readonly startAt: number;
  /** Further attempts after a failed one. */
  readonly retries: number;
  readonly isPreemptible: boolean;
}

/** What became of a task that others may need. */
interface Known {
  readonly id: TaskId;
  state: FinalState | undefined;
}

export class Submissions {
  readonly #options: SubmissionOptions;
  readonly #specs = new Map<string, Spec>();
  /** Types by the ids of their specs. */
  readonly #types: string[] = [""];
  #lastSpec: Spec | undefined;
  readonly #pool: PooledSubmit[] = [];
  #used = 0;
  readonly #known = new Map<number, Known>();
  /** The flow that is being gathered, and the places of its tasks by their refs. */
  #flow: Draft[] = [];
  readonly #places = new Map<number, number>();

  constructor(options: SubmissionOptions) {
    this.#options = options;
  }

  /** The event objects of the turn before are free again. */
  begin(): void {
    this.#used = 0;
  }

  spec(task: WorkloadTask): Spec {
    const type = task.type ?? DEFAULT_TYPE;
    const queue = task.queue ?? DEFAULT_QUEUE;
    const priority = task.priority ?? DEFAULT_PRIORITY;
    const last = this.#lastSpec;
    if (last !== undefined && last.type === type && last.priority === priority && last.queue === queue) return last;
    const key = `${priority}\n${queue}\n${type}`;
    let spec = this.#specs.get(key);
    if (spec === undefined) {
      const { retries, isPreemptible } = this.#options;
      spec = {
        id: this.#specs.size + 1,
        type,
        queue,
        priority,
        retry: { limit: retries, backoff: "exponential", delayMs: 1_000, maxDelayMs: 60_000, jitter: 0, lossLimit: LOSS_LIMIT },
        onDependencyFailure: "skip",
        preemptible: isPreemptible,
      };
      this.#specs.set(key, spec);
      this.#types.push(type);
    }
    this.#lastSpec = spec;
    return spec;
  }

  typeOf(specId: number): string {
    return this.#types[specId]!;
  }

  /** The event that submits a task by itself. It is good until the turn is over. */
  submit(task: WorkloadTask, spec: Spec): Event {
    let event = this.#pool[this.#used];
    if (event === undefined) this.#pool.push((event = { kind: "submit", tasks: [emptyDraft(spec)] }));
    this.#used += 1;
    this.#fill(event.tasks[0]!, task, spec);
    return event as Event;
  }

  /** Adds a task to the flow that `flow()` submits; its id will be `id`. */
  gather(task: WorkloadTask, spec: Spec, id: TaskId): void {
    const draft = emptyDraft(spec);
    this.#fill(draft, task, spec);
    draft.needs = task.needs?.map((ref) => this.#need(ref));
    if (task.ref !== undefined) {
      this.#places.set(task.ref, this.#flow.length);
      this.#known.set(task.ref, { id, state: undefined });
    }
    this.#flow.push(draft);
  }

  /** The event that submits what was gathered; undefined when nothing was. */
  flow(): Event | undefined {
    if (this.#flow.length === 0) return undefined;
    const event: PooledSubmit = { kind: "submit", tasks: this.#flow };
    this.#flow = [];
    this.#places.clear();
    return event as Event;
  }

  /** A task that others may need has ended. */
  settled(ref: number, state: FinalState): void {
    const known = this.#known.get(ref);
    if (known !== undefined) known.state = state;
  }

  #fill(draft: Draft, task: WorkloadTask, spec: Spec): void {
    const { startAt, estimates } = this.#options;
    draft.spec = spec;
    draft.dueAt = shifted(task.dueMs, startAt);
    draft.deadlineAt = shifted(task.deadlineMs, startAt);
    draft.estimateMs = estimates === "exact" ? task.serviceMs : estimates === "given" ? task.estimateMs : undefined;
    draft.tenant = task.tenant;
    draft.session = task.session;
    draft.weight = task.weight;
    draft.size = task.size;
    draft.region = task.region;
    draft.uses = task.uses;
    draft.limitKey = task.limitKey;
  }

  #need(ref: number): Need {
    const place = this.#places.get(ref);
    if (place !== undefined) return { kind: "new", index: place };
    const known = this.#known.get(ref);
    assert(known !== undefined, "a task that is needed was taken from the source before");
    return known.state === undefined ? { kind: "task", id: known.id } : { kind: "past", id: known.id, state: known.state };
  }
}

function emptyDraft(spec: Spec): Draft {
  return {
    spec,
    input: "null",
    name: undefined,
    key: undefined,
    existing: undefined,
    rerun: undefined,
    limitKey: undefined,
    limitOfKey: undefined,
    releaseAt: undefined,
    dueAt: undefined,
    deadlineAt: undefined,
    estimateMs: undefined,
    tenant: undefined,
    session: undefined,
    weight: undefined,
    size: undefined,
    region: undefined,
    uses: undefined,
    needs: undefined,
  };
}

function shifted(ms: number | undefined, startAt: number): number | undefined {
  return ms === undefined ? undefined : ms + startAt;
}
