/**
 * Submissions: one task, many of one definition, a flow. What is the same for many tasks is found out once, so that a task of
 * a large submission costs little more than its JSON.
 */
import type { Clock } from "../engine/clock.ts";
import type { Engine, SubmitReply, SubmitTask } from "../engine/types.ts";
import { MakespanError } from "../protocol/errors.ts";
import { describeValue } from "../protocol/json.ts";
import type { Store } from "../store/store.ts";
import { checkKeys, checkObject, checkText } from "./check.ts";
import type { TaskDefinition } from "./define-task.ts";
import { FlowBuilder, FlowTask, type AddTask } from "./flow-builder.ts";
import { FlowHandle, type NamedTasks } from "./flow-handle.ts";
import { checkDeclared } from "./limits.ts";
import type { Results } from "./results.ts";
import { taskOf } from "./make-task.ts";
import { shapeOf, type SubmitOptions } from "./submit-options.ts";
import { TaskHandle } from "./task-handle.ts";
import type { KnownType, TypesKnown } from "./types-known.ts";
import { downgradedOf, type Downgraded } from "./why/task-why.ts";

export interface FlowOptions {
  /** Idempotency key of the flow: each task without a key of its own gets `key/name`, so that a repeated submission adds nothing twice. */
  readonly key?: string;
}

export interface SubmitterOptions {
  readonly engine: Engine;
  readonly store: Store;
  readonly clock: Clock;
  readonly types: TypesKnown;
  readonly results: Results;
}

const FLOW_KEYS: ReadonlySet<string> = new Set(["key"]);

export class Submitter {
  readonly #engine: Engine;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #types: TypesKnown;
  readonly #results: Results;

  constructor({ engine, store, clock, types, results }: SubmitterOptions) {
    this.#engine = engine;
    this.#store = store;
    this.#clock = clock;
    this.#types = types;
    this.#results = results;
  }

  async one(task: TaskDefinition | string, input: unknown, options: SubmitOptions | undefined): Promise<TaskHandle> {
    const known = this.#types.get(task);
    const shape = shapeOf(known.settings, options, this.#clock.now());
    const made = taskOf(known, shape, input);
    const { ids, duplicates, downgraded } = await this.#submit([made instanceof Promise ? await made : made]);
    return new TaskHandle(this.#results, ids[0]!, known.type, duplicates.length > 0, downgraded.map(downgradedOf)[0]);
  }

  async many(task: TaskDefinition | string, inputs: readonly unknown[], options: SubmitOptions | EachOptions | undefined): Promise<TaskHandle[]> {
    const known = this.#types.get(task);
    if (!Array.isArray(inputs)) throw new MakespanError("invalid_option", `submitMany takes an array of inputs, not ${describeValue(inputs)}.`);
    const tasks = typeof options === "function" ? this.#tasksEach(known, inputs, options) : this.#tasksAlike(known, inputs, options);
    if (tasks.length === 0) return [];
    this.#results.recent.submissionBegins(tasks.length);
    try {
      const { ids, duplicates, downgraded } = await this.#submit(await allMade(tasks));
      const late = lateByIndex(downgraded);
      const existed = duplicates.length === 0 ? undefined : new Set(duplicates);
      return ids.map((id, index) => new TaskHandle(this.#results, id, known.type, existed !== undefined && existed.has(index), late?.get(index)));
    } finally {
      this.#results.recent.submissionEnds(tasks.length);
    }
  }

  async flow<Named extends NamedTasks | void>(name: string, build: (add: AddTask) => Named, options: FlowOptions | undefined): Promise<FlowHandle<Named>> {
    checkText("The name of a flow", name);
    if (typeof build !== "function") throw new MakespanError("invalid_option", `submitFlow takes a function that adds tasks, not ${describeValue(build)}.`);
    if (options !== undefined) {
      checkObject("The options of a flow", options);
      checkKeys("A flow", options, FLOW_KEYS);
    }
    const key = options?.key === undefined ? undefined : checkText("key", options.key);
    const builder = new FlowBuilder(this.#types, this.#clock.now());
    const named = checkNamed(builder, build(builder.add));
    const { names, known, tasks } = await builder.finish(named, key);
    if (tasks.length === 0) throw new MakespanError("invalid_option", `The flow "${name}" has no tasks.`);
    const reply = await this.#submit(tasks, name);
    const existed = new Set(reply.duplicates);
    const late = lateByIndex(reply.downgraded);
    const handles = reply.ids.map((id, index) => new TaskHandle(this.#results, id, known[index]!.type, existed.has(index), late?.get(index)));
    const byName = Object.fromEntries(names.map((one, index) => [one, handles[index]!]));
    const ids = new Map(names.map((one, index) => [one, reply.ids[index]!]));
    // What the builder returned may have other names than the tasks' own.
    for (const [one, task] of Object.entries(named)) {
      byName[one] = handles[task.index]!;
      ids.set(one, reply.ids[task.index]!);
    }
    return new FlowHandle<Named>(this.#results, reply.flowId ?? (await this.#flowOf(reply.ids[0]!)), name, ids, byName);
  }

  #submit(tasks: readonly SubmitTask[], flowName?: string): Promise<SubmitReply> {
    checkDeclared(tasks, this.#engine);
    return this.#engine.submit({ tasks, ...(flowName !== undefined && { flow: { name: flowName } }) });
  }

  #tasksAlike(known: KnownType, inputs: readonly unknown[], options: SubmitOptions | undefined): MaybeTask[] {
    const shape = shapeOf(known.settings, options, this.#clock.now());
    if (shape.key !== undefined && inputs.length > 1) {
      throw new MakespanError("invalid_option", "Tasks of one submission cannot share a key; give submitMany a function: (input, index) => ({ key: … }).");
    }
    return inputs.map((input, index) => taskOf(known, shape, input, index));
  }

  #tasksEach(known: KnownType, inputs: readonly unknown[], options: EachOptions): MaybeTask[] {
    const now = this.#clock.now();
    return inputs.map((input, index) => taskOf(known, shapeOf(known.settings, options(input as never, index), now), input, index));
  }

  /** The flow of a task that was there before. */
  async #flowOf(id: number): Promise<number> {
    const [row] = await this.#store.taskGet([id], false);
    return row?.flowId ?? 0;
  }
}

/** Options for each input. */
export type EachOptions = (input: never, index: number) => SubmitOptions;

/** A task whose schema may still be at work. */
type MaybeTask = SubmitTask | Promise<SubmitTask>;

/** The tasks themselves when no schema is asynchronous. */
async function allMade(tasks: readonly MaybeTask[]): Promise<readonly SubmitTask[]> {
  return tasks.some((task) => task instanceof Promise) ? Promise.all(tasks.map(async (task) => task)) : (tasks as readonly SubmitTask[]);
}

function lateByIndex(late: SubmitReply["downgraded"]): ReadonlyMap<number, Downgraded> | undefined {
  return late.length === 0 ? undefined : new Map(late.map((one) => [one.index, downgradedOf(one)]));
}

function checkNamed(builder: FlowBuilder, returned: unknown): NamedTasks {
  if (returned === undefined || returned === null || returned instanceof FlowTask) return {};
  if (typeof returned === "object" && Object.values(returned).every((task) => task instanceof FlowTask && builder.has(task))) return returned as NamedTasks;
  throw new MakespanError("invalid_option", "The function of a flow returns nothing, or an object of what `add` gave: { name: task, … }.");
}
