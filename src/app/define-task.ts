/**
 * `defineTask`: what a type of task is called, what it takes and gives, who does it, and its settings. Types flow from here:
 * `submit` takes the definition's input, `result()` resolves to what its handler returns.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { BatchRule } from "../engine/agents/handlers.ts";
import type { Parked, TaskContext, TaskHandler, BatchHandler } from "../engine/context.ts";
import { MakespanError } from "../protocol/errors.ts";
import { checkInteger, checkKeys, checkObject, checkOneOf, checkText } from "./check.ts";
import type { Json, JsonResult } from "./json-type.ts";
import { checkUses, type Uses } from "./limits.ts";
import { plainSettings, SETTING_KEYS, withSettings, type TypeSettings } from "./task-settings.ts";
import { TRAIT_KEYS, traitsOf } from "./task-traits.ts";

type Schema = StandardSchemaV1;
type MaybeSchema = Schema | undefined;

/** Carries the types of a definition; there is no such property at run time. */
declare const types: unique symbol;

/** Made by `defineTask`; the same for every way of doing the task. */
export interface TaskDefinition<Input = unknown, Result = unknown> extends TypeSettings {
  readonly type: string;
  readonly input: MaybeSchema;
  readonly output: MaybeSchema;
  /** At most so many tasks of this type run at once. */
  readonly concurrency: number | undefined;
  /** What a task of this type uses of declared limits while it runs. */
  readonly uses: Uses | ((input: never) => Uses) | undefined;
  /** Of every task, or told from its input. */
  readonly size?: number | ((input: never) => number) | undefined;
  readonly work: Work;
  readonly [types]?: { readonly input: Input; readonly result: Result };
}

/** The input that a definition takes. */
export type InputOf<Definition> = Definition extends TaskDefinition<infer Input> ? Input : never;
/** The result that a definition gives. */
export type ResultOf<Definition> = Definition extends TaskDefinition<unknown, infer Result> ? Result : never;

/** Who does the tasks of a type. */
export type Work =
  | { readonly kind: "function"; readonly handler: TaskHandler | BatchHandler; readonly batch: BatchRule | undefined }
  | { readonly kind: "lazy"; readonly lazy: () => Promise<object>; readonly batch: BatchRule | undefined }
  | { readonly kind: "thread" | "process"; readonly module: string | URL; readonly export: string | undefined }
  /** An agent that was given to `open`. */
  | { readonly kind: "agent" };

type HandlerInput<S extends MaybeSchema> = S extends Schema ? Json<StandardSchemaV1.InferOutput<S>> : never;
type Returned<O extends MaybeSchema> = O extends Schema ? StandardSchemaV1.InferInput<O> | Parked : unknown;

type HandlerFor<S extends MaybeSchema, O extends MaybeSchema, B extends BatchRule | undefined> = B extends BatchRule
  ? (inputs: readonly HandlerInput<S>[], contexts: readonly TaskContext[]) => BatchReturned<O> | Promise<BatchReturned<O>>
  : (input: HandlerInput<S>, context: TaskContext) => Returned<O> | Promise<Returned<O>>;
type BatchReturned<O extends MaybeSchema> = readonly (Returned<O> | Error | Parked)[];

type AnyFunction = (...args: never) => unknown;

/** What `submit` takes: what the schema takes, or what the handler's first parameter says. */
type SubmitInput<S extends MaybeSchema, B extends BatchRule | undefined, H extends AnyFunction> = S extends Schema
  ? StandardSchemaV1.InferInput<S>
  : Parameters<H> extends readonly []
    ? undefined
    : B extends BatchRule
      ? Parameters<H>[0] extends readonly (infer One)[]
        ? One
        : never
      : Parameters<H>[0];

/** What the duration of a task grows with (tokens, bytes, rows), 0 or more: a number for all, or told from the input (as the schema gives it). */
type Size<Input> = number | ((input: Input) => number);

/** What a size is told from. */
type SizeInput<S extends MaybeSchema, B extends BatchRule | undefined, H extends AnyFunction> = S extends Schema ? StandardSchemaV1.InferOutput<S> : SubmitInput<S, B, H>;

