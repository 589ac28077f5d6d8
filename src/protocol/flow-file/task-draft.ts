/**
 * One task of the file, already checked field by field, as a draft: its templates parsed, its agent chosen, its settings ready for
 * the engine. Items of `for_each` are still open; `parse.ts` expands them.
 */
import type { CommandLine, ResultMode, TaskDraft, Work } from "../task-plan.ts";
import { plannedSpec, plannedTimes, plannedTraits } from "../task-settings.ts";
import { flowSyntax, writeTemplate, type FlowRef, type FlowScope, type FlowTemplate } from "../template/flow-syntax.ts";
import { bindJson, parseJsonTemplate } from "../template/json-template.ts";
import { bindTemplate, parseTemplate, type Lookup } from "../template/template.ts";
import { chooseAgents, parseCall, teamName, type Agents } from "./agents.ts";
import type { Limits } from "./limits.ts";
import type { Frame, TaskFields } from "./schema.ts";
import type { Path } from "./source.ts";
import { readUses } from "./uses.ts";

export interface DraftContext {
  readonly agents: Agents;
  readonly defaults: NonNullable<Frame["defaults"]>;
  /** Every id and group of the file. */
  readonly known: ReadonlySet<string>;
  /** Tasks whose result is taken apart by the `for_each` of another. */
  readonly takenApart: ReadonlySet<string>;
  readonly vars: ReadonlyMap<string, string>;
  readonly limits: Limits;
  /** Reports a problem below the task; on its key if `onKey`. */
  readonly report: (path: Path, message: string, onKey?: boolean) => void;
}

/** Names in `needs`, and the one that `for_each` takes apart; each once, in order. */
export function needNames(fields: Pick<TaskFields, "needs" | "for_each">): readonly string[] {
  const named = fields.needs === undefined ? [] : typeof fields.needs === "string" ? [fields.needs] : fields.needs;
  const from = fields.for_each === undefined || Array.isArray(fields.for_each) ? [] : [fields.for_each.from];
  return [...new Set([...named, ...from])];
}

const ONLY_RUN = ["env", "cwd", "stdin", "result"] as const;

/** The draft without its needs, or undefined when something was reported that makes it useless. */
export function draftTask(id: string, line: number, fields: TaskFields, context: DraftContext): TaskDraft | undefined {
  const { report } = context;
  if ((fields.run === undefined) === (fields.call === undefined)) {
    if (fields.run === undefined) report([], "it does nothing: add run (a command) or call (a handler)");
    else report(["call"], "it has both run and call: keep one, or make two tasks", true);
    return undefined;
  }
  if (fields.if_late !== undefined && fields.due === undefined && fields.deadline === undefined) report(["if_late"], "it says what happens when the task cannot make its due date: add due or deadline", true);
  const agent = chooseAgents(fields, context.agents);
  if (agent.kind === "problem") report(["agent"], agent.problem);
  const templates = new Templates(fields, context);
  const key = templates.parse(["key"], fields.key, "submit");
  const limitKey = templates.parse(["limit", "key"], fields.limit?.key, "submit");
  const work = fields.run === undefined ? callWork(fields, agent.kind === "agents" ? agent.module : undefined, templates, context) : commandWork(id, fields, templates, context);
  if (agent.kind === "problem" || work === undefined) return undefined;
  const uses = readUses(fields.uses, context.limits, report);
  const isGroup = fields.for_each !== undefined;
  const [name = ""] = agent.names;
  const team = teamName(agent.names);
  const type = work.kind === "call" ? `${team}/${work.module}#${work.export}` : isGroup ? `${team}/${id}` : team;
  const from = fields.for_each === undefined || Array.isArray(fields.for_each) ? undefined : fields.for_each;
  return {
    id,
    line,
    agent: name,
    ...(agent.names.length > 1 ? { agents: agent.names } : {}),
    work,
    needs: [],
    spec: plannedSpec(type, fields, context.defaults),
    ...plannedTimes(fields),
    ...(fields.if_late === undefined ? {} : { ifLate: fields.if_late }),
    ...(fields.region === undefined ? {} : { region: fields.region }),
    ...plannedTraits(fields, context.defaults),
    ...(isGroup || key === undefined ? {} : { key: writeTemplate(key) }),
    ...(uses.length === 0 ? {} : { uses }),
    ...(fields.limit === undefined ? {} : { limit: { key: isGroup ? "" : fields.limit.key, max: fields.limit.max ?? 1 } }),
    // Held here for lists too, until the members are made.
    ...(isGroup ? { expand: { from: from?.from ?? "", lines: from?.lines ?? false, ...(key === undefined ? {} : { key }), ...(limitKey === undefined ? {} : { limitKey }) } } : {}),
  };
}

