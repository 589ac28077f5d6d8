/**
 * The members of a group: one task for each value of `for_each`, with an id that follows from the value and not from its place,
 * so that a list can be edited between two runs.
 */
import { canonicalJson, memberAt, type JsonValue } from "../json.ts";
import { bindJson } from "../template/json-template.ts";
import type { FlowRef, FlowTemplate } from "../template/flow-syntax.ts";
import { bindTemplate, renderTemplate, type Lookup } from "../template/template.ts";
import type { TaskDraft, Work } from "../task-plan.ts";
import { MakespanError } from "../errors.ts";

const LABEL_LENGTH = 80;

/** `measure[a]`, `measure[{"file":"a.ts"}]`; equal values are told apart as `measure[a]#2`. */
export function memberIds(group: string, items: readonly JsonValue[]): readonly string[] {
  const count = new Map<string, number>();
  return items.map((item) => {
    const id = `${group}[${memberLabel(item)}]`;
    const seen = (count.get(id) ?? 0) + 1;
    count.set(id, seen);
    return seen === 1 ? id : `${id}#${seen}`;
  });
}

/** The value in one short line; a map by the first of its fields that is a name. */
function memberLabel(item: JsonValue): string {
  const text = (typeof item === "string" ? item : (nameOf(item) ?? canonicalJson(item))).replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ");
  return text.length <= LABEL_LENGTH ? text : `${text.slice(0, LABEL_LENGTH - 1)}…`;
}

const NAME_FIELDS = ["id", "name", "path", "file", "folder", "url", "key", "title"] as const;

function nameOf(item: JsonValue): string | undefined {
  const texts = NAME_FIELDS.map((field) => memberAt(item, [field]));
  return texts.find((text): text is string => typeof text === "string" && text !== "");
}

/**
 * A member of a group, with its item in every place; placeholders for results of other tasks stay open. `draft` is a task whose
 * work still has open items: one of the plan with `expand`, or one that the parser is about to expand.
 * Throws `invalid_input` when the item has no such field or cannot stand where it is used.
 */
export function expandMember(draft: TaskDraft, id: string, item: JsonValue, index: number): TaskDraft {
  const lookup = itemLookup(item, index);
  const { expand, ...rest } = draft;
  const key = expand?.key === undefined ? draft.key : renderTemplate(expand.key, lookup);
  const limitKey = expand?.limitKey === undefined ? draft.limit?.key : renderTemplate(expand.limitKey, lookup);
  return {
    ...rest,
    id,
    group: draft.id,
    work: bindWork(draft.work, lookup),
    ...(key === undefined ? {} : { key }),
    ...(limitKey === undefined ? {} : { limit: { key: limitKey, max: draft.limit?.max ?? 1 } }),
  };
}

function itemLookup(item: JsonValue, index: number): Lookup<FlowRef> {
  return (ref) => {
    if (ref.kind === "need" || ref.kind === "var") return undefined;
    if (ref.kind === "index") return index;
    const value = memberAt(item, ref.path);
    if (value === undefined) throw new MakespanError("invalid_input", `the item ${memberLabel(item)} has no ${ref.path.join(".")}`);
    return value;
  };
}

/** Fills what `lookup` knows in every part of the work. Throws `invalid_input`. */
export function bindWork(work: Work, lookup: Lookup<FlowRef>): Work {
  const bind = (template: FlowTemplate): FlowTemplate => bindTemplate(template, lookup);
  if (work.kind === "call") return { ...work, with: bindJson(work.with, lookup) };
  const { command } = work;
  return {
    ...work,
    command: command.kind === "shell" ? { kind: "shell", script: bind(command.script) } : { kind: "argv", argv: command.argv.map(bind) },
    env: Object.fromEntries(Object.entries(work.env).map(([name, template]) => [name, bind(template)])),
    ...(work.cwd === undefined ? {} : { cwd: bind(work.cwd) }),
    ...(work.stdin === undefined ? {} : { stdin: bind(work.stdin) }),
  };
}
