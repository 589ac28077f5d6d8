/** Measures one file. Runs in a thread: it computes. */
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { SourceFile } from "./files.ts";

export interface FileMeasure {
  readonly path: string;
  readonly language: string;
  readonly bytes: number;
  readonly lines: number;
  readonly blank: number;
  readonly comment: number;
  readonly code: number;
  readonly longestLine: number;
  /** Branches and loops: a rough measure of how much there is to follow. */
  readonly branches: number;
  /** Distinct words of three letters or more. */
  readonly words: number;
  readonly todo: number;
}

const BRANCH = /\b(if|else|for|while|case|catch|switch|match|elif|except)\b|\?\?|&&|\|\|/g;
const COMMENT = /^\s*(\/\/|\/\*|\*|#|--|<!--)/;

export async function measure({ file }: { file: SourceFile }): Promise<FileMeasure> {
  const text = await readFile(join(file.root, file.path), "utf8");
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const blank = lines.filter((line) => line.trim() === "").length;
  const comment = lines.filter((line) => COMMENT.test(line)).length;
  return {
    path: file.path,
    language: extname(file.path).slice(1) || "none",
    bytes: file.bytes,
    lines: lines.length,
    blank,
    comment,
    code: lines.length - blank - comment,
    longestLine: lines.reduce((longest, line) => Math.max(longest, line.length), 0),
    branches: text.match(BRANCH)?.length ?? 0,
    words: new Set(text.toLowerCase().match(/[a-z]{3,}/g) ?? []).size,
    todo: text.match(/\bTODO\b/g)?.length ?? 0,
  };
}
