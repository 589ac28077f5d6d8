/** The agents of a run, made from its plan: what each is called, what it can do and how much at once. */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { AgentDriver } from "../../engine/agent.ts";
import { createCommandAgent, type CommandAgentOptions } from "../../engine/agents/command-agent.ts";
import { createFunctionAgent } from "../../engine/agents/function-agent.ts";
import type { HandlerEntry } from "../../engine/agents/handlers.ts";
import { createProcessAgent } from "../../engine/agents/process-agent.ts";
import { createThreadAgent } from "../../engine/agents/thread-agent.ts";
import type { Watchdog } from "../../engine/watchdog.ts";
import type { AgentPlan, TaskDraft } from "../../protocol/task-plan.ts";
import { CALL_TYPE, callAny } from "./calls.ts";
import { renderingAgent } from "./rendering-agent.ts";

export interface RunAgentOptions {
  /** Relative module paths are relative to it. */
  readonly folder: string;
  /** Slots of an agent whose plan does not say; default: the cores for commands and pools, eight times that for functions. */
  readonly jobs: number | undefined;
  readonly payloadBytes: number;
  readonly watchdog: Watchdog | undefined;
  /** Of command agents. */
  readonly onOutput: CommandAgentOptions["onOutput"] | undefined;
}

/** Where the handler of each type of calls is. */
export type CallPlaces = ReadonlyMap<string, { readonly module: string; readonly export: string }>;

/** Collected as tasks are read. */
export function callPlaces(tasks: readonly TaskDraft[], folder: string): CallPlaces {
  const places = new Map<string, { module: string; export: string }>();
  for (const { work, spec } of tasks) {
    if (work.kind === "call") places.set(spec.type, { module: resolve(folder, work.module), export: work.export });
  }
  return places;
}

/** Slots that the agent will have. */
export function slotsOf(plan: AgentPlan, jobs: number | undefined): number {
  const given = "slots" in plan ? plan.slots : plan.count;
  return given ?? jobs ?? availableParallelism() * (plan.kind === "function" ? 8 : 1);
}

/** Throws `invalid_option`. */
export function makeAgent(plan: AgentPlan, calls: CallPlaces, options: RunAgentOptions): AgentDriver {
  const slots = slotsOf(plan, options.jobs);
  const shared = { name: plan.name, payloadBytes: options.payloadBytes, ...plan.traits };
  const places = Object.fromEntries(plan.types.flatMap((type) => (calls.has(type) ? [[type, calls.get(type)!] as const] : [])));
  switch (plan.kind) {
    case "command":
      return renderingAgent(createCommandAgent({ ...shared, slots, types: plan.types, ...(options.onOutput !== undefined && { onOutput: options.onOutput }) }));
    case "threads":
      return renderingAgent(createThreadAgent({ ...shared, threads: slots, modules: places }));
    case "processes":
      return renderingAgent(createProcessAgent({ ...shared, processes: slots, modules: places }));
    case "function":
      return renderingAgent(
        createFunctionAgent({
          ...shared,
          slots,
          handlers: plan.types.includes(CALL_TYPE)
            ? { [CALL_TYPE]: { handler: callAny } }
            : Object.fromEntries(Object.entries(places).map(([type, place]) => [type, lazyHandler(place)])),
          ...(options.watchdog !== undefined && { watchdog: options.watchdog }),
        }),
      );
  }
}

function lazyHandler(place: { readonly module: string; readonly export: string }): HandlerEntry {
  return { lazy: () => import(pathToFileURL(place.module).href) as Promise<object>, export: place.export };
}
