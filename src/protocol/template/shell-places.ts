/**
 * Finds how a shell will read each placeholder of a script: as a word, inside quotes, in arithmetic. Only with that can a value be
 * put in so that it arrives unchanged and nothing in it is ever run; quoting every value the same way is wrong inside quotes
 * (`'{item}'` would open a hole for `; rm`). Follows the token rules of POSIX.1-2024, XCU 2.2–2.3. Where a shell reads text in
 * ways that no quoting survives (backticks, here-documents, `${…}`), the placeholder is refused with advice.
 */

/** `word`: stands alone; `part`: beside other text of a word; inside quotes; or in `$((…))`, where only numbers may go. */
export type Quote = "word" | "part" | "single" | "double" | "number";

export interface ShellHole {
  readonly start: number;
  readonly end: number;
  readonly place: { readonly kind: "quote"; readonly quote: Quote } | { readonly kind: "refused"; readonly reason: string };
}

export interface ShellScan {
  readonly holes: readonly ShellHole[];
  /** The script ends where a new word could be appended: not inside quotes, a comment or a here-document. */
  readonly appendable: boolean;
}

type Frame = { readonly kind: "code"; readonly nested: boolean; parens: number } | { readonly kind: "double" };

const ENV_ADVICE = "pass the value through env: and write the variable there";

/** `holeAt` gives the end of the placeholder whose brace opens at an offset, or -1. */
export function scanShell(script: string, holeAt: (offset: number) => number): ShellScan {
  return new ShellScanner(script, holeAt).scan();
}

class ShellScanner {
  private readonly text: string;
  private readonly holeAt: (offset: number) => number;
  private readonly holes: ShellHole[] = [];
  private readonly frames: Frame[] = [{ kind: "code", nested: false, parens: 0 }];
  private readonly hereEnds: { readonly word: string; readonly tabs: boolean }[] = [];
  private at = 0;
  private unclear: string | undefined;
  private openEnd = false;
  /** Where the last backslash pair ended: what follows it does not start a word. */
  private escapedEnd = -1;

  constructor(text: string, holeAt: (offset: number) => number) {
    this.text = text;
    this.holeAt = holeAt;
  }

  scan(): ShellScan {
    while (this.at < this.text.length) {
      const frame = this.frames.at(-1)!;
      if (this.tryHole(() => (frame.kind === "double" ? "double" : this.wordOrPart()))) continue;
      if (frame.kind === "double") this.stepDouble();
      else this.stepCode(frame);
    }
    return { holes: this.holes, appendable: this.frames.length === 1 && this.hereEnds.length === 0 && !this.openEnd };
  }

  /** Takes a placeholder if one opens here. `${` is the shell's own. */
  private tryHole(quote: () => Quote | undefined, refusal = ""): boolean {
    if (this.text[this.at] !== "{" || this.text[this.at - 1] === "$") return false;
    const end = this.holeAt(this.at);
    if (end < 0) return false;
    const chosen = quote();
    // A line break in the value must not begin the here-document in a shell that has lost the thread.
    const reason = this.unclear ?? (this.hereEnds.length > 0 ? "it stands after << on the same line" : chosen === undefined ? refusal : undefined);
    const place = chosen === undefined || reason !== undefined ? ({ kind: "refused", reason: `${reason}; ${ENV_ADVICE}` } as const) : ({ kind: "quote", quote: chosen } as const);
    this.holes.push({ start: this.at, end, place });
    this.at = end;
    return true;
  }

  private wordOrPart(): Quote {
    const end = this.holeAt(this.at);
    const before = this.at === 0 || /[\s;|&(]/.test(this.text[this.at - 1]!);
    const after = end === this.text.length || /[\s;|&)]/.test(this.text[end]!);
    return before && after ? "word" : "part";
  }

  private stepCode(frame: Frame & { kind: "code" }): void {
    const c = this.text[this.at]!;
    if (c === "\\") this.escapedEnd = this.at += 2;
    else if (c === "'") this.takeSingle();
    else if (c === '"') this.push({ kind: "double" }, 1);
    else if (c === "$") this.stepDollar(false);
    else if (c === "`") this.takeBackticks();
    else if (c === "#" && this.wordStarts()) this.takeComment();
    else if (c === "<" && this.text.startsWith("<<<", this.at)) this.at += 3;
    else if (c === "<" && this.text.startsWith("<<", this.at)) this.takeHereStart();
    else if (c === "\n") this.takeNewline();
    else if (c === ")" && frame.nested && frame.parens === 0) this.pop();
    else {
      if (c === "(") this.openParen(frame);
      if (c === ")" && frame.parens > 0) frame.parens -= 1;
      if (frame.nested && c === "c" && this.wordStarts() && /^case\s/.test(this.text.slice(this.at, this.at + 5))) {
        this.unclear = "after a case inside $(…) it is not clear how the shell reads a placeholder";
      }
      this.at += 1;
    }
  }

  /** `((` is arithmetic to bash, in which even a quoted value is evaluated; `x=(` is a list to bash and an error to others. */
  private openParen(frame: Frame & { kind: "code" }): void {
    frame.parens += 1;
    const before = this.text[this.at - 1];
    if (before === "=" || before === "(") this.unclear ??= `after ${before}( it is not clear how the shell reads a placeholder`;
  }

