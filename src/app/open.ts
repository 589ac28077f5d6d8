/**
 * The composition root: `open` puts store, engine and agents together and gives the app. Everything is closed again when a
 * part cannot be had.
 */
import { availableParallelism } from "node:os";
import type { AgentDriver } from "../engine/agent.ts";
import { systemClock, type Clock } from "../engine/clock.ts";
import { createEngine } from "../engine/engine.ts";
import { DEFAULT_LIMITS } from "../engine/limits.ts";
import { steadyClock } from "../engine/steady-clock.ts";
import { createWatchdog } from "../engine/watchdog.ts";
import { MakespanError } from "../protocol/errors.ts";
import { describeValue } from "../protocol/json.ts";
import { createMemoryStore } from "../store/memory/memory-store.ts";
import { createSqliteStore } from "../store/sqlite/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { agentsOf, type Sizes } from "./agents-of.ts";
import { App } from "./app.ts";
import { checkBoolean, checkInteger, checkKeys, checkNumber, checkObject, checkOneOf, checkText } from "./check.ts";
import type { TaskDefinition } from "./define-task.ts";
import { readLimits, type AppLimits } from "./limits.ts";
import { LiveMeasures } from "./live-measures.ts";
import { TypesKnown } from "./types-known.ts";

export interface AppOptions extends Sizes {
  /** What can be submitted. */
  readonly tasks?: readonly TaskDefinition[];
  /** Agents besides those that the definitions ask for: commands, pools of another size, your own. */
  readonly agents?: readonly AgentDriver[];
  /** Start with every queue paused, until `resume()`. Default false. */
  readonly paused?: boolean;
  /** Seeds what is random: the jitter of retries. Default 1. */
  readonly seed?: number;
  /** Limits that tasks use (`{ tokens: { kind: "window", units: 90_000, per: "1m" } }`), kept over a restart; and numbers: limits of the engine itself. */
  readonly limits?: AppLimits;
  /** A handler that blocks the engine's thread for longer, in ms, is named on stderr; 0 turns that off. Default 1,000. */
  readonly watchdogMs?: number;
  /** Called once if a write failed: the app has stopped, and every call rejects with this error. */
  readonly onFailure?: (error: MakespanError) => void;
}

export interface OpenOptions extends AppOptions {
  /** The file that everything is in, made when it is not there; or `:memory:`. */
  readonly path: string;
  /** `full` (default): what was accepted survives a power cut. `normal`: a crash of the process, but perhaps not a power cut. */
  readonly durability?: "full" | "normal";
}

const APP_KEYS = ["tasks", "agents", "slots", "threads", "processes", "commands", "memoryLimitMb", "paused", "seed", "limits", "watchdogMs", "onFailure"];
const OPEN_KEYS: ReadonlySet<string> = new Set([...APP_KEYS, "path", "durability"]);
const DEFAULT_WATCHDOG_MS = 1_000;

/**
 * Opens an app on a file, or in memory. What an earlier process left unfinished goes on at once.
 * Rejects with `invalid_option`, `handler_missing`, or a `store_…` error that says what is wrong with the file.
 */
export async function open(options: OpenOptions): Promise<App> {
  checkObject("The options of open()", options);
  checkKeys("open()", options, OPEN_KEYS);
  const path = checkText("path", options.path);
  const synchronous = options.durability === undefined ? "full" : checkOneOf("durability", options.durability, ["full", "normal"]);
  const { path: _path, durability: _durability, ...rest } = options;
  return openOn({ ...rest, clock: systemClock, store: path === ":memory:" ? createMemoryStore() : createSqliteStore({ path, synchronous }) });
}

export interface OpenOnOptions extends AppOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** The clock of the agents; default the same. */
  readonly agentClock?: Clock;
}

/** The same on any store and clock. */
export async function openOn(options: OpenOnOptions): Promise<App> {
  const { store, seed, paused } = options;
  // The engine's time: what the app reckons from now on (a delay) must mean the same there.
  const clock = steadyClock(options.clock);
  checkAppOptions(options);
  const { engine: limits, rules } = readLimits(options.limits);
  const types = new TypesKnown(options.tasks ?? []);
  const watchdogMs = options.watchdogMs ?? DEFAULT_WATCHDOG_MS;
  const watchdog = watchdogMs === 0 ? undefined : createWatchdog({ limitMs: watchdogMs });
  let app: App | undefined;
  try {
    const agents = agentsOf({
      ...options,
      definitions: options.tasks ?? [],
      given: options.agents ?? [],
      clock: options.agentClock ?? options.clock,
      watchdog,
      payloadBytes: limits?.payloadBytes ?? DEFAULT_LIMITS.payloadBytes,
    });
    const engine = await createEngine({
      store,
      clock,
      ...(limits !== undefined && { limits }),
      ...(seed !== undefined && { seed }),
      ...(paused !== undefined && { paused }),
      resolveChild: (child) => types.childOf(child, clock.now()),
      onFailure: (error) => {
        app?.fail(error);
        options.onFailure?.(error);
      },
    });
    app = new App({ engine, store, clock, types, measures: new LiveMeasures(clock.now(), availableParallelism()), watchdog });
    // Before the agents come: what was left unfinished must not run without its limits.
    for (const [name, rule] of rules) await engine.setLimit(name, rule);
    for (const { type, definition } of types.all()) {
      if (definition?.concurrency !== undefined) await app.setConcurrency(type, definition.concurrency);
    }
    for (const agent of agents) await app.addAgent(agent);
    return app;
  } catch (error) {
    await (app === undefined ? watchdog?.close() : app.close({ mode: "now" }));
    throw error;
  }
}

function checkAppOptions({ tasks, agents, slots, threads, processes, commands, memoryLimitMb, paused, seed, watchdogMs }: OpenOnOptions): void {
  if (tasks !== undefined && !(Array.isArray(tasks) && tasks.every((task) => typeof task === "object" && task !== null && "work" in task))) {
    throw new MakespanError("invalid_option", "tasks must be an array of what defineTask() gave.");
  }
  if (agents !== undefined && !Array.isArray(agents)) throw new MakespanError("invalid_option", `agents must be an array, not ${describeValue(agents)}.`);
  for (const [name, value] of Object.entries({ slots, threads, processes, commands })) if (value !== undefined) checkInteger(name, value, 1);
  if (memoryLimitMb !== undefined) checkNumber("memoryLimitMb", memoryLimitMb, 1);
  if (paused !== undefined) checkBoolean("paused", paused);
  if (seed !== undefined) checkInteger("seed", seed, 0);
  if (watchdogMs !== undefined) checkNumber("watchdogMs", watchdogMs, 0);
}
