/**
 * Which agent does a task, and which agents a run needs. A file that names none gets one for its commands and one for its
 * calls; how many of their tasks run at once is then for the caller to decide.
 */
import { didYouMean } from "../did-you-mean.ts";
import type { AgentPlan, AgentTraits, TaskDraft } from "../task-plan.ts";
import type { AgentFields, TaskFields } from "./schema.ts";

export type Agents = Readonly<Record<string, AgentFields>>;

export const IMPLICIT_COMMAND_AGENT = "command";
export const IMPLICIT_FUNCTION_AGENT = "function";

export type AgentChoice =
  /** One name, or several of which the balancer picks one for each attempt. */
  | { readonly kind: "agents"; readonly names: readonly string[]; readonly module: string | undefined }
  | { readonly kind: "problem"; readonly problem: string };

/** The agents that the task names, or the first that can do it. */
export function chooseAgents(fields: TaskFields, agents: Agents): AgentChoice {
  const isCommand = fields.run !== undefined;
  if (fields.agent === undefined) {
    const able = Object.entries(agents).find(([, agent]) => (agent.kind === "command") === isCommand);
    return { kind: "agents", names: [able?.[0] ?? (isCommand ? IMPLICIT_COMMAND_AGENT : IMPLICIT_FUNCTION_AGENT)], module: able === undefined ? undefined : moduleOf(able[1]) };
  }
  const names = [...new Set([fields.agent].flat())];
  const modules = new Set<string | undefined>();
  for (const name of names) {
    const agent = Object.hasOwn(agents, name) ? agents[name] : undefined;
    if (agent === undefined) {
      const known = Object.keys(agents);
      const advice = known.length === 0 ? "; the file has no agents" : didYouMean(name, known) || `; there are ${known.join(", ")}`;
      return { kind: "problem", problem: `there is no agent ${JSON.stringify(name)}${advice}` };
    }
    if ((agent.kind === "command") !== isCommand) {
      return { kind: "problem", problem: `the agent ${JSON.stringify(name)} is of kind ${agent.kind}: it does ${isCommand ? "call, not run" : "run, not call"}` };
    }
    modules.add(moduleOf(agent));
  }
  if (names.length > 1 && Object.hasOwn(agents, teamName(names))) {
    return { kind: "problem", problem: `the file has an agent called ${JSON.stringify(teamName(names))}, which is how the agents ${names.join(" and ")} together are called; give it another name` };
  }
  // Agents that have different modules have none in common: then the call must name its own.
  return { kind: "agents", names, module: modules.size === 1 ? [...modules][0] : undefined };
}

/** What tasks that any of these agents may do have in common in their type. */
export function teamName(names: readonly string[]): string {
  return names.join("+");
}

function moduleOf(agent: AgentFields): string | undefined {
  return "module" in agent ? agent.module : undefined;
}

export type Handler = { readonly kind: "handler"; readonly module: string; readonly export: string } | { readonly kind: "problem"; readonly problem: string };

/** `./handlers.ts#measure`, `./handlers.ts` (its default export) or `measure` (of the agent's module). */
export function parseCall(call: string, agentModule: string | undefined): Handler {
  const hash = call.lastIndexOf("#");
  const isPath = /^\.{0,2}\/|\.[cm]?[jt]s$/.test(call);
  const module = (hash >= 0 ? call.slice(0, hash) : isPath ? call : "") || agentModule;
  const name = hash >= 0 ? call.slice(hash + 1) : isPath ? "default" : call;
  if (name === "") return { kind: "problem", problem: `expected the name of an export after #, as in ./handlers.ts#measure, got ${JSON.stringify(call)}` };
  if (module === undefined) return { kind: "problem", problem: `${JSON.stringify(call)} names no module and its agent has none; write ./handlers.ts#${name}` };
  return { kind: "handler", module, export: name };
}

/** The agents of the file, and those that its tasks need beyond them, with what each is given. */
export function planAgents(agents: Agents, tasks: readonly TaskDraft[]): readonly AgentPlan[] {
  const given = new Map<string, { types: Set<string>; modules: Set<string>; isCommand: boolean }>();
  for (const { agents: names, agent, spec, work } of tasks) {
    for (const name of names ?? [agent]) {
      let known = given.get(name);
      if (known === undefined) {
        known = { types: new Set(), modules: new Set(), isCommand: work.kind === "command" };
        given.set(name, known);
      }
      known.types.add(spec.type);
      if (work.kind === "call") known.modules.add(work.module);
    }
  }
  const plan = (name: string, fields: AgentFields, implicit: boolean): AgentPlan => {
    const use = given.get(name);
    const shared = { name, types: [...(use?.types ?? [])], modules: [...(use?.modules ?? [])], implicit, ...traitsOf(fields) };
    return fields.kind === "command" || fields.kind === "function"
      ? { ...shared, kind: fields.kind, slots: fields.slots }
      : { ...shared, kind: fields.kind, count: fields.count };
  };
  const named = Object.entries(agents).map(([name, fields]) => plan(name, fields, false));
  const others = [...given].filter(([name]) => !Object.hasOwn(agents, name));
  return [...named, ...others.map(([name, { isCommand }]) => plan(name, { kind: isCommand ? "command" : "function" }, true))];
}

function traitsOf({ speed, weight, region, cost_per_hour: costPerHour }: AgentFields): { readonly traits?: AgentTraits } {
  const traits = {
    ...(speed === undefined ? {} : { speed }),
    ...(weight === undefined ? {} : { weight }),
    ...(region === undefined ? {} : { region }),
    ...(costPerHour === undefined ? {} : { costPerHour }),
  };
  return Object.keys(traits).length === 0 ? {} : { traits };
}
