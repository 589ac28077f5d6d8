/** From planned tasks to what the engine takes: keys made of content, needs as places in the batch, the queue of the run. */
import type { TaskId } from "../../core/task.ts";
import type { SpecSettings, SubmitTask } from "../../engine/types.ts";
import { neededIds, type PlannedTask, type TaskDraft } from "../../protocol/task-plan.ts";
import { plannedSpec } from "../../protocol/task-settings.ts";
import { CALL_TYPE, callInputOf } from "./calls.ts";
import { expandInputOf } from "./expander.ts";
import { EXPAND_TYPE, RUN_QUEUES } from "./groups.ts";
import { inputOf, needPlaces } from "./work-input.ts";

/** Everything of one run, and of its earlier and later starts, is in this queue. */
export function queueOf(name: string): string {
  return `${RUN_QUEUES}${name}`;
}

export interface SubmissionOptions {
  /** What a task is called in lists and timelines; default its id. */
  readonly label?: (draft: TaskDraft) => string;
  /** What becomes of tasks that an earlier start finished: `true` repeats those that did not succeed, `always` all of them. */
  readonly rerun: true | "always";
}

export class Submission {
  readonly #folder: string;
  readonly #queue: string;
  readonly #startedAt: number;
  readonly #rerun: true | "always";
  readonly #label: (draft: TaskDraft) => string;
  /** One settings object for equal settings, so that the engine interns by identity. */
  readonly #specs = new Map<string, SpecSettings>();

  constructor(name: string, folder: string, startedAt: number, options: SubmissionOptions) {
    this.#label = options.label ?? ((draft) => draft.id);
    this.#rerun = options.rerun;
    this.#folder = folder;
    this.#queue = queueOf(name);
    this.#startedAt = startedAt;
  }

  /** A whole flow: needs are places in it. */
  flow(tasks: readonly PlannedTask[]): SubmitTask[] {
    const places = new Map(tasks.map((task, index) => [task.id, index]));
    return tasks.map((task) => {
      const submitted = this.task(task);
      const ids = neededIds(task);
      if (ids.length === 0) return submitted;
      return { ...submitted, needs: ids.map((id) => ({ kind: "new", index: places.get(id)! })) };
    });
  }

  /** One task, without its needs. */
  task(task: PlannedTask): SubmitTask {
    const key = task.key ?? task.contentHash;
    if (task.expand === undefined) return this.#submit(task, inputOf(task, this.#folder), key, task.spec);
    // It only adds its members, in a slot of its own: stopping it would make room for nobody, and it uses nothing of what they need.
    const { preemptible: _preemptible, ...spec } = task.spec;
    const { uses: _uses, ...expander } = task;
    return this.#submit(expander, expandInputOf(task, this.#folder, needPlaces(task)), task.contentHash, { ...spec, type: EXPAND_TYPE });
  }

  /** A task of a stream, whose handlers are not known beforehand. */
  streamed(task: PlannedTask): SubmitTask {
    if (task.work.kind !== "call") return this.task(task);
    return this.#submit(task, callInputOf(task.work, this.#folder), task.key ?? task.contentHash, { ...task.spec, type: CALL_TYPE });
  }

  /** A member that an expander adds while the run goes on. */
  member(draft: TaskDraft, input: string, key: string): SubmitTask {
    return this.#submit(draft, input, key, draft.spec);
  }

  /** A child of an expander that ends when others have ended, however they did. */
  waiting(name: string, input: string, awaited: readonly TaskId[]): SubmitTask {
    const spec = this.settings(plannedSpec(EXPAND_TYPE, { on_dependency_failure: "continue" }));
    return { spec, input, name, needs: awaited.map((id) => ({ kind: "task", id })) };
  }

  /** The settings in the run's queue; the same object for the same settings. */
  settings(settings: SpecSettings): SpecSettings {
    const text = JSON.stringify(settings);
    let spec = this.#specs.get(text);
    if (spec === undefined) {
      spec = { ...settings, queue: this.#queue };
      this.#specs.set(text, spec);
    }
    return spec;
  }

  #submit(draft: TaskDraft, input: string, key: string, settings: SpecSettings): SubmitTask {
    const dueAt = draft.dueAt ?? (draft.dueInMs === undefined ? undefined : this.#startedAt + draft.dueInMs);
    const deadlineAt = draft.deadlineAt ?? (draft.deadlineInMs === undefined ? undefined : this.#startedAt + draft.deadlineInMs);
    return {
      spec: this.settings(settings),
      input,
      name: this.#label(draft),
      key,
      rerun: this.#rerun,
      ...(dueAt !== undefined && { dueAt }),
      ...(deadlineAt !== undefined && { deadlineAt }),
      ...(draft.ifLate !== undefined && { ifLate: draft.ifLate }),
      ...(draft.estimateMs !== undefined && { estimateMs: draft.estimateMs }),
      ...(draft.region !== undefined && { region: draft.region }),
      ...(draft.uses !== undefined && { uses: draft.uses }),
      ...(draft.tenant !== undefined && { tenant: draft.tenant }),
      ...(draft.session !== undefined && { session: draft.session }),
      ...(draft.weight !== undefined && { weight: draft.weight }),
      ...(draft.size !== undefined && { size: draft.size }),
      ...(draft.limit !== undefined && { limitKey: draft.limit.key, limitOfKey: draft.limit.max }),
    };
  }
}
