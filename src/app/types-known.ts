/**
 * The types of tasks that an open app knows: those of its definitions, and those that its agents do. Everything submitted,
 * from outside or by a running task, is checked here once and becomes a task of the engine.
 */
import type { Payload } from "../core/event.ts";
import type { ChildRequest } from "../engine/agent.ts";
import { toPayloadOrThrow } from "../engine/agents/to-payload.ts";
import type { SubmitTask } from "../engine/types.ts";
import { didYouMean } from "../protocol/did-you-mean.ts";
import { MakespanError } from "../protocol/errors.ts";
import { describeValue } from "../protocol/json.ts";
import type { TaskDefinition } from "./define-task.ts";
import { withUses } from "./limits.ts";
import { shapeOf } from "./submit-options.ts";
import { plainSettings, SettingsTable, withSettings } from "./task-settings.ts";
import { describeIssues, validate, type Checked } from "./validate.ts";

/** A type that can be submitted. */
export interface KnownType {
  readonly type: string;
  /** Undefined for a type that only an agent knows. */
  readonly definition: TaskDefinition | undefined;
  readonly settings: SettingsTable;
}

export class TypesKnown {
  readonly #types = new Map<string, KnownType>();

  /** Throws `invalid_option` when two definitions have the same type. */
  constructor(definitions: readonly TaskDefinition[]) {
    for (const definition of definitions) {
      const { type } = definition;
      if (this.#types.has(type)) throw new MakespanError("invalid_option", `Two definitions in \`tasks\` have the type "${type}".`);
      this.#types.set(type, { type, definition, settings: new SettingsTable(withSettings(plainSettings(type), definition)) });
    }
  }

  /** Types that an agent does without a definition. */
  addTypes(types: readonly string[]): void {
    for (const type of types) {
      if (!this.#types.has(type)) this.#types.set(type, { type, definition: undefined, settings: new SettingsTable(plainSettings(type)) });
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
    const shape = shapeOf(known.settings, options, now);
    return withUses(known, { ...shape, input: this.#childInput(known, input) });
  }

  #childInput(known: KnownType, input: Payload): Payload {
    const schema = known.definition?.input;
    if (schema === undefined) return input;
    const checked = validate(schema, JSON.parse(input));
    if (checked instanceof Promise) {
      checked.catch(() => {});
      throw new MakespanError("invalid_option", `The schema of "${known.type}" is asynchronous, which a child's cannot be.`);
    }
    return textOf(known, checked, undefined);
  }
}

/** The input as it is kept: checked, and as JSON. A promise only if the schema is asynchronous. `index` is its place among many. */
export function inputText(known: KnownType, input: unknown, index?: number): Payload | Promise<Payload> {
  const schema = known.definition?.input;
  // The engine checks the size.
  if (schema === undefined) return toPayloadOrThrow(input, index === undefined ? "input" : `input number ${index}`, Infinity);
  const checked = validate(schema, input);
  return checked instanceof Promise ? checked.then((done) => textOf(known, done, index)) : textOf(known, checked, index);
}

function textOf(known: KnownType, checked: Checked, index: number | undefined): Payload {
  const which = index === undefined ? "input" : `input number ${index}`;
  if (checked.kind === "ok") return toPayloadOrThrow(checked.value, which, Infinity);
  throw new MakespanError("invalid_input", `The ${which} of "${known.type}" is not valid: ${describeIssues(checked.issues)}.`, { type: known.type, issues: checked.issues, ...(index !== undefined && { index }) });
}
