/** Text of several lines from outside (an error, a log, a result) made safe for a terminal: line breaks stay, control sequences go. */
import { plain, widthOf } from "./view/columns.ts";

export function plainBlock(text: string): string {
  return text.split(/\r\n|\r|\n/).map(plainLine).join("\n");
}

/** Unlike `plain` it keeps the indentation. */
function plainLine(line: string): string {
  const indent = /^[ \t]*/.exec(line)?.[0].replaceAll("\t", "    ") ?? "";
  return indent + plain(line);
}

/** Breaks a plain text between words into lines of about `columns`; a longer word stays whole. Undefined breaks nothing. */
export function wrapWords(text: string, columns: number | undefined): readonly string[] {
  if (columns === undefined) return [text];
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && widthOf(longer) > columns) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
