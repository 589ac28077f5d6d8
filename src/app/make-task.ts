/**
 * From an input to a task of the engine: the input checked by the schema of its definition and written as JSON, its size and what
 * it uses told by the definition's functions if it has some.
 */
import type { Payload } from "../core/event.ts";
import { toPayloadOrThrow } from "../engine/agents/to-payload.ts";
import type { SubmitTask } from "../engine/types.ts";
import { MakespanError } from "../protocol/errors.ts";
import { withUses } from "./limits.ts";
import type { TaskShape } from "./submit-options.ts";
import type { KnownType } from "./types-known.ts";
import { describeIssues, validate, type Checked } from "./validate.ts";

/** A promise only if the schema is asynchronous. `index` is its place among many. Throws `invalid_input`, `not_serializable` or `invalid_option`. */
export function taskOf(known: KnownType, shape: TaskShape, input: unknown, index?: number): SubmitTask | Promise<SubmitTask> {
  const schema = known.definition?.input;
  if (schema === undefined) return whole(known, shape, input, index);
  const checked = validate(schema, input);
  const make = (done: Checked): SubmitTask => whole(known, shape, valueOf(known, done, index), index);
  if (!(checked instanceof Promise)) return make(checked);
  const made = checked.then(make);
  // It is awaited when all of its submission are made; if another one is refused before that, nobody hears of this one.
  made.catch(() => {});
  return made;
}

/** The same for a child, whose input comes as JSON and must be checked at once. */
export function childTaskOf(known: KnownType, shape: TaskShape, input: Payload): SubmitTask {
  if (known.definition?.input === undefined) return withUses(known, { ...shape, input, ...(isMeasured(known, shape) && { size: known.sizeOf!(JSON.parse(input)) }) });
  const task = taskOf(known, shape, JSON.parse(input));
  if (!(task instanceof Promise)) return task;
  throw new MakespanError("invalid_option", `The schema of "${known.type}" is asynchronous, which a child's cannot be.`);
}

function whole(known: KnownType, shape: TaskShape, value: unknown, index: number | undefined): SubmitTask {
  // The engine checks the length.
  const input = toPayloadOrThrow(value, which(index), Infinity);
  return withUses(known, isMeasured(known, shape) ? { ...shape, input, size: known.sizeOf!(value) } : { ...shape, input });
}

/** A size that the submission gives wins over the definition's function. */
function isMeasured({ sizeOf }: KnownType, { size }: TaskShape): boolean {
  return sizeOf !== undefined && size === undefined;
}

function valueOf({ type }: KnownType, checked: Checked, index: number | undefined): unknown {
  if (checked.kind === "ok") return checked.value;
  throw new MakespanError("invalid_input", `The ${which(index)} of "${type}" is not valid: ${describeIssues(checked.issues)}.`, { type, issues: checked.issues, ...(index !== undefined && { index }) });
}

function which(index: number | undefined): string {
  return index === undefined ? "input" : `input number ${index}`;
}
