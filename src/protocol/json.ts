/**
 * JSON as values and as canonical text: keys sorted, no spaces. Two values that mean the same give the same text, so a digest
 * of it recognises a task by its content whatever order its fields were written in.
 */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Anything `JSON.stringify` takes; members that are undefined are left out, as JSON does. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return value.every(isText) ? JSON.stringify(value) : `[${value.map(canonicalJson).join(",")}]`;
  const fields = value as Readonly<Record<string, unknown>>;
  let text = "";
  for (const key of sortedKeys(fields)) {
    const member = fields[key];
    if (member === undefined) continue;
    text += `${text === "" ? "" : ","}${PLAIN_KEY.test(key) ? `"${key}"` : JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}

const PLAIN_KEY = /^\w+$/;

function isText(value: unknown): boolean {
  return typeof value === "string";
}

/** Sorting costs more than all the rest, and most objects are written in order already. */
function sortedKeys(fields: object): readonly string[] {
  const keys = Object.keys(fields);
  for (let at = 1; at < keys.length; at++) if (keys[at]! < keys[at - 1]!) return keys.sort();
  return keys;
}

/** The member at a path of keys and indices; undefined where there is none. Only own members count. */
export function memberAt(value: JsonValue, path: readonly string[]): JsonValue | undefined {
  let at: JsonValue | undefined = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as { readonly [key: string]: JsonValue })[key];
  }
  return at;
}

/** What a person would call the value, for messages: `"abc"`, `42`, `a list`, `a map`. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 39)}…` : value);
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a map";
  return typeof value === "number" || typeof value === "boolean" ? String(value) : `a ${typeof value}`;
}
