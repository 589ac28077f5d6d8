/**
 * A JSON value with placeholders in its strings. A string that is one placeholder and nothing else takes the value itself, whatever
 * its type; a placeholder among other text takes its text.
 */
import type { JsonValue } from "../json.ts";
import { bindTemplate, parseTemplate, renderTemplate, type Lookup, type Syntax, type Template } from "./template.ts";

/** `holes` say which strings of `value` are to be replaced, by their paths. */
export interface JsonTemplate<Ref> {
  readonly value: JsonValue;
  readonly holes: readonly { readonly path: readonly string[]; readonly template: Template<Ref> }[];
}

export interface ParsedJsonTemplate<Ref> {
  readonly template: JsonTemplate<Ref>;
  readonly problems: readonly { readonly path: readonly string[]; readonly problem: string }[];
}

export function parseJsonTemplate<Ref>(value: JsonValue, syntax: Syntax<Ref>): ParsedJsonTemplate<Ref> {
  const holes: { path: readonly string[]; template: Template<Ref> }[] = [];
  const problems: { path: readonly string[]; problem: string }[] = [];
  const walk = (at: JsonValue, path: readonly string[]): JsonValue => {
    if (typeof at === "string") {
      const parsed = parseTemplate(at, syntax, { shell: false });
      problems.push(...parsed.problems.map((problem) => ({ path, problem })));
      const [only] = parsed.template;
      if (parsed.template.length === 0) return "";
      if (parsed.template.length === 1 && typeof only === "string") return only;
      holes.push({ path, template: parsed.template });
      return null;
    }
    if (Array.isArray(at)) return at.map((member: JsonValue, index) => walk(member, [...path, String(index)]));
    if (typeof at === "object" && at !== null) return Object.fromEntries(Object.entries(at).map(([key, member]) => [key, walk(member, [...path, key])]));
    return at;
  };
  return { template: { value: walk(value, []), holes }, problems };
}

/** Fills what is known now and leaves the rest. Throws `invalid_input`. */
export function bindJson<Ref>(json: JsonTemplate<Ref>, lookup: Lookup<Ref>): JsonTemplate<Ref> {
  let value = json.value;
  const holes: { path: readonly string[]; template: Template<Ref> }[] = [];
  for (const { path, template } of json.holes) {
    const whole = wholeValue(template, lookup);
    const bound = whole === undefined ? bindTemplate(template, lookup) : [];
    if (whole !== undefined) value = replaceAt(value, path, whole);
    else if (bound.every((part) => typeof part === "string")) value = replaceAt(value, path, bound.join(""));
    else holes.push({ path, template: bound });
  }
  return { value, holes };
}

/** The finished value. Throws `invalid_input` when a placeholder has no value. */
export function renderJson<Ref>(json: JsonTemplate<Ref>, lookup: Lookup<Ref>): JsonValue {
  let value = json.value;
  for (const { path, template } of json.holes) {
    const whole = wholeValue(template, lookup);
    value = replaceAt(value, path, whole === undefined ? renderTemplate(template, lookup) : whole);
  }
  return value;
}

function wholeValue<Ref>(template: Template<Ref>, lookup: Lookup<Ref>): JsonValue | undefined {
  const [only] = template;
  return template.length === 1 && only !== undefined && typeof only !== "string" ? lookup(only.ref) : undefined;
}

function replaceAt(value: JsonValue, path: readonly string[], leaf: JsonValue): JsonValue {
  const [key, ...rest] = path;
  if (key === undefined) return leaf;
  if (Array.isArray(value)) return value.map((member: JsonValue, index) => (String(index) === key ? replaceAt(member, rest, leaf) : member));
  const fields = value as { readonly [key: string]: JsonValue };
  return Object.fromEntries(Object.entries(fields).map(([name, member]) => [name, name === key ? replaceAt(member, rest, leaf) : member]));
}
