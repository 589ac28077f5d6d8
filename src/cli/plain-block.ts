/** Text of several lines from outside (an error, a log, a result) made safe for a terminal: line breaks stay, control sequences go. */
import { plain } from "./view/columns.ts";

export function plainBlock(text: string): string {
  return text.split(/\r\n|\r|\n/).map(plainLine).join("\n");
}

/** Unlike `plain` it keeps the indentation. */
function plainLine(line: string): string {
  const indent = /^[ \t]*/.exec(line)?.[0].replaceAll("\t", "    ") ?? "";
  return indent + plain(line);
}
