/**
 * The agents that an app starts itself: one for the functions of its definitions, one pool of threads and one of processes
 * where definitions ask for them, and one for commands.
 */
import { availableParallelism } from "node:os";
import type { AgentDriver } from "../engine/agent.ts";
import { createCommandAgent } from "../engine/agents/command-agent.ts";
import { createFunctionAgent } from "../engine/agents/function-agent.ts";
import type { HandlerEntry } from "../engine/agents/handlers.ts";
import { createProcessAgent } from "../engine/agents/process-agent.ts";
import { createThreadAgent } from "../engine/agents/thread-agent.ts";
import type { Clock } from "../engine/clock.ts";
import type { Watchdog } from "../engine/watchdog.ts";
import { MakespanError } from "../protocol/errors.ts";
import { command } from "./command-task.ts";
import type { TaskDefinition, Work } from "./define-task.ts";

/** How much the agents do at once. */
export interface Sizes {
  /** Functions that run at once; default 100, for work that waits. */
  readonly slots?: number;
  /** Threads for definitions with `runIn: "thread"`; default one less than the cores, at least 1. */
  readonly threads?: number;
  /** Processes for definitions with `runIn: "process"`; default as for threads. */
  readonly processes?: number;
  /** A thread or process that holds more is replaced; default no limit. */
  readonly memoryLimitMb?: number;
  /** Commands that run at once, for the definition `command`; default the number of cores. */
  readonly commands?: number;
}

export interface AgentsOptions extends Sizes {
  readonly definitions: readonly TaskDefinition[];
  /** Agents that the caller made. */
  readonly given: readonly AgentDriver[];
  readonly clock: Clock;
  readonly watchdog: Watchdog | undefined;
  readonly payloadBytes: number;
}

const DEFAULT_SLOTS = 100;

/** Throws `invalid_option`, and `handler_missing` for a definition that nobody would do. */
export function agentsOf(options: AgentsOptions): AgentDriver[] {
  const { definitions, given, clock, watchdog, payloadBytes } = options;
  const handlers = new Map<string, HandlerEntry>();
  const modules: Record<"thread" | "process", Record<string, { module: string | URL; export?: string }>> = { thread: {}, process: {} };
  const fromGiven = new Set(given.flatMap((driver) => driver.spec.types));
  let needsCommands = false;
  for (const { type, work } of definitions) {
    if (work.kind === "function" || work.kind === "lazy") handlers.set(type, handlerOf(work));
    else if (work.kind !== "agent") modules[work.kind][type] = { module: work.module, ...(work.export !== undefined && { export: work.export }) };
    else if (type === command.type && !fromGiven.has(type)) needsCommands = true;
    else if (!fromGiven.has(type)) throw new MakespanError("handler_missing", `Nobody does the task "${type}": give its definition a handler, lazy or module, or give open() an agent of this type.`);
  }
  const common = { clock, payloadBytes };
  const pool = { ...common, ...(options.memoryLimitMb !== undefined && { memoryLimitMb: options.memoryLimitMb }) };
  const workers = Math.max(1, availableParallelism() - 1);
  return [
    ...(handlers.size === 0 ? [] : [createFunctionAgent({ ...common, slots: options.slots ?? DEFAULT_SLOTS, handlers, ...(watchdog !== undefined && { watchdog }) })]),
    ...(isEmpty(modules.thread) ? [] : [createThreadAgent({ ...pool, threads: options.threads ?? workers, modules: modules.thread })]),
    ...(isEmpty(modules.process) ? [] : [createProcessAgent({ ...pool, processes: options.processes ?? workers, modules: modules.process })]),
    ...(needsCommands ? [createCommandAgent({ ...common, slots: options.commands ?? availableParallelism() })] : []),
    ...given,
  ];
}

function handlerOf(work: Extract<Work, { kind: "function" | "lazy" }>): HandlerEntry {
  if (work.kind === "lazy") return { lazy: work.lazy, ...(work.batch !== undefined && { batch: work.batch }) };
  // Which of the two a handler is follows from `batch`, as its definition's types have made sure.
  return (work.batch === undefined ? { handler: work.handler } : { handler: work.handler, batch: work.batch }) as HandlerEntry;
}

function isEmpty(record: object): boolean {
  return Object.keys(record).length === 0;
}
