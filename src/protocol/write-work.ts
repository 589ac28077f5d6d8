/**
 * Work as a person would type it, in one line: for dry runs, job logs and lists.
 */
import { quoteForShell } from "./template/template.ts";
import { writeTemplate } from "./template/flow-syntax.ts";
import type { Work } from "./task-plan.ts";

const PLAIN_WORD = /^[A-Za-z0-9_./:,@%+={}#-]+$/;

/** `wc -l 'a b.txt'` for a command, `./handlers.ts#measure` for a call. Line breaks are kept. */
export function writeWork(work: Work): string {
  if (work.kind === "call") return `${work.module}#${work.export}`;
  if (work.command.kind === "shell") return writeTemplate(work.command.script);
  return work.command.argv
    .map(writeTemplate)
    .map((word) => (PLAIN_WORD.test(word) ? word : quoteForShell(word)))
    .join(" ");
}