  private stepDouble(): void {
    const c = this.text[this.at]!;
    if (c === "\\") this.at += 2;
    else if (c === '"') this.pop();
    else if (c === "$") this.stepDollar(true);
    else if (c === "`") this.takeBackticks();
    else this.at += 1;
  }

  private stepDollar(inDouble: boolean): void {
    const rest = this.text.slice(this.at, this.at + 3);
    if (rest === "$((") this.takeArithmetic();
    else if (rest.startsWith("$(")) this.push({ kind: "code", nested: true, parens: 0 }, 2);
    else if (rest.startsWith("${")) this.takeParameter();
    else if (rest.startsWith("$'") && !inDouble) this.takeAnsi();
    else this.at += /^\$[$#?!@*\-0-9]/.test(rest) ? 2 : 1;
  }

  private takeSingle(): void {
    this.at += 1;
    while (this.at < this.text.length && this.text[this.at] !== "'") if (!this.tryHole(() => "single")) this.at += 1;
    this.closeAt(this.text[this.at] === "'");
  }

  /** `$'…'`: shells disagree where it ends if it holds `\'`. */
  private takeAnsi(): void {
    const refusal = "$'…' reads backslashes in its own way";
    let escapedQuote = false;
    this.at += 2;
    while (this.at < this.text.length && this.text[this.at] !== "'") {
      if (this.tryHole(() => undefined, refusal)) continue;
      escapedQuote ||= this.text.startsWith("\\'", this.at);
      this.at += this.text[this.at] === "\\" ? 2 : 1;
    }
    this.closeAt(this.text[this.at] === "'");
    if (escapedQuote) this.unclear ??= "shells disagree where a $'…' with \\' in it ends";
  }

  private takeBackticks(): void {
    this.at += 1;
    while (this.at < this.text.length && this.text[this.at] !== "`") {
      if (!this.tryHole(() => undefined, "no quoting is safe inside backticks (write $(…) instead)")) this.at += this.text[this.at] === "\\" ? 2 : 1;
    }
    this.closeAt(this.text[this.at] === "`");
  }

  private takeParameter(): void {
    let depth = 1;
    this.at += 2;
    while (this.at < this.text.length && depth > 0) {
      if (this.tryHole(() => undefined, "no quoting is safe inside ${…}")) continue;
      const c = this.text[this.at]!;
      if (/['"`]|\$\(/.test(c + (this.text[this.at + 1] === "(" ? "(" : ""))) this.unclear ??= "after a ${…} with quotes or commands in it, it is not clear how the shell reads a placeholder";
      if (c === "$" && this.text[this.at + 1] === "{") {
        depth += 1;
        this.at += 1;
      } else if (c === "}") depth -= 1;
      this.at += c === "\\" ? 2 : 1;
    }
    this.openEnd ||= depth > 0;
  }

  private takeArithmetic(): void {
    let depth = 2;
    this.at += 3;
    while (this.at < this.text.length && depth > 0) {
      if (this.tryHole(() => "number")) continue;
      const c = this.text[this.at]!;
      if (/['"`\\]/.test(c)) this.unclear ??= "after a $((…)) with quotes in it, it is not clear how the shell reads a placeholder";
      if (c === "(") depth += 1;
      if (c === ")") depth -= 1;
      this.at += 1;
    }
    this.openEnd ||= depth > 0;
  }

  /** A placeholder in a comment is text like the rest of it. */
  private takeComment(): void {
    const end = this.text.indexOf("\n", this.at);
    this.openEnd ||= end < 0;
    this.at = end < 0 ? this.text.length : end;
  }

  private takeHereStart(): void {
    const match = /^<<(-?)[ \t]*([^\s;|&<>()]+)/.exec(this.text.slice(this.at));
    if (match === null) {
      this.unclear ??= "the end of a here-document is not clear";
      this.at += 2;
      return;
    }
    this.hereEnds.push({ word: match[2]!.replace(/['"\\]/g, ""), tabs: match[1] === "-" });
    this.at += match[0].length;
  }

  private takeNewline(): void {
    this.at += 1;
    for (let here = this.hereEnds.shift(); here !== undefined; here = this.hereEnds.shift()) {
      let ended = false;
      while (!ended && this.at < this.text.length) {
        const lineEnd = this.text.indexOf("\n", this.at);
        const end = lineEnd < 0 ? this.text.length : lineEnd;
        const line = this.text.slice(this.at, end);
        ended = (here.tabs ? line.replace(/^\t+/, "") : line) === here.word;
        while (this.at < end) if (!this.tryHole(() => undefined, "a here-document is not quoted")) this.at += 1;
        this.at = Math.max(this.at, Math.min(end + 1, this.text.length));
      }
      this.openEnd ||= !ended || this.text.at(-1) !== "\n";
    }
  }

  private wordStarts(): boolean {
    return this.at === 0 || (this.at !== this.escapedEnd && /[\s;|&()]/.test(this.text[this.at - 1]!));
  }

  private push(frame: Frame, length: number): void {
    this.frames.push(frame);
    this.at += length;
  }

  private pop(): void {
    this.frames.pop();
    this.at += 1;
  }

  private closeAt(closed: boolean): void {
    this.openEnd ||= !closed;
    this.at += 1;
  }
}
