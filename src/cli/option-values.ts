/** From the text of an option to its value, or a refusal that says what was expected. */
import { didYouMean } from "../protocol/did-you-mean.ts";
import { durationProblem, parseDuration } from "../protocol/duration.ts";
import { MakespanError } from "../protocol/errors.ts";
import type { OptionSpec } from "./command.ts";

type ValueSpec = Exclude<OptionSpec, { readonly kind: "flag" }>;

/** `earlier` is the value of the same option so far, when it is given again. */
export function parseValue(name: string, spec: ValueSpec, text: string, earlier: unknown): unknown {
  switch (spec.kind) {
    case "text":
      return text;
    case "number": {
      const number = Number(text);
      if (/^\d+$/.test(text) && number >= spec.min && Number.isSafeInteger(number)) return number;
      return refuse(name, `a whole number of ${spec.min} or more`, text);
    }
    case "duration": {
      const ms = parseDuration(text);
      if (ms !== undefined) return ms;
      throw new MakespanError("invalid_option", `--${name}: ${durationProblem(text)}.`, { option: name });
    }
    case "choice":
      return oneOf(name, spec.of, text);
    case "choices":
      return [...listSoFar(earlier), ...words(name, text).map((word) => oneOf(name, spec.of, word))];
    case "list":
      return [...listSoFar(earlier), ...words(name, text)];
  }
}

function listSoFar(earlier: unknown): readonly unknown[] {
  return Array.isArray(earlier) ? earlier : [];
}

function words(name: string, text: string): readonly string[] {
  const found = text.split(",").map((word) => word.trim()).filter((word) => word !== "");
  return found.length > 0 ? found : refuse(name, "at least one word", text);
}

function oneOf(name: string, known: readonly string[], word: string): string {
  if (known.includes(word)) return word;
  const message = `--${name} takes ${known.join(", ")}, got ${JSON.stringify(word)}${didYouMean(word, known).replace(/\?$/, "")}`;
  throw new MakespanError("invalid_option", `${message}.`.replace(/(did you mean "[^"]*")\.$/, "$1?"), { option: name, known });
}

function refuse(name: string, expected: string, text: string): never {
  throw new MakespanError("invalid_option", `--${name} takes ${expected}, got ${JSON.stringify(text)}.`, { option: name });
}

/** Of `--set`: words like `NAME=VALUE`. */
export function variablesOf(words: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    words.map((word) => {
      const at = word.indexOf("=");
      if (at <= 0) throw new MakespanError("invalid_option", `--set expects NAME=VALUE, got ${JSON.stringify(word)}.`);
      return [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}
