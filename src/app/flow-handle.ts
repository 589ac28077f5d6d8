/** A flow that was submitted: handles of its tasks by name, and how they ended. */
import type { FlowId } from "../core/task.ts";
import type { Outcome } from "../engine/agent.ts";
import { formatFlowId, formatTaskId } from "../protocol/ids.ts";
import type { FlowTask } from "./flow-builder.ts";
import { parsePayload, type Results } from "./results.ts";
import type { FailureState, TaskError } from "./task-failed-error.ts";
import type { TaskHandle } from "./task-handle.ts";

/** How a task ended. */
export type TaskEnd<Result = unknown> =
  | { readonly id: string; readonly state: "succeeded"; readonly result: Result }
  | { readonly id: string; readonly state: FailureState; /** Of its last attempt, if one failed. */ readonly error: TaskError | undefined };

/** What a builder function returns: tasks by name, or nothing. */
export type NamedTasks = Readonly<Record<string, FlowTask>>;

/** Handles by name. */
export type FlowTasks<Named> = Named extends NamedTasks
  ? { readonly [Name in keyof Named]: Named[Name] extends FlowTask<infer Result> ? TaskHandle<Result> : never }
  : Readonly<Record<string, TaskHandle>>;

/** How the tasks ended, by name. */
export type FlowEnds<Named> = Named extends NamedTasks
  ? { readonly [Name in keyof Named]: Named[Name] extends FlowTask<infer Result> ? TaskEnd<Result> : never }
  : Readonly<Record<string, TaskEnd>>;

export class FlowHandle<Named = void> {
  readonly name: string;
  /** Every task by its name. */
  readonly tasks: FlowTasks<Named>;
  readonly #number: FlowId;
  readonly #results: Results;
  readonly #ids: ReadonlyMap<string, number>;

  /** @param ids of the tasks by name; `tasks` are their handles */
  constructor(results: Results, number: FlowId, name: string, ids: ReadonlyMap<string, number>, tasks: Readonly<Record<string, TaskHandle>>) {
    this.#results = results;
    this.#number = number;
    this.name = name;
    this.#ids = ids;
    // The names are those that the builder function returned, or any.
    this.tasks = tasks as FlowTasks<Named>;
  }

  /** As `f3`. */
  get id(): string {
    return formatFlowId(this.#number);
  }

  /** Resolves when every task is final, however it ended. Rejects with `engine_closed` when the app closes first. */
  async result(): Promise<FlowEnds<Named>> {
    const ends = await Promise.all([...this.#ids].map(async ([name, id]) => [name, endOf(await this.#results.outcomeOf(id))] as const));
    return Object.fromEntries(ends) as FlowEnds<Named>;
  }

  toJSON(): { readonly id: string; readonly name: string } {
    return { id: this.id, name: this.name };
  }
}

function endOf({ id, state, result, error }: Outcome): TaskEnd {
  if (state === "succeeded") return { id: formatTaskId(id), state, result: parsePayload(result) };
  return { id: formatTaskId(id), state: state as FailureState, error: error === undefined ? undefined : (JSON.parse(error) as TaskError) };
}
