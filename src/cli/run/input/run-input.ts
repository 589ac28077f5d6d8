/** Finds out what a `makespan run` command line means: a flow file, a list of tasks, or a command for each line. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { Readable } from "node:stream";
import { readFlowFile } from "../../../app/flow-file/read.ts";
import { planFlow, type Planned } from "../../../app/plan/plan-flow.ts";
import { CALL_TYPE } from "../../../app/run/calls.ts";
import type { RunPlan } from "../../../app/run/run.ts";
import { formatDuration } from "../../../monitor/format.ts";
import { MakespanError } from "../../../protocol/errors.ts";
import { IMPLICIT_COMMAND_AGENT, IMPLICIT_FUNCTION_AGENT } from "../../../protocol/flow-file/agents.ts";
import type { SettingFields } from "../../../protocol/task-settings.ts";
import type { CliContext } from "../../command.ts";
import { variablesOf } from "../../option-values.ts";
import { describeWork } from "../describe.ts";
import type { RunCommandOptions } from "../options.ts";
import { limitsOf, usesOf } from "./limit-words.ts";
import { listTasks } from "./list-tasks.ts";
import { taskLines } from "./task-lines.ts";

export interface RunInput {
  readonly plan: RunPlan;
  /** As given, when the input is a flow file. */
  readonly flowFile: string | undefined;
  /** One command for each line: what they write is passed on. */
  readonly isCommandList: boolean;
  /** The command line, for the report. */
  readonly command: string;
  /** What the plan promises, with `--plan`; times in ms. */
  readonly planned: Planned | undefined;
  /** What a list is read from. A run that was stopped leaves it open, which would keep the process alive. */
  readonly source: Readable | undefined;
}

const LIST_FILE = /\.(ndjson|jsonl)$/i;
/** Longest label of a task of a list. */
const LABEL_LENGTH = 120;

/** Throws `invalid_option` or what reading the input throws. */
export async function readInput(context: CliContext, file: string | undefined, rest: readonly string[] | undefined, options: RunCommandOptions): Promise<RunInput> {
  if (file !== undefined && rest !== undefined) throw new MakespanError("invalid_option", `Give either a file or a command after --, not both (got ${file} and ${rest.join(" ")}).`);
  const command = ["makespan", "run", ...(file === undefined ? [] : [file]), ...(rest === undefined ? [] : ["--", ...rest])].join(" ");
  const isFlow = rest === undefined && file !== undefined && file !== "-" && !LIST_FILE.test(file);
  if (options.plan && !isFlow) throw new MakespanError("invalid_option", "--plan is for flow files: a list is read as it is worked off, so there is nothing to plan.");
  if (options.plan && options.policy !== undefined) throw new MakespanError("invalid_option", "--plan orders the tasks itself, and --policy would order them anew: give one of them.");
  if (options["budget-ms"] !== undefined && !options.plan) throw new MakespanError("invalid_option", "--budget-ms says how long --plan may search; give --plan with it.");
  if (rest !== undefined) return { ...(await commandPlan(context, rest, options)), flowFile: undefined, isCommandList: true, command, planned: undefined };
  if (file === undefined) throw new MakespanError("invalid_option", "Say what to run: a flow file (makespan run FILE.yaml), or a command for each line of standard input (makespan run -- COMMAND {}).");
  if (!isFlow) return { ...(await listPlan(context, file, options)), flowFile: undefined, isCommandList: false, command, planned: undefined };
  refuseListOptions(options);
  const flow = await readFlowFile(resolve(context.folder, file), variablesOf(options.set ?? []), limitsOf(options.limit ?? []));
  const ordered = options.plan ? planFlow(flow, { jobs: options.jobs, budgetMs: options["budget-ms"] }) : undefined;
  const { name, folder, agents, policy, balancer, distances, limits } = flow;
  const plan: RunPlan = {
    name,
    folder,
    agents,
    tasks: ordered?.tasks ?? flow.tasks,
    lentPolicy: ordered?.policy,
    ...(policy !== undefined && { policy }),
    ...(balancer !== undefined && { balancer }),
    ...(distances !== undefined && { distances }),
    ...(limits !== undefined && { limits }),
  };
  return { plan, flowFile: file, isCommandList: false, command, planned: ordered?.planned, source: undefined };
}

