/**
 * Text with placeholders: `wc -l {item}`. Parsed once, when a flow file or a command line is read; then filled in one or two steps
 * (what is known when the run is planned, and what only its tasks will tell). A template is plain JSON, so what is left of it
 * can wait in a task's input. The names that count as placeholders are the caller's (`Syntax`); all other braces are text.
 *
 * In a shell script every value is quoted for the place it stands in (see shell-places.ts); everywhere else it goes in verbatim.
 */
import { MakespanError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import { scanShell, type Quote } from "./shell-places.ts";

/** A place to fill with the value that `ref` names. Without `quote` the value goes in verbatim. */
export interface Hole<Ref> {
  readonly ref: Ref;
  readonly quote?: Quote;
}

export type Template<Ref> = readonly (string | Hole<Ref>)[];

/** What braces mean: a reference, a mistake (a sentence that says what to do), or undefined for plain text. */
export type Syntax<Ref> = (name: string) => { readonly kind: "ref"; readonly ref: Ref } | { readonly kind: "mistake"; readonly problem: string } | undefined;

export interface ParsedTemplate<Ref> {
  readonly template: Template<Ref>;
  /** What is wrong with it, in order; empty when it can be used. */
  readonly problems: readonly string[];
  /** For a shell script: an argument may be appended. */
  readonly appendable: boolean;
}

/** Braces without braces or line breaks inside. */
const BRACES = /\{([^{}\n]*)\}/y;

/** `${name}` is never a placeholder, and `{{name}` stands for the text `{name}` wherever `{name}` alone would be a placeholder. */
export function parseTemplate<Ref>(text: string, syntax: Syntax<Ref>, options: { readonly shell: boolean }): ParsedTemplate<Ref> {
  const problems: string[] = [];
  const read = (offset: number): { readonly end: number; readonly meaning: NonNullable<ReturnType<Syntax<Ref>>> } | undefined => {
    BRACES.lastIndex = offset;
    const match = BRACES.exec(text);
    const meaning = match === null ? undefined : syntax(match[1]!);
    return meaning === undefined ? undefined : { end: BRACES.lastIndex, meaning };
  };
  const doubled = (offset: number): boolean => text[offset + 1] === "{" && read(offset + 1) !== undefined;
  const endOf = (offset: number): number => (doubled(offset) ? (read(offset + 1)?.end ?? -1) : (read(offset)?.end ?? -1));
  const scan = options.shell ? scanShell(text, endOf) : undefined;
  const parts: (string | Hole<Ref>)[] = [];
  let done = 0;
  for (const { start, end, place } of scan?.holes ?? plainHoles(text, endOf)) {
    parts.push(text.slice(done, start));
    done = end;
    const meaning = doubled(start) ? undefined : read(start)?.meaning;
    if (meaning === undefined) {
      if (text[end] === "}" && /^\{\{\w/.test(text.slice(start, start + 3))) problems.push(`${text.slice(start, end + 1)}: a value is written with one brace, ${text.slice(start + 1, end)}`);
      parts.push(text.slice(start + 1, end));
    } else if (meaning.kind === "mistake") problems.push(meaning.problem);
    else if (place.kind === "refused") problems.push(`${text.slice(start, end)} cannot go here: ${place.reason}`);
    else if (place.kind === "verbatim") parts.push({ ref: meaning.ref });
    else parts.push({ ref: meaning.ref, quote: place.quote });
  }
  parts.push(text.slice(done));
  return { template: mergeText(parts), problems, appendable: scan?.appendable ?? false };
}

function* plainHoles(text: string, endOf: (offset: number) => number): Generator<{ start: number; end: number; place: { readonly kind: "verbatim" } }> {
  for (let start = text.indexOf("{"); start >= 0; ) {
    const end = text[start - 1] === "$" ? -1 : endOf(start);
    if (end > 0) yield { start, end, place: { kind: "verbatim" } };
    start = text.indexOf("{", end > 0 ? end : start + 1);
  }
}

/** A template without placeholders. */
export function textTemplate<Ref = never>(text: string): Template<Ref> {
  return text === "" ? [] : [text];
}

/** Joins neighbouring text, so that equal templates are equal as JSON. */
function mergeText<Ref>(parts: readonly (string | Hole<Ref>)[]): Template<Ref> {
  const merged: (string | Hole<Ref>)[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (typeof part === "string" && typeof last === "string") merged[merged.length - 1] = last + part;
    else if (part !== "") merged.push(part);
  }
  return merged;
}

export function templateRefs<Ref>(template: Template<Ref>): readonly Ref[] {
  return template.flatMap((part) => (typeof part === "string" ? [] : [part.ref]));
}

/** The value of a reference; undefined leaves the hole for a later step (`bindTemplate`) or is an error (`renderTemplate`). */
export type Lookup<Ref> = (ref: Ref) => JsonValue | undefined;

/**
 * Fills the holes whose value is known now and leaves the others.
 * Throws `invalid_input` when a value cannot stand in its place.
 */
export function bindTemplate<Ref>(template: Template<Ref>, lookup: Lookup<Ref>): Template<Ref> {
  if (template.every((part) => typeof part === "string")) return template;
  return mergeText(
    template.map((part) => {
      if (typeof part === "string") return part;
      const value = lookup(part.ref);
      return value === undefined ? part : placeValue(valueText(value), part.quote);
    }),
  );
}

/** The finished text. Throws `invalid_input` when a value is missing or cannot stand in its place. */
export function renderTemplate<Ref>(template: Template<Ref>, lookup: Lookup<Ref>): string {
  let text = "";
  for (const part of template) {
    if (typeof part === "string") text += part;
    else {
      const value = lookup(part.ref);
      if (value === undefined) throw new MakespanError("invalid_input", `the placeholder ${JSON.stringify(part.ref)} has no value`);
      text += placeValue(valueText(value), part.quote);
    }
  }
  return text;
}

/** A value as it appears in text: strings as they are, nothing for null, the rest as JSON. */
export function valueText(value: JsonValue): string {
  if (typeof value === "string") return value;
  return value === null ? "" : JSON.stringify(value);
}

/** Letters that no shell reads in a special way, wherever they stand in a word of their own. */
const HARMLESS = /^[A-Za-z0-9_./:,@%+-]+$/;

/** The text to write at a place of a script so that the shell sees exactly `value`; verbatim without `quote`. */
export function placeValue(value: string, quote: Quote | undefined): string {
  if (quote === undefined) return value;
  if (value.includes("\0")) throw new MakespanError("invalid_input", "a value holds a NUL character, which no command line can carry; send it on stdin");
  if (quote === "number") {
    if (/^-?\d+(?:\.\d+)?$/.test(value)) return value;
    throw new MakespanError("invalid_input", `$((…)) needs a number, got ${JSON.stringify(value.slice(0, 40))}`);
  }
  if (quote === "word" && HARMLESS.test(value)) return value;
  const around = quote === "single" ? "'" : quote === "double" ? '"' : "";
  // Inside quotes: close them, put the quoted value, open them again.
  return around + quoteForShell(value) + around;
}

/** One word for any POSIX shell, whatever is in it (but NUL). */
export function quoteForShell(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
