/**
 * The types of tasks that an open app knows: those of its definitions, and those that its agents do. Everything submitted,
 * from outside or by a running task, is checked here once and becomes a task of the engine.
 */
import type { ChildRequest } from "../engine/agent.ts";
import type { SubmitTask } from "../engine/types.ts";
import { didYouMean } from "../protocol/did-you-mean.ts";
import { MakespanError } from "../protocol/errors.ts";
import { describeValue } from "../protocol/json.ts";
import type { TaskDefinition } from "./define-task.ts";
import { childTaskOf } from "./make-task.ts";
import { shapeOf } from "./submit-options.ts";
import { plainSettings, SettingsTable, withSettings } from "./task-settings.ts";
import { checkedSizeOf, traitsOf, type SizeOf } from "./task-traits.ts";

/** A type that can be submitted. */
export interface KnownType {
  readonly type: string;
  /** Undefined for a type that only an agent knows. */
  readonly definition: TaskDefinition | undefined;
  readonly settings: SettingsTable;
  /** Set when the definition tells the size of a task from its input. */
  readonly sizeOf: SizeOf | undefined;
}

export class TypesKnown {
  readonly #types = new Map<string, KnownType>();

  /** Throws `invalid_option` when two definitions have the same type. */
  constructor(definitions: readonly TaskDefinition[]) {
    for (const definition of definitions) {
      const { type } = definition;
      if (this.#types.has(type)) throw new MakespanError("invalid_option", `Two definitions in \`tasks\` have the type "${type}".`);
      const { size } = definition;
      const isTold = typeof size === "function";
      const traits = traitsOf({ ...definition, size: isTold ? undefined : size });
      const settings = new SettingsTable(withSettings(plainSettings(type), definition), traits);
      this.#types.set(type, { type, definition, settings, sizeOf: isTold ? checkedSizeOf(type, size) : undefined });
    }
  }

  /** Types that an agent does without a definition. */
  addTypes(types: readonly string[]): void {
    for (const type of types) {
      if (!this.#types.has(type)) this.#types.set(type, { type, definition: undefined, settings: new SettingsTable(plainSettings(type)), sizeOf: undefined });
    }
  }

  /** Throws `type_unknown`. */
  get(task: TaskDefinition | string): KnownType {
    const type = typeof task === "string" ? task : typeof task === "object" && task !== null ? task.type : undefined;
    if (typeof type !== "string") throw new MakespanError("invalid_option", `A task is submitted by its definition or the name of its type, not by ${describeValue(task)}.`);
    const known = this.#types.get(type);
    if (known !== undefined) return known;
    const names = [...this.#types.keys()];
    const advice = didYouMean(type, names) || (typeof task === "string" ? "" : "; add its definition to `tasks` of open()");
    throw new MakespanError("type_unknown", `No agent does tasks of the type "${type}"${advice}${advice.endsWith("?") ? "" : "."} Known types: ${names.join(", ") || "none"}.`, { type, known: names });
  }

  all(): readonly KnownType[] {
    return [...this.#types.values()];
  }

  /** What a running task asked to be added to its flow. Throws like a submission. */
  childOf({ type, input, options }: ChildRequest, now: number): SubmitTask {
    const known = this.get(type);
    return childTaskOf(known, shapeOf(known.settings, options, now), input);
  }
}
