// Reads the programs and terminal sessions out of a Markdown text. A ```ts block is a program, a ```ts file=NAME block a file beside
// the programs, and a ```text block right after a program is what it prints. A ```console block is a terminal session: a line
// with "$ " is a command, the lines below it are what it prints. A block of another language with file=NAME is a file that is
// there for the sessions that follow it.

export interface Block {
  /** Of the fence, from 1. */
  readonly line: number;
  /** `ts`, `text`, … */
  readonly language: string;
  /** Of a file, its name. */
  readonly file: string | undefined;
  readonly text: string;
  /** Only blank lines between it and the block before. */
  readonly followsBlock: boolean;
}

export interface Program {
  readonly line: number;
  readonly code: string;
  /** What it prints, when the text says so. */
  readonly output: string | undefined;
}

export interface Command {
  /** Of the text, from 1. */
  readonly line: number;
  readonly text: string;
  /** Lines that it prints. */
  readonly output: readonly string[];
}

export interface Session {
  readonly line: number;
  /** Written before the session. */
  readonly files: ReadonlyMap<string, string>;
  readonly commands: readonly Command[];
}

export interface DocumentCode {
  readonly files: ReadonlyMap<string, string>;
  readonly programs: readonly Program[];
  /** In order; they share a folder. */
  readonly sessions: readonly Session[];
}

export function codeOf(markdown: string): DocumentCode {
  const blocks = blocksOf(markdown);
  const files = new Map<string, string>();
  const programs: Program[] = [];
  const sessions: Session[] = [];
  let given = new Map<string, string>();
  for (const [index, block] of blocks.entries()) {
    if (block.language === "console") {
      sessions.push({ line: block.line, files: given, commands: commandsOf(block) });
      given = new Map();
    }
    if (block.language !== "ts") {
      if (block.file !== undefined) given.set(block.file, block.text);
      continue;
    }
    if (block.file !== undefined) {
      files.set(block.file, block.text);
      continue;
    }
    const next = blocks[index + 1];
    const output = next?.language === "text" && next.followsBlock ? next.text : undefined;
    programs.push({ line: block.line, code: block.text, output });
  }
  return { files, programs, sessions };
}

function commandsOf({ line, text }: Block): readonly Command[] {
  const commands: { line: number; text: string; output: string[] }[] = [];
  text.split("\n").slice(0, -1).forEach((written, index) => {
    if (written.startsWith("$ ")) commands.push({ line: line + 1 + index, text: written.slice(2), output: [] });
    else commands.at(-1)?.output.push(written);
  });
  return commands;
}

function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: { line: number; info: string; lines: string[] } | undefined;
  let isTextSince = true;
  markdown.split("\n").forEach((line, index) => {
    if (open === undefined && line.startsWith("```")) {
      open = { line: index + 1, info: line.slice(3).trim(), lines: [] };
    } else if (open !== undefined && line === "```") {
      const [language = "", ...rest] = open.info.split(" ");
      const file = rest.find((part) => part.startsWith("file="))?.slice("file=".length);
      blocks.push({ line: open.line, language, file, text: `${open.lines.join("\n")}\n`, followsBlock: !isTextSince });
      open = undefined;
      isTextSince = false;
    } else if (open !== undefined) {
      open.lines.push(line);
    } else if (line.trim() !== "") {
      isTextSince = true;
    }
  });
  return blocks;
}
