// Reads just enough TypeScript for the tidy rules: which characters are code and which are comment or text, and what a file imports.
// TypeScript 7 has no parser for programs to call, and the rules need no tree. Blanked text keeps its length and its lines, so that an
// offset in the code is an offset in the file.

export type Import = {
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly line: number;
};

/** The source with every comment and every character inside strings, templates and regular expressions turned into a space. */
export function codeOf(source: string): string {
  const out = source.split("");
  const blank = (from: number, to: number) => {
    for (let i = from; i < to; i++) if (out[i] !== "\n") out[i] = " ";
  };
  // Open braces: "code" for a block or object, "hole" for the ${ of a template.
  const braces: ("code" | "hole")[] = [];
  let i = source.startsWith("#!") ? source.indexOf("\n") : 0;
  blank(0, i);

  const skipTemplate = (start: number): number => {
    let at = start;
    while (at < source.length && source[at] !== "`") {
      if (source[at] === "$" && source[at + 1] === "{") {
        blank(start, at);
        braces.push("hole");
        return at + 2;
      }
      at += source[at] === "\\" ? 2 : 1;
    }
    blank(start, at);
    return at + 1;
  };

  while (i < source.length) {
    const c = source[i];
    if (c === "/" && source[i + 1] === "/") {
      const end = indexOrEnd(source, "\n", i);
      blank(i, end);
      i = end;
    } else if (c === "/" && source[i + 1] === "*") {
      const end = Math.min(indexOrEnd(source, "*/", i + 2) + 2, source.length);
      blank(i, end);
      i = end;
    } else if (c === '"' || c === "'") {
      const end = endOfString(source, i + 1, c);
      blank(i + 1, end);
      i = end + 1;
    } else if (c === "`") {
      i = skipTemplate(i + 1);
    } else if (c === "/" && startsRegex(out, i)) {
      const end = endOfRegex(source, i + 1);
      blank(i + 1, end);
      i = end + 1;
    } else {
      if (c === "{") braces.push("code");
      i++;
      if (c === "}" && braces.pop() === "hole") i = skipTemplate(i);
    }
  }
  return out.join("");
}

/** Everything the file refers to: static, side-effect and dynamic imports, re-exports, and files started by `new URL("./x.ts", …)`. */
export function importsOf(source: string): readonly Import[] {
  const code = codeOf(source);
  const found: Import[] = [];
  for (const [pattern, mayBeType] of importPatterns) {
    for (const match of code.matchAll(pattern)) {
      const end = match.index + match[0].length - 1;
      const start = end - (match.groups?.["text"]?.length ?? 0);
      const specifier = source.slice(start, end);
      if (pattern === urlPattern && !/^\.{1,2}\/.*\.[cm]?[jt]s$/.test(specifier)) continue;
      found.push({ specifier, typeOnly: mayBeType && match.groups?.["type"] !== undefined, line: lineAt(source, start) });
    }
  }
  return found;
}

export function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split("\n").length;
}

const urlPattern = /\bnew\s+URL\s*\(\s*(?<quote>["'])(?<text>\s*)\k<quote>/g;
const importPatterns: readonly (readonly [pattern: RegExp, mayBeType: boolean])[] = [
  [
    /\b(?:import|export)\b\s*(?<type>type\b(?!\s*,|\s+from\b))?(?:(?!\b(?:import|export)\b)[^;'"`()])*?\bfrom\s*(?<quote>["'])(?<text>\s*)\k<quote>/g,
    true,
  ],
  [/\bimport\s*(?<quote>["'])(?<text>\s*)\k<quote>/g, false],
  [/\bimport\s*\(\s*(?<quote>["'])(?<text>\s*)\k<quote>/g, false],
  [urlPattern, false],
];

function indexOrEnd(text: string, part: string, from: number): number {
  const at = text.indexOf(part, from);
  return at === -1 ? text.length : at;
}

function endOfString(source: string, from: number, quote: string): number {
  let at = from;
  while (at < source.length && source[at] !== quote && source[at] !== "\n") at += source[at] === "\\" ? 2 : 1;
  return at;
}

function endOfRegex(source: string, from: number): number {
  let inClass = false;
  let at = from;
  while (at < source.length && source[at] !== "\n") {
    const c = source[at];
    if (c === "/" && !inClass) return at;
    if (c === "[") inClass = true;
    if (c === "]") inClass = false;
    at += c === "\\" ? 2 : 1;
  }
  return at;
}

/** A slash divides after a value and opens a regular expression after anything else; what came before is blanked already. */
function startsRegex(out: readonly string[], slash: number): boolean {
  let at = slash - 1;
  while (at >= 0 && /\s/.test(out[at] ?? "")) at--;
  if (at < 0) return true;
  const before = out[at] ?? "";
  if (/[)\]}"'`]/.test(before)) return false;
  if (!/[\w$]/.test(before)) return true;
  const word = out.slice(Math.max(0, at - 10), at + 1).join("").match(/[\w$]+$/)?.[0] ?? "";
  return ["return", "typeof", "case", "in", "of", "do", "else", "void", "delete", "throw", "yield", "await"].includes(word);
}
