/**
 * A YAML or JSON text as plain values, with the line and column of everything in it. JSON is read by the YAML parser too, since
 * it keeps positions and JSON.parse does not.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit, type Document, type Node, type Pair, type YAMLMap } from "yaml";
import { isMakespanError } from "../errors.ts";
import type { CodedProblem, ProblemCode } from "./problem.ts";

export type Path = readonly (string | number)[];

/** Aliases that may be followed; beyond it, small files could unfold to more than fits in memory. */
const ALIAS_LIMIT = 10_000;

export class FlowSource {
  /** The file as plain values; undefined if it could not be read. */
  readonly value: unknown;
  /** Syntax errors, duplicate keys, values that YAML reads in another way than they look. */
  readonly problems: readonly CodedProblem[];
  private readonly document: Document.Parsed;
  private readonly lines = new LineCounter();
  private readonly pairs = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

  constructor(text: string) {
    // The parser's own check of unique keys compares each with all others: 34 s for 60,000 tasks, 2 s without.
    this.document = parseDocument(text, { uniqueKeys: false, stringKeys: true, merge: true, prettyErrors: false, lineCounter: this.lines });
    const fatal: CodedProblem[] = [...this.document.errors, ...this.document.warnings].map((error) =>
      this.problemAt(error.pos[0], [], syntaxMessage(error.message)),
    );
    const others: CodedProblem[] = [];
    visit(this.document, {
      Alias: (_key, alias) => {
        if (alias.resolve(this.document) === undefined) fatal.push(this.problemAt(alias.range?.[0] ?? 0, [], `there is no anchor &${alias.source} before this alias`));
      },
      Map: (_key, map, ancestors) => {
        others.push(...this.duplicates(map, ancestors.length), ...this.bareBraces(map));
      },
    });
    this.value = fatal.length === 0 ? this.plain(fatal) : undefined;
    this.problems = [...fatal, ...others];
  }

  /** A problem at a path; at the key rather than the value if `onKey`. What is not in the file is reported where it should be. */
  problem(path: Path, message: string, options: { readonly code?: ProblemCode; readonly onKey?: boolean } = {}): CodedProblem {
    return this.problemAt(this.offset(path, options.onKey ?? false), path, message, options.code);
  }

  /** Line of what is at a path, from 1. */
  line(path: Path): number {
    return this.lines.linePos(this.offset(path, true)).line;
  }

  /** How a single value is written in the file, without quotes if it is plain; undefined for anything else. */
  written(path: Path): string | undefined {
    const node = this.find(path).node;
    return isScalar(node) ? (node.source ?? undefined) : undefined;
  }

  private plain(problems: CodedProblem[]): unknown {
    try {
      return this.document.toJS({ maxAliasCount: ALIAS_LIMIT });
    } catch (error) {
      if (isMakespanError(error) || !(error instanceof Error)) throw error;
      problems.push(this.problemAt(0, [], `its aliases cannot be followed: ${error.message}`));
      return undefined;
    }
  }

  private problemAt(offset: number, path: Path, message: string, code: ProblemCode = "flow_file_invalid"): CodedProblem {
    const { line, col } = this.lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col), path: path.join("."), message, code };
  }

  private offset(path: Path, onKey: boolean): number {
    const { node, key } = this.find(path);
    const chosen = onKey ? (key ?? node) : (node?.range?.[0] === node?.range?.[1] ? (key ?? node) : node);
    return chosen?.range?.[0] ?? 0;
  }

  /** The node at a path, or the last one on the way to it. */
  private find(path: Path): { readonly node: Node | undefined; readonly key: Node | undefined } {
    let node: Node | undefined = this.document.contents ?? undefined;
    let key: Node | undefined;
    for (const step of path) {
      if (isAlias(node)) node = node.resolve(this.document);
      if (isMap(node)) {
        const pair = this.pairsOf(node).get(String(step));
        if (pair === undefined) return { node: key ?? node, key };
        key = pair.key as Node;
        node = (pair.value as Node | null) ?? key;
      } else if (isSeq(node)) {
        const item = node.items[Number(step)] as Node | undefined;
        if (item === undefined) return { node, key };
        key = undefined;
        node = item;
      } else return { node, key };
    }
    return { node, key };
  }

  private pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
    let pairs = this.pairs.get(map);
    if (pairs === undefined) {
      pairs = new Map(map.items.map((pair) => [keyText(pair), pair]));
      this.pairs.set(map, pairs);
    }
    return pairs;
  }

  private duplicates(map: YAMLMap, depth: number): readonly CodedProblem[] {
    if (new Set(map.items.map(keyText)).size === map.items.length) return [];
    const first = new Map<string, Pair>();
    return map.items.flatMap((pair) => {
      const key = keyText(pair);
      const earlier = first.get(key);
      if (earlier === undefined) first.set(key, pair);
      if (earlier === undefined || key === "<<") return [];
      const line = this.lines.linePos((earlier.key as Node).range?.[0] ?? 0).line;
      // The document, the pair `tasks:` and this map: only there a key is the id of a task.
      const isTask = depth === 3 && map === this.find(["tasks"]).node;
      return [this.problemAt((pair.key as Node).range?.[0] ?? 0, isTask ? ["tasks", key] : [key], `${isTask ? "two tasks have this id" : "this key is there twice"} (first on line ${line})`, isTask ? "duplicate_id" : "flow_file_invalid")];
    });
  }

  /** `stdin: {item}` without quotes is a map to YAML. */
  private bareBraces(map: YAMLMap): readonly CodedProblem[] {
    const [pair] = map.items;
    if (map.flow !== true || map.items.length !== 1 || pair === undefined || pair.value !== null) return [];
    const key = keyText(pair);
    if (!/^(?:item|needs)(?:\..+)?$|^index$/.test(key)) return [];
    return [this.problemAt(map.range?.[0] ?? 0, [], `{${key}} is a map to YAML; write the placeholder in quotes: "{${key}}"`)];
  }
}

function keyText(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

/** The parser's own words in one line, except where they speak to programmers. */
function syntaxMessage(message: string): string {
  if (/call stack|Stack overflow/.test(message)) return "it is nested too deeply";
  if (message.includes("multiple documents")) return "the file holds more than one document; a flow is one document, so remove the --- and what follows";
  return `not valid YAML: ${message.replaceAll(/\s+/g, " ")}`;
}