type SubmitResult<O extends MaybeSchema, B extends BatchRule | undefined, H extends AnyFunction> = O extends Schema
  ? Json<StandardSchemaV1.InferOutput<O>>
  : B extends BatchRule
    ? Awaited<ReturnType<H>> extends readonly (infer One)[]
      ? JsonResult<Exclude<One, Error | Parked>>
      : never
    : JsonResult<Exclude<Awaited<ReturnType<H>>, Parked>>;

interface Common<S extends MaybeSchema, O extends MaybeSchema> extends TypeSettings {
  /** Names the type in the store, in lists and logs: keep it when the code is renamed. */
  readonly type: string;
  /** Checks what is submitted (any Standard Schema: zod, valibot, arktype, …); the handler gets what it gives. */
  readonly input?: S;
  /** Checks what the handler returns; a result that does not fit fails the attempt with `invalid_result`. */
  readonly output?: O;
  /** At most so many tasks of this type run at once. */
  readonly concurrency?: number;
  /** What a task uses of declared limits while it runs, by name; or a function of its input that says so. */
  readonly uses?: Uses | ((input: never) => Uses);
}

interface HandlerOptions<S extends MaybeSchema, O extends MaybeSchema, B extends BatchRule | undefined, H extends AnyFunction> extends Common<S, O> {
  readonly handler: H;
  /** What its duration grows with: a number, or `(input) => input.text.length`, written after the handler, from which TypeScript takes the input's type. */
  readonly size?: Size<SizeInput<S, B, H>>;
  /** The handler takes many tasks at once, in arrays. */
  readonly batch?: B;
  readonly lazy?: undefined;
  readonly runIn?: undefined;
  readonly module?: undefined;
  readonly export?: undefined;
}

interface LazyOptions<S extends MaybeSchema, O extends MaybeSchema, B extends BatchRule | undefined, H extends AnyFunction> extends Common<S, O> {
  /** Loads the module of the handler when the first task comes: its default export, or one called `handler`. */
  readonly lazy: () => Promise<{ readonly default: H } | { readonly handler: H }>;
  readonly size?: Size<SizeInput<S, B, H>>;
  readonly batch?: B;
  readonly handler?: undefined;
  readonly runIn?: undefined;
  readonly module?: undefined;
  readonly export?: undefined;
}

interface ElsewhereOptions<S extends MaybeSchema, O extends MaybeSchema, Input> extends Common<S, O> {
  readonly size?: Size<S extends Schema ? StandardSchemaV1.InferOutput<S> : Input>;
  /** For work that computes: in a pool of threads or processes. Left out: an agent given to `open` does it. */
  readonly runIn?: "thread" | "process";
  /** The module of the handler: a file URL, or a path from the current folder. */
  readonly module?: string | URL;
  /** Which of its exports; default: one called like the type, or the default export. */
  readonly export?: string;
  readonly handler?: undefined;
  readonly lazy?: undefined;
  readonly batch?: undefined;
}

type Given<Type, Otherwise> = [Type] extends [never] ? Otherwise : Type;

/**
 * Defines a type of task. The work is a `handler` (with `batch`: of many tasks at once), a `lazy` module, a `module` to
 * `runIn` a thread or process, or, with none of these, that of an agent given to `open`.
 * Throws `invalid_option`.
 */
export function defineTask<
  const S extends MaybeSchema = undefined,
  const O extends MaybeSchema = undefined,
  const B extends BatchRule | undefined = undefined,
  H extends HandlerFor<S, O, B> = HandlerFor<S, O, B>,
>(options: HandlerOptions<S, O, B, H> | LazyOptions<S, O, B, H>): TaskDefinition<SubmitInput<S, B, H>, SubmitResult<O, B, H>>;
export function defineTask<Input = never, Result = never, const S extends MaybeSchema = undefined, const O extends MaybeSchema = undefined>(
  options: ElsewhereOptions<S, O, Given<Input, unknown>>,
): TaskDefinition<
  Given<Input, S extends Schema ? StandardSchemaV1.InferInput<S> : unknown>,
  Given<Result, O extends Schema ? Json<StandardSchemaV1.InferOutput<O>> : unknown>
