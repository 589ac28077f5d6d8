/** Where the handlers of a pool's task types are, as given by people, brought into the form that workers understand. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { MakespanError } from "../../../protocol/errors.ts";
import { DEFAULT_LIMITS } from "../../limits.ts";
import type { AgentOptions } from "../options.ts";
import type { TaskModule, WorkerSetup } from "./messages.ts";

/** A path (taken from the current folder) or a file URL. */
export type ModulePlace = string | URL;

/** Either one module for some types, or a module for each type. */
export type PoolModules =
  | {
      /** Its handlers are `tasks[type]` of an exported `tasks` object, exports called like their type, or the default export. */
      readonly module: ModulePlace;
      readonly types: readonly string[];
      readonly modules?: undefined;
    }
  | { readonly modules: Readonly<Record<string, { readonly module: ModulePlace; /** The exported handler; default as above. */ readonly export?: string }>> };

export interface PoolOptions extends AgentOptions {
  /** A worker with more memory is replaced, and the attempt on it fails with `agent_crashed`; absent means no limit. */
  readonly memoryLimitMb?: number;
  /** A handler that has not stopped this long (ms) after it was asked is killed with its worker; default 1000. */
  readonly killAfterMs?: number;
  /** Options of Node for the workers. */
  readonly execArgv?: readonly string[];
}

export const DEFAULT_KILL_AFTER_MS = 1_000;

export function workerSetup(options: PoolOptions & PoolModules): WorkerSetup {
  const modules: Record<string, TaskModule> = {};
  if (options.modules === undefined) {
    for (const type of options.types) modules[type] = { url: moduleUrl(options.module), export: undefined };
  } else {
    for (const [type, place] of Object.entries(options.modules)) modules[type] = { url: moduleUrl(place.module), export: place.export };
  }
  return { modules, payloadBytes: options.payloadBytes ?? DEFAULT_LIMITS.payloadBytes };
}

/** Bytes of `memoryLimitMb`. Throws `invalid_option`. */
export function memoryLimitBytes({ memoryLimitMb }: PoolOptions): number | undefined {
  if (memoryLimitMb === undefined) return undefined;
  if (!(memoryLimitMb > 0)) throw new MakespanError("invalid_option", `memoryLimitMb must be more than 0, not ${memoryLimitMb}`);
  return memoryLimitMb * 1024 ** 2;
}

function moduleUrl(place: ModulePlace): string {
  const text = String(place);
  return text.startsWith("file:") || text.startsWith("data:") ? text : pathToFileURL(resolve(text)).href;
}
