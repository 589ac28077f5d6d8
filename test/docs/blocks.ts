// Reads the programs out of a Markdown text. A ```ts block is a program, a ```ts file=NAME block a file beside the programs
// that follow, and a ```text block right after a program is what it prints.

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

export interface DocumentCode {
  readonly files: ReadonlyMap<string, string>;
  readonly programs: readonly Program[];
}

export function codeOf(markdown: string): DocumentCode {
  const blocks = blocksOf(markdown);
  const files = new Map<string, string>();
  const programs: Program[] = [];
  for (const [index, block] of blocks.entries()) {
    if (block.language !== "ts") continue;
    if (block.file !== undefined) {
      files.set(block.file, block.text);
      continue;
    }
    const next = blocks[index + 1];
    const output = next?.language === "text" && next.followsBlock ? next.text : undefined;
    programs.push({ line: block.line, code: block.text, output });
  }
  return { files, programs };
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