>;
export function defineTask(options: DefinitionOptions): TaskDefinition {
  checkObject("The definition of a task", options);
  checkKeys("The definition of a task", options, KEYS);
  const type = checkText("type", options.type);
  const { input, output, concurrency, uses } = options;
  checkSchema("input", type, input);
  checkSchema("output", type, output);
  if (concurrency !== undefined) checkInteger("concurrency", concurrency, 1);
  if (uses !== undefined && typeof uses !== "function") checkUses("uses", uses);
  // Checked now, so that a slip shows where it was made.
  withSettings(plainSettings(type), options);
  traitsOf({ ...options, size: typeof options.size === "function" ? undefined : options.size });
  const settings = Object.fromEntries([...SETTING_KEYS, ...TRAIT_KEYS, "preemptible" as const].map((key) => [key, options[key]])) as TypeSettings;
  return Object.freeze({ ...settings, type, input, output, concurrency, uses, work: workOf(type, options) });
}

/** Everything that the ways of doing a task can say. */
interface DefinitionOptions extends Common<MaybeSchema, MaybeSchema> {
  readonly handler?: unknown;
  readonly size?: number | ((input: never) => number) | undefined;
  readonly lazy?: (() => Promise<object>) | undefined;
  readonly batch?: BatchRule | undefined;
  readonly runIn?: "thread" | "process" | undefined;
  readonly module?: string | URL | undefined;
  readonly export?: string | undefined;
}

const KEYS: ReadonlySet<string> = new Set([...SETTING_KEYS, ...TRAIT_KEYS, "preemptible", "type", "input", "output", "concurrency", "uses", "handler", "lazy", "batch", "runIn", "module", "export"]);
const BATCH_KEYS: ReadonlySet<string> = new Set(["size", "waitMs"]);

function workOf(type: string, { handler, lazy, batch, runIn, module, export: name }: DefinitionOptions): Work {
  const ways = [handler === undefined ? [] : ["handler"], lazy === undefined ? [] : ["lazy"], module === undefined ? [] : ["module"]].flat();
  if (ways.length > 1) throw new MakespanError("invalid_option", `The task "${type}" has ${ways.join(" and ")}; it takes one of them.`);
  if ((module === undefined) !== (runIn === undefined)) {
    throw new MakespanError("invalid_option", `The task "${type}" has ${module === undefined ? "runIn" : "module"} alone: runIn says where (thread or process), module says which file; they go together.`);
  }
  if (name !== undefined && module === undefined) throw new MakespanError("invalid_option", `The task "${type}" has export without module.`);
  if (batch !== undefined) {
    checkKeys("batch", batch, BATCH_KEYS);
    checkInteger("batch.size", batch.size, 1);
    if (module !== undefined) throw new MakespanError("invalid_option", `The task "${type}" has batch and runs in a ${runIn}: batches are for handlers in the engine's own thread.`);
  }
  if (handler !== undefined) {
    if (typeof handler !== "function") throw new MakespanError("invalid_option", `The handler of "${type}" must be a function.`);
    return { kind: "function", handler: handler as TaskHandler, batch };
  }
  if (lazy !== undefined) {
    if (typeof lazy !== "function") throw new MakespanError("invalid_option", `lazy of "${type}" must be a function, such as () => import("./file.ts").`);
    return { kind: "lazy", lazy, batch };
  }
  if (module === undefined) return { kind: "agent" };
  return { kind: checkOneOf("runIn", runIn, ["thread", "process"]), module, export: name };
}

function checkSchema(which: string, type: string, schema: unknown): void {
  if (schema === undefined) return;
  const isSchema = (typeof schema === "object" || typeof schema === "function") && schema !== null && "~standard" in schema;
  if (!isSchema) throw new MakespanError("invalid_option", `${which} of the task "${type}" must be a Standard Schema (of zod, valibot, arktype, …).`);
}
