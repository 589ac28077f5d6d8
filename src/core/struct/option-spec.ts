/**
 * Names with options, as people write them in one word: `power-of-two:d=3`, `nearest:measured:forget=10m`. A table says which names
 * there are and which options each takes; whatever is wrong is told in a sentence that lists the known ones.
 */

/** What an option takes: nothing, a number, or a duration (`250ms`, `10s`, `5m`, `1h`), which is read as ms. */
export type OptionRule =
  | { readonly kind: "flag" }
  | { readonly kind: "number"; readonly least: number; readonly most: number; readonly whole?: true }
  | { readonly kind: "duration" };

export type OptionRules = Readonly<Record<string, OptionRule>>;

/** Numbers as written, durations in ms, flags as 1; absent where not given. */
export type Options = ReadonlyMap<string, number>;

export type ParsedSpec =
  | { readonly kind: "spec"; readonly name: string; readonly options: Options }
  | { readonly kind: "problem"; readonly problem: string };

const UNITS_MS: ReadonlyMap<string, number> = new Map([["ms", 1], ["s", 1_000], ["m", 60_000], ["h", 3_600_000]]);
const NUMBER = /^\d+(?:\.\d+)?$/;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

/**
 * @param what what the names are names of, for messages: `balancer`
 * @param known the options of each name
 */
export function parseOptionSpec(what: string, text: string, known: ReadonlyMap<string, OptionRules>): ParsedSpec {
  const [name = "", ...parts] = text.split(":");
  const rules = known.get(name);
  if (rules === undefined) return problem(`there is no ${what} ${JSON.stringify(name)}; known are ${[...known.keys()].join(", ")}`);
  const options = new Map<string, number>();
  for (const part of parts) {
    const at = part.indexOf("=");
    const key = at < 0 ? part : part.slice(0, at);
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule === undefined) return problem(`${what} ${name} has no option ${JSON.stringify(key)}; ${listOptions(rules)}`);
    if (options.has(key)) return problem(`${what} ${name} has the option ${key} twice`);
    const value = readValue(rule, at < 0 ? undefined : part.slice(at + 1));
    if (value === undefined) return problem(`option ${key} of ${what} ${name} must be ${describeRule(key, rule)}, not ${JSON.stringify(part)}`);
    options.set(key, value);
  }
  return { kind: "spec", name, options };
}

function readValue(rule: OptionRule, text: string | undefined): number | undefined {
  switch (rule.kind) {
    case "flag":
      return text === undefined ? 1 : undefined;
    case "number": {
      const value = text !== undefined && NUMBER.test(text) ? Number(text) : NaN;
      return value >= rule.least && value <= rule.most && (rule.whole !== true || Number.isSafeInteger(value)) ? value : undefined;
    }
    case "duration": {
      const match = DURATION.exec(text ?? "");
      const ms = match === null ? NaN : Number(match[1]) * UNITS_MS.get(match[2]!)!;
      return ms <= Number.MAX_SAFE_INTEGER ? ms : undefined;
    }
  }
}

function listOptions(rules: OptionRules): string {
  const written = Object.entries(rules).map(([key, rule]) => describeRule(key, rule));
  return written.length === 0 ? "it has none" : `known are ${written.join(", ")}`;
}

function describeRule(key: string, rule: OptionRule): string {
  switch (rule.kind) {
    case "flag":
      return key;
    case "number":
      return `${key}=N (a ${rule.whole === true ? "whole " : ""}number from ${rule.least} to ${rule.most})`;
    case "duration":
      return `${key}=TIME (as 250ms, 10s, 5m or 1h)`;
  }
}

function problem(sentence: string): ParsedSpec {
  return { kind: "problem", problem: sentence };
}