async function commandPlan(context: CliContext, words: readonly string[], options: RunCommandOptions): Promise<Pick<RunInput, "plan" | "source">> {
  const limits = limitsOf(options.limit ?? []);
  const uses = usesOf(options.uses ?? [], limits);
  const unused = [...limits.keys()].find((name) => !uses.some(({ limit }) => limit === name));
  if (unused !== undefined) throw new MakespanError("invalid_option", `No command uses the limit ${unused}: add --uses ${unused}, or --uses ${unused}=AMOUNT.`);
  const { source, name } = await linesOf(context, options);
  const tasks = listTasks(source, {
    name,
    nul: options.null,
    command: words,
    settings: settingsOf(options),
    uses,
    ...(options.lines !== undefined && { linesPerTask: options.lines }),
  });
  const plan: RunPlan = { name: `list:${basename(words[0] ?? "")}`, folder: context.folder, agents: [LIST_AGENT], tasks, limits: Object.fromEntries(limits), label: labelOfList };
  return { plan, source };
}

async function listPlan(context: CliContext, file: string, options: RunCommandOptions): Promise<Pick<RunInput, "plan" | "source">> {
  const source = file === "-" ? context.stdin : await openLines(resolve(context.folder, file), file);
  const name = file === "-" ? "standard input" : file;
  const limits = limitsOf(options.limit ?? []);
  const uses = usesOf(options.uses ?? [], limits);
  const tasks = taskLines(source, { name, nul: options.null, folder: context.folder, settings: settingsOf(options), uses, limits });
  const plan: RunPlan = { name: `list:${file === "-" ? "stdin" : basename(file)}`, folder: context.folder, agents: [LIST_AGENT, CALL_AGENT], tasks, limits: Object.fromEntries(limits), label: labelOfList };
  return { plan, source };
}

const LIST_AGENT = { kind: "command", name: IMPLICIT_COMMAND_AGENT, types: [IMPLICIT_COMMAND_AGENT], implicit: true, slots: undefined, modules: [] } as const;

/** Its calls name their modules as they come; `CALL_TYPE` stands for all of them. */
const CALL_AGENT = { kind: "function", name: IMPLICIT_FUNCTION_AGENT, types: [CALL_TYPE], implicit: true, slots: undefined, modules: [] } as const;

const labelOfList: NonNullable<RunPlan["label"]> = (draft) => {
  const text = describeWork(draft);
  return text.length <= LABEL_LENGTH ? text : `${text.slice(0, LABEL_LENGTH - 1)}…`;
};

async function linesOf(context: CliContext, options: RunCommandOptions): Promise<{ readonly source: Readable; readonly name: string }> {
  const file = options["arg-file"];
  if (file !== undefined) return { source: await openLines(resolve(context.folder, file), file), name: file };
  if (context.stdin.isTTY === true) await context.err.line("makespan: reading lines from the terminal; Ctrl-D ends them");
  return { source: context.stdin, name: "standard input" };
}

async function openLines(path: string, asGiven: string): Promise<Readable> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) throw new MakespanError("invalid_option", `There is no file ${asGiven}.`);
  if (info.isDirectory()) throw new MakespanError("invalid_option", `${asGiven} is a folder; expected a file.`);
  return createReadStream(path);
}

function settingsOf(options: RunCommandOptions): SettingFields {
  return {
    ...(options.retries !== undefined && { retries: options.retries }),
    ...(options.timeout !== undefined && { timeout: formatExactly(options.timeout) }),
  };
}

function formatExactly(ms: number): string {
  return `${ms}ms`;
}

function refuseListOptions(options: RunCommandOptions): void {
  const given = (["lines", "null", "arg-file", "retries", "timeout", "uses"] as const).filter((name) => options[name] !== undefined && options[name] !== false);
  if (given.length === 0) return;
  const hint = options.timeout === undefined ? "" : ` (timeout: ${formatDuration(options.timeout)})`;
  throw new MakespanError("invalid_option", `--${given[0]} is for lists; a flow file says it itself, under defaults: or in a task${hint}.`);
}
