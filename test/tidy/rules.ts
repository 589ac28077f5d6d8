// The style rules that a machine can hold: the layer table, the purity of the layers that must be deterministic, the shape of files,
// and words that have no place in the project. Every rule takes files as text, so that tidy-fails.test.ts can show each one failing.
import { builtinModules } from "node:module";
import { posix } from "node:path";
import { drivers, layerOf, layers, storeDrivers, type Layer } from "./layers.ts";
import { codeOf, importsOf, lineAt, type Import } from "./source.ts";

/** Text by path from the project's root, with forward slashes. */
export type Files = ReadonlyMap<string, string>;

export type Violation = { readonly rule: string; readonly path: string; readonly line: number; readonly message: string };

/** A file over this many lines is two things. */
const lineLimit = 500;

/** Every import in src/ is one that the layer table allows. */
export function layerRule(files: Files): readonly Violation[] {
  return sources(files, "src/").flatMap(([path, text]) => {
    const layer = layerOf(path);
    const row = layer === undefined ? undefined : layers[layer];
    if (layer === undefined || row === undefined) {
      return [{ rule: "layer", path, line: 1, message: "lies in no folder of the layer table" }];
    }
    return importsOf(text).flatMap((one) => {
      const message = one.specifier.startsWith(".") ? refuseFile(path, layer, row, one) : refuseModule(layer, row, one);
      return message === undefined ? [] : [{ rule: "layer", path, line: one.line, message }];
    });
  });
}

function refuseFile(path: string, layer: string, row: Layer, { specifier, typeOnly }: Import): string | undefined {
  const target = posix.join(posix.dirname(path), specifier);
  if (target === "package.json" && row.runtime === "node") return undefined;
  const other = target.startsWith("src/") ? layerOf(target) : undefined;
  if (other === undefined) return `imports ${specifier}, which is outside the layers`;
  if (other === layer || row.may.includes(other)) return undefined;
  if (row.mayTypes?.includes(other) === true) return typeOnly ? undefined : `${layer} may import only types from ${other}`;
  return `${layer} may not import ${other}`;
}

function refuseModule(layer: string, row: Layer, { specifier }: Import): string | undefined {
  const isNode = specifier.startsWith("node:") || builtinModules.includes(specifier);
  if (isNode && row.runtime !== "node") return `${layer} may not import ${specifier}: its runtime is ${row.runtime}`;
  if (isNode && !specifier.startsWith("node:")) return `${specifier} is written node:${specifier}`;
  const home = (layer.startsWith("store") ? storeDrivers : drivers)[specifier];
  if (home !== undefined && home !== layer) return `${specifier} may be imported only in ${home}`;
  if (isNode || row.packages === "any") return undefined;
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  return row.packages.includes(name) ? undefined : `${layer} may not import the package ${name}`;
}

/** Names that reach the clock, chance, timers, the machine or its language settings: the same input could give another output. */
const impure = [
  "Date", "performance", "process", "globalThis", "global", "setTimeout", "setInterval", "setImmediate", "queueMicrotask",
  "requestAnimationFrame", "crypto", "console", "Buffer", "require", "fetch", "WebSocket", "URL", "AbortController", "AbortSignal",
  "Worker", "SharedArrayBuffer", "Atomics", "WeakRef", "FinalizationRegistry", "Intl", "eval", "Function",
];
/** Methods whose answer depends on the language settings of the machine. */
const localeMethods = ["localeCompare", "toLocaleString", "toLocaleLowerCase", "toLocaleUpperCase", "toLocaleDateString", "toLocaleTimeString"];
/** What the standard defines to the last bit; the rest of Math may differ between engines. */
const exactMath = [
  "abs", "ceil", "clz32", "floor", "fround", "imul", "max", "min", "round", "sign", "sqrt", "trunc",
  "E", "LN2", "LN10", "LOG2E", "LOG10E", "PI", "SQRT1_2", "SQRT2",
];

