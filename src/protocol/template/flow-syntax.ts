/**
 * The placeholders of flow files: `{vars.name}` for a variable of the file, `{item}` and `{item.field}` and `{index}` in a task with `for_each`, `{needs.list}` and
 * `{needs.list.field}` for the result of a task that is needed. Other braces are text (`awk '{print $1}'`, `${HOME}`,
 * `docker ps --format '{{.Names}}'`), unless they look like a slip of ours.
 */
import { closestWord, didYouMean, editDistance } from "../did-you-mean.ts";
import type { Syntax, Template } from "./template.ts";

export type FlowRef =
  | { readonly kind: "item"; readonly path: readonly string[] }
  | { readonly kind: "index" }
  /** A variable of the file; filled in as soon as it is read. */
  | { readonly kind: "var"; readonly name: string }
  /** `name` is a task or a group of the file; a group's value is the list of its members' results. */
  | { readonly kind: "need"; readonly name: string; readonly path: readonly string[] };

export type FlowTemplate = Template<FlowRef>;

export interface FlowScope {
  readonly forEach: boolean;
  /** Names in the task's `needs` (and `for_each.from`). */
  readonly needs: ReadonlySet<string>;
  /** Names of the file's variables. */
  readonly vars: ReadonlySet<string>;
  /** Every id of the file, for advice. */
  readonly known: ReadonlySet<string>;
}

export function flowSyntax(scope: FlowScope): Syntax<FlowRef> {
  return (name) => {
    if (!/^[A-Za-z_][^\s,;|&"'`$\\]*$/.test(name)) return undefined;
    const [root = "", ...path] = name.split(".");
    if (root === "item" || name === "index") {
      if (!scope.forEach) return mistake(name, "only a task with for_each has it");
      return { kind: "ref", ref: root === "item" ? { kind: "item", path } : { kind: "index" } };
    }
    if (root === "vars" && path.length > 0) return varRef(name, path.join("."), scope);
    if (root === "needs" && path.length > 0) return needRef(name, scope);
    return looksLikeOurs(name, root, path.length > 0);
  };
}

function varRef(name: string, variable: string, { vars }: FlowScope): ReturnType<Syntax<FlowRef>> {
  if (vars.has(variable)) return { kind: "ref", ref: { kind: "var", name: variable } };
  return mistake(name, `the file has no variable of this name under vars:${didYouMean(variable, vars)}`);
}

/** Task ids may hold dots, so the longest need that fits is the one that is meant. */
function needRef(name: string, scope: FlowScope): ReturnType<Syntax<FlowRef>> {
  const rest = name.slice("needs.".length);
  const fits = (id: string): boolean => rest === id || rest.startsWith(`${id}.`);
  const need = [...scope.needs].filter(fits).sort((a, b) => b.length - a.length)[0];
  if (need !== undefined) {
    const path = rest.slice(need.length + 1);
    return { kind: "ref", ref: { kind: "need", name: need, path: path === "" ? [] : path.split(".") } };
  }
  const known = [...scope.known].find(fits);
  if (known !== undefined) return mistake(name, `add ${JSON.stringify(known)} to the needs of this task`);
  return mistake(name, `no task of this name is needed here${didYouMean(rest, scope.needs)}`);
}

function looksLikeOurs(name: string, root: string, dotted: boolean): ReturnType<Syntax<FlowRef>> {
  if (name === "needs") return mistake(name, "say of which task: {needs.ID}");
  const meant = dotted ? closestWord(root, ["needs", "item", "vars"], 2) : ["item", "index", "needs"].find((word) => editDistance(name, word) === 1);
  return meant === undefined ? undefined : mistake(name, `did you mean {${meant}${name.slice(root.length)}}?`);
}

function mistake(name: string, advice: string): { readonly kind: "mistake"; readonly problem: string } {
  return { kind: "mistake", problem: `{${name}} has no value: ${advice} (to keep it as text, write {{${name}})` };
}

/** A reference as it is written in a file. */
export function writeRef(ref: FlowRef): string {
  if (ref.kind === "index") return "{index}";
  if (ref.kind === "var") return `{vars.${ref.name}}`;
  return `{${[...(ref.kind === "item" ? ["item"] : ["needs", ref.name]), ...ref.path].join(".")}}`;
}

/** The template for people: text with the open placeholders as they were written. */
export function writeTemplate(template: FlowTemplate): string {
  return template.map((part) => (typeof part === "string" ? part : writeRef(part.ref))).join("");
}
