/**
 * From planned work to the input of a task. What is complete when the run is planned becomes the finished input of a command
 * or call at once; what still waits for results of other tasks keeps its templates, which `render` fills when the attempt
 * starts and those results are known.
 */
import { resolve } from "node:path";
import type { Outcome } from "../../engine/agent.ts";
import type { CommandInput } from "../../engine/agents/command/command-input.ts";
import { memberAt, type JsonValue } from "../../protocol/json.ts";
import { MakespanError } from "../../protocol/errors.ts";
import { neededIds, type CommandWork, type TaskDraft, type Work } from "../../protocol/task-plan.ts";
import type { FlowRef, FlowTemplate } from "../../protocol/template/flow-syntax.ts";
import { renderJson } from "../../protocol/template/json-template.ts";
import { renderTemplate, templateRefs, type Lookup } from "../../protocol/template/template.ts";


/** The input of a task whose placeholders are still open. */
export interface OpenInput {
  readonly makespanWork: Work;
  readonly folder: string;
  /** For each name in `needs`: where its outcomes stand among those of the attempt. */
  readonly needs: readonly { readonly name: string; readonly group: boolean; readonly at: readonly number[] }[];
}

const OPEN_PREFIX = '{"makespanWork":';

/** JSON text of the task's input. `folder` is what relative paths are relative to. */
export function inputOf(draft: TaskDraft, folder: string): string {
  if (!isOpen(draft.work)) return JSON.stringify(renderWork(draft.work, folder, () => undefined));
  const open: OpenInput = { makespanWork: draft.work, folder, needs: needPlaces(draft) };
  return JSON.stringify(open);
}

/** Where the outcomes of each name in `needs` stand among all that the task needs. */
export function needPlaces(draft: TaskDraft): OpenInput["needs"] {
  const places = new Map(neededIds(draft).map((id, index) => [id, index]));
  return draft.needs.map((need) => ({ name: need.name, group: need.group, at: need.ids.map((id) => places.get(id)!) }));
}

/** The finished input for an attempt; `input` itself when nothing was open. Throws `invalid_input` when a placeholder has no value. */
export function renderInput(input: string, outcomes: readonly Outcome[]): string {
  if (!input.startsWith(OPEN_PREFIX)) return input;
  const open = JSON.parse(input) as OpenInput;
  return JSON.stringify(renderWork(open.makespanWork, open.folder, needLookup(open.needs, outcomes)));
}

/** Values of `{needs.…}` from the outcomes of an attempt. */
export function needLookup(needs: OpenInput["needs"], outcomes: readonly Outcome[]): Lookup<FlowRef> {
  const values = new Map<string, JsonValue>();
  return (ref) => {
    if (ref.kind !== "need") return undefined;
    let value = values.get(ref.name);
    if (value === undefined) {
      const need = needs.find((one) => one.name === ref.name);
      if (need === undefined) return undefined;
      const results = need.at.map((index) => resultOf(outcomes[index]));
      value = need.group ? results : (results[0] ?? null);
      values.set(ref.name, value);
    }
    return memberAt(value, ref.path);
  };
}

function resultOf(outcome: Outcome | undefined): JsonValue {
  return outcome?.result === undefined ? null : (JSON.parse(outcome.result) as JsonValue);
}

function isOpen(work: Work): boolean {
  if (work.kind === "call") return work.with.holes.length > 0;
  return templatesOf(work).some((template) => templateRefs(template).length > 0);
}

function templatesOf(work: CommandWork): readonly FlowTemplate[] {
  const line = work.command.kind === "shell" ? [work.command.script] : work.command.argv;
  return [...line, ...Object.values(work.env), ...(work.cwd === undefined ? [] : [work.cwd]), ...(work.stdin === undefined ? [] : [work.stdin])];
}

function renderWork(work: Work, folder: string, lookup: Lookup<FlowRef>): CommandInput | JsonValue {
  return work.kind === "call" ? renderJson(work.with, lookup) : renderCommand(work, folder, lookup);
}

function renderCommand(work: CommandWork, folder: string, lookup: Lookup<FlowRef>): CommandInput {
  const text = (template: FlowTemplate): string => renderTemplate(template, lookup);
  const env = Object.entries(work.env);
  const rest = {
    ...(work.stdin !== undefined && { stdin: text(work.stdin) }),
    ...(env.length > 0 && { env: Object.fromEntries(env.map(([name, template]) => [name, text(template)])) }),
    cwd: work.cwd === undefined ? folder : resolve(folder, text(work.cwd)),
    ...(work.result !== "last-line" && { result: work.result }),
  };
  if (work.command.kind === "shell") return { shell: text(work.command.script), ...rest };
  const argv = work.command.argv.map(text);
  if (argv[0] === "") throw new MakespanError("invalid_input", "The command names no program: its first part is empty.");
  return { argv, ...rest };
}
