/** Collects the tasks of a flow while its builder function runs, and gives each a name. */
import type { Need } from "../core/event.ts";
import type { SubmitTask } from "../engine/types.ts";
import { MakespanError } from "../protocol/errors.ts";
import { describeValue } from "../protocol/json.ts";
import type { TaskDefinition } from "./define-task.ts";
import { taskOf } from "./make-task.ts";
import { readTaskRef, shapeOf, type SubmitOptions, type TaskRef, type TaskShape } from "./submit-options.ts";
import type { KnownType, TypesKnown } from "./types-known.ts";

declare const result: unique symbol;

/** A task of a flow that is being built; others of the flow name it in their `needs`. */
export class FlowTask<Result = unknown> {
  readonly type: string;
  /** Its place in the flow. */
  readonly index: number;
  declare readonly [result]?: Result;

  constructor(type: string, index: number) {
    this.type = type;
    this.index = index;
  }
}

/** As for a submission, but that `needs` may name tasks of the same flow. */
export interface FlowTaskOptions extends Omit<SubmitOptions, "needs"> {
  readonly needs?: readonly (FlowTask | TaskRef)[];
}

/** What the caller may leave out: the input of a task that takes none. */
export type SubmitArguments<Input, Options> = undefined extends Input ? [input?: Input, options?: Options] : [input: Input, options?: Options];

export interface AddTask {
  <Input, Result>(task: TaskDefinition<Input, Result>, ...rest: SubmitArguments<Input, FlowTaskOptions>): FlowTask<Result>;
  (type: string, input?: unknown, options?: FlowTaskOptions): FlowTask;
}

interface Added {
  readonly known: KnownType;
  readonly shape: TaskShape;
  readonly made: SubmitTask | Promise<SubmitTask>;
}

export interface BuiltFlow {
  readonly names: readonly string[];
  readonly known: readonly KnownType[];
  readonly tasks: readonly SubmitTask[];
}

export class FlowBuilder {
  readonly #types: TypesKnown;
  readonly #now: number;
  readonly #added: Added[] = [];
  readonly #tasks = new Set<FlowTask>();

  constructor(types: TypesKnown, now: number) {
    this.#types = types;
    this.#now = now;
  }

  readonly add = (task: TaskDefinition | string, input?: unknown, options?: FlowTaskOptions): FlowTask => {
    const known = this.#types.get(task);
    const shape = shapeOf(known.settings, options as SubmitOptions | undefined, this.#now, (ref) => this.#readNeed(ref));
    const made = taskOf(known, shape, input);
    const added = new FlowTask(known.type, this.#added.length);
    this.#added.push({ known, shape, made });
    this.#tasks.add(added);
    return added;
  };

  /**
   * `named` is what the builder function returned: its keys are the names of tasks that have none of their own; others are
   * called by their type, and a number from the second on. Throws `duplicate_id`.
   */
  async finish(named: Readonly<Record<string, FlowTask>>, key: string | undefined): Promise<BuiltFlow> {
    const names = this.#names(named);
    const made = await Promise.all(this.#added.map(async (one) => one.made));
    const tasks = made.map((task, index): SubmitTask => {
      const name = names[index]!;
      return { ...task, name, ...(key !== undefined && task.key === undefined && { key: `${key}/${name}` }) };
    });
    return { names, known: this.#added.map((one) => one.known), tasks };
  }

  /** Whether it was made by this builder. */
  has(task: FlowTask): boolean {
    return this.#tasks.has(task);
  }

  #names(named: Readonly<Record<string, FlowTask>>): readonly string[] {
    const returned = new Map<number, string>();
    for (const [name, task] of Object.entries(named)) returned.set(task.index, name);
    const used = new Set<string>();
    const own = this.#added.map(({ shape, known }, index) => {
      const name = shape.name ?? returned.get(index);
      if (name === undefined) return undefined;
      if (used.has(name)) throw new MakespanError("duplicate_id", `Two tasks of the flow are called "${name}"; the second is of the type "${known.type}".`);
      used.add(name);
      return name;
    });
    const counts = new Map<string, number>();
    return own.map((name, index) => name ?? this.#freeName(this.#added[index]!.known.type, used, counts));
  }

  #freeName(type: string, used: Set<string>, counts: Map<string, number>): string {
    for (;;) {
      const count = (counts.get(type) ?? 0) + 1;
      counts.set(type, count);
      const name = count === 1 ? type : `${type}-${count}`;
      if (used.has(name)) continue;
      used.add(name);
      return name;
    }
  }

  #readNeed(ref: unknown): Need {
    if (!(ref instanceof FlowTask)) return readTaskRef(ref);
    if (this.#tasks.has(ref)) return { kind: "new", index: ref.index };
    throw new MakespanError("dependency_unknown", `needs names a task of another flow (${describeValue(ref.type)}, its number ${ref.index}); name it by its handle.`);
  }
}