function callWork(fields: TaskFields, agentModule: string | undefined, templates: Templates, { report }: DraftContext): Work | undefined {
  for (const name of ONLY_RUN) if (fields[name] !== undefined) report([name], `${name} is only for run; give a handler its input by with`, true);
  const handler = parseCall(fields.call ?? "", agentModule);
  if (handler.kind === "problem") {
    report(["call"], handler.problem);
    return undefined;
  }
  const parsed = parseJsonTemplate<FlowRef>(fields.with ?? null, templates.syntax("run"));
  for (const { path, problem } of parsed.problems) report(["with", ...path], problem);
  return { kind: "call", module: handler.module, export: handler.export, with: bindJson(parsed.template, templates.variable) };
}

function commandWork(id: string, fields: TaskFields, templates: Templates, { report, defaults, takenApart }: DraftContext): Work | undefined {
  if (fields.with !== undefined) report(["with"], "with is only for call; give a command its input by stdin, env or placeholders", true);
  const { run } = fields;
  const command: CommandLine = Array.isArray(run)
    ? { kind: "argv", argv: run.map((argument, index) => templates.parse(["run", index], argument, "run") ?? []) }
    : { kind: "shell", script: templates.parse(["run"], run, "run", true) ?? [] };
  const env: Record<string, FlowTemplate> = {};
  for (const [name, value] of Object.entries({ ...defaults.env, ...fields.env })) {
    env[name] = fields.env !== undefined && Object.hasOwn(fields.env, name) ? (templates.parse(["env", name], String(value), "run") ?? []) : [String(value)];
  }
  const cwd = fields.cwd === undefined ? (defaults.cwd === undefined ? undefined : [defaults.cwd]) : templates.parse(["cwd"], fields.cwd, "run");
  const stdin = templates.parse(["stdin"], fields.stdin, "run");
  // A group is a list already: lines of its members would make each of its elements a list.
  const isList = takenApart.has(id) && fields.for_each === undefined;
  const result: ResultMode = fields.result ?? (isList ? "lines" : "last-line");
  return { kind: "command", command, env, ...(cwd === undefined ? {} : { cwd }), ...(stdin === undefined ? {} : { stdin }), result };
}

/** Parses the templates of one task; what is needed before it is submitted may not depend on the result of another. */
class Templates {
  private readonly scope: FlowScope;
  private readonly report: DraftContext["report"];
  readonly variable: Lookup<FlowRef>;

  constructor(fields: TaskFields, context: DraftContext) {
    this.scope = { forEach: fields.for_each !== undefined, needs: new Set(needNames(fields)), known: context.known, vars: new Set(context.vars.keys()) };
    this.variable = (ref) => (ref.kind === "var" ? context.vars.get(ref.name) : undefined);
    this.report = context.report;
  }

  syntax(time: "submit" | "run"): ReturnType<typeof flowSyntax> {
    const syntax = flowSyntax(this.scope);
    if (time === "run") return syntax;
    return (name) => {
      const meaning = syntax(name);
      if (meaning?.kind !== "ref" || meaning.ref.kind !== "need") return meaning;
      return { kind: "mistake", problem: `{${name}} is not known yet when the task is submitted; only {item} and {index} can stand here` };
    };
  }

  parse(path: Path, text: string | undefined, time: "submit" | "run", shell = false): FlowTemplate | undefined {
    if (text === undefined) return undefined;
    const parsed = parseTemplate(text, this.syntax(time), { shell });
    for (const problem of parsed.problems) this.report(path, problem);
    return bindTemplate(parsed.template, this.variable);
  }
}
