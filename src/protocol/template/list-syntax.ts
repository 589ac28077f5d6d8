/**
 * The placeholders of `makespan run -- CMD` over lines, as in GNU parallel: `{}` the line, `{.}` without its extension, `{/}` its base
 * name, `{//}` its folder, `{/.}` its base name without extension, `{#}` the number of the task; `{2}` (and `{2/}` …) one of several
 * lines with `-n`.
 */
import type { Syntax } from "./template.ts";

export type PathEdit = "none" | "no-extension" | "base" | "folder" | "base-no-extension";

export type ListRef =
  /** `position` counts from 1; absent for all lines of the task. */
  { readonly kind: "line"; readonly position?: number; readonly edit: PathEdit } | { readonly kind: "number" };

const EDITS: ReadonlyMap<string, PathEdit> = new Map([
  ["", "none"],
  [".", "no-extension"],
  ["/", "base"],
  ["//", "folder"],
  ["/.", "base-no-extension"],
]);

export function listSyntax(linesPerTask: number): Syntax<ListRef> {
  return (name) => {
    if (name === "#") return { kind: "ref", ref: { kind: "number" } };
    if (name === "%") return { kind: "mistake", problem: "{%} (the number of the slot) is not known when a task is made; use {#}, the number of the task" };
    const [, digits = "", suffix = "?"] = /^([1-9]\d*)?([./]*)$/.exec(name) ?? [];
    const edit = EDITS.get(suffix);
    if (edit === undefined) return undefined;
    if (digits === "") return { kind: "ref", ref: { kind: "line", edit } };
    const position = Number(digits);
    if (position <= linesPerTask) return { kind: "ref", ref: { kind: "line", position, edit } };
    return { kind: "mistake", problem: `{${name}} is line ${position} of a task that gets ${linesPerTask}; use -n ${position}` };
  };
}

const EDITORS: Readonly<Record<PathEdit, (path: string) => string>> = {
  none: (path) => path,
  "no-extension": withoutExtension,
  base: baseOf,
  folder: folderOf,
  "base-no-extension": (path) => withoutExtension(baseOf(path)),
};

/** A line as the placeholder wants it. */
export function editPath(path: string, edit: PathEdit): string {
  return EDITORS[edit](path);
}

function withoutExtension(path: string): string {
  return path.replace(/\.[^/.]+$/, "");
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** As dirname(1): `.` for a bare name, `/` for what lies in the root. */
function folderOf(path: string): string {
  const trimmed = path.replace(/(?<=[^/])\/+$/, "");
  const slash = trimmed.lastIndexOf("/");
  if (slash < 0) return ".";
  const folder = trimmed.slice(0, slash).replace(/\/+$/, "");
  return folder === "" ? "/" : folder;
}
