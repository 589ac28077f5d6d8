/**
 * What an agent can do: handlers by task type, ready or loaded when the first task of the type comes. Loading happens once;
 * a load that failed is tried again by the next task.
 */
import type { BatchHandler, TaskHandler } from "../context.ts";
import { MakespanError } from "../../protocol/errors.ts";
import { messageOf } from "./failure.ts";

/** How many tasks a batch handler takes at once, and how long the first of them may wait for others (ms, default 5). */
export interface BatchRule {
  readonly size: number;
  readonly waitMs?: number;
}

/** Loads the module of a handler; `export` names it there (default: `default`, or `handler` where there is no default). */
export interface LazyHandler {
  readonly lazy: () => Promise<object>;
  readonly export?: string;
}

export type HandlerEntry =
  | { readonly handler: TaskHandler; readonly batch?: undefined }
  | { readonly handler: BatchHandler; readonly batch: BatchRule }
  | (LazyHandler & { readonly batch?: BatchRule });

/** Handlers by task type. */
export type Handlers = ReadonlyMap<string, HandlerEntry> | Readonly<Record<string, HandlerEntry>>;

/** Calls a handler with one input and context, or with arrays of them. */
export type Callable = (input: unknown, context: unknown) => unknown;

/** One entry, resolved: `call` is there once it is loaded. */
export class HandlerSource {
  readonly type: string;
  call: Callable | undefined;
  readonly #lazy: LazyHandler | undefined;
  #loading: Promise<Callable> | undefined = undefined;

  constructor(type: string, entry: HandlerEntry) {
    this.type = type;
    // The input was checked where the task was submitted; which handler takes it is known by its type only.
    this.call = "handler" in entry ? (entry.handler as Callable) : undefined;
    this.#lazy = "lazy" in entry ? entry : undefined;
  }

  /** Rejects with `handler_missing` when the module cannot be loaded or does not export the handler. */
  load(): Promise<Callable> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #load(): Promise<Callable> {
    if (this.#lazy === undefined) throw new MakespanError("handler_missing", `There is no handler of the type "${this.type}"`);
    const { lazy, export: name } = this.#lazy;
    let module: Readonly<Record<string, unknown>>;
    let found: unknown;
    try {
      // A function that forgets its `return` gives nothing, and an export in a circle of imports throws when it is read.
      module = ((await lazy()) ?? {}) as Readonly<Record<string, unknown>>;
      found = name === undefined ? (module["default"] ?? module["handler"]) : module[name];
    } catch (error) {
      throw new MakespanError("handler_missing", `The handler of "${this.type}" could not be loaded: ${messageOf(error)}`, {}, { cause: error });
    }
    if (typeof found !== "function") {
      const expected = name === undefined ? "neither a default export nor one called handler" : `no function called ${name}`;
      throw new MakespanError("handler_missing", `The module of "${this.type}" has ${expected}; it exports ${Object.keys(module).join(", ") || "nothing"}`);
    }
    this.call = found as Callable;
    return this.call;
  }
}