/** Layers whose runtime is ECMAScript only use nothing else, and nothing in the core waits. */
export function purityRule(files: Files): readonly Violation[] {
  return sources(files, "src/").flatMap(([path, text]) => {
    const row = layers[layerOf(path) ?? ""];
    if (row?.runtime !== "ecmascript") return [];
    const code = codeOf(text);
    const report = (pattern: RegExp, message: (name: string) => string): readonly Violation[] =>
      [...code.matchAll(pattern)].map((match) => ({
        rule: "purity",
        path,
        line: lineAt(code, match.index),
        message: message(match[1] ?? match[0]),
      }));
    return [
      ...report(namePattern(impure), (name) => `${name} is not for a pure layer`),
      ...report(/(?<![\w$.])Math\s*\??\.\s*(random)\b/g, () => "Math.random is not for a pure layer: draw from the seeded generator"),
      ...report(/(?<![\w$.])Math\b(?!\s*\??\.)/g, () => "Math may only be used as Math.name, so that this rule sees the name"),
      ...report(new RegExp(`\\.\\s*(${localeMethods.join("|")})\\b`, "g"), (name) => `${name} depends on the machine's language`),
      ...report(/\bimport\s*\.\s*(meta)\b/g, () => "import.meta is not for a pure layer"),
      ...(row.synchronous === true
        ? report(namePattern(["async", "await", "Promise"]), (name) => `${name}: nothing in this layer may wait`)
        : []),
      ...(row.exactMath === true
        ? [
            ...report(
              new RegExp(`(?<![\\w$.])Math\\s*\\??\\.\\s*(?!(?:random|${exactMath.join("|")})\\b)([\\w$]+)`, "g"),
              (name) => `Math.${name} may differ between JavaScript engines`,
            ),
            ...report(/\*\*/g, () => "** may differ between JavaScript engines"),
          ]
        : []),
    ];
  });
}

/** A name used as a value or a type; not a property after a dot, and not a key before a colon. */
function namePattern(names: readonly string[]): RegExp {
  return new RegExp(`(?<![\\w$#])(?<!(?<!\\.\\.)\\.\\s*)(${names.join("|")})(?![\\w$])(?!(?<=[{,;\\n(]\\s*(?:readonly\\s+)?\\1)\\s*\\??:)`, "g");
}

/** Files are named in kebab-case, short enough to be one thing, and open by saying what they are. */
export function shapeRule(files: Files): readonly Violation[] {
  return [...files].filter(([path]) => isSource(path)).flatMap(([path, text]) => {
    const found: Violation[] = [];
    const add = (line: number, message: string) => found.push({ rule: "shape", path, line, message });
    const odd = path.split("/").find((part) => !/^\.?[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)*$/.test(part));
    if (odd !== undefined) add(1, `${odd} is not kebab-case`);
    const lines = text.replace(/\n$/, "").split("\n").length;
    if (lines > lineLimit) add(lineLimit + 1, `has ${lines} lines: over ${lineLimit} it is two things`);
    if (!/^(?:#![^\n]*\n)?\s*\/[/*]/.test(text)) add(1, "does not open with a comment that says what it is and why");
    return found;
  });
}

const forbiddenText: readonly (readonly [pattern: RegExp, message: string])[] = [
  [/(?<![\w.*@$}~)-])\/(?:home|root|tmp|work|Users|mnt|private)\/[\w.-]+/g, "a path of one machine"],
  [/https?:\/\/[\w.-]*registry[\w.-]*|"resolved":\s*"https?:/g, "the host of a package registry"],
  [/\b(?:test|it|describe|suite)\.only\b|\bonly:\s*true\b/g, "a test that keeps the others from running"],
  [/\b(?:FIX[M]E|TO[D]O|X{3})\b/g, "work left undone"],
  [/@ts-(?:ignore|nocheck)\b/g, "a type error silenced"],
];

/** No words that belong to one machine, to unfinished work or to a moment of debugging, in any file. */
export function textRule(files: Files): readonly Violation[] {
  return [...files].flatMap(([path, text]) =>
    forbiddenText.flatMap(([pattern, message]) =>
      [...text.matchAll(pattern)].map((match) => ({
        rule: "text",
        path,
        line: lineAt(text, match.index),
        message: `${message}: ${match[0]}`,
      })),
    ),
  );
}

export const rules = [layerRule, purityRule, shapeRule, textRule] as const;

/** One line for each violation, as editors and terminals link them. */
export function report(violations: readonly Violation[]): string {
  return violations.map(({ rule, path, line, message }) => `${path}:${line}: ${message} (${rule})`).join("\n");
}

function sources(files: Files, root: string): readonly (readonly [path: string, text: string])[] {
  return [...files].filter(([path]) => path.startsWith(root) && isSource(path));
}

function isSource(path: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(path);
}
