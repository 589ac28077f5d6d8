/** A planned task as a person would write it, in one line. */
import type { TaskDraft } from "../../protocol/task-plan.ts";
import { writeTemplate } from "../../protocol/template/flow-syntax.ts";

const PLAIN_WORD = /^[\w@%+=:,./{}-]+$/;

export function describeWork({ work }: TaskDraft): string {
  if (work.kind === "call") return `${work.module}#${work.export}`;
  if (work.command.kind === "shell") return writeTemplate(work.command.script);
  return work.command.argv.map((part) => quoted(writeTemplate(part))).join(" ");
}

function quoted(word: string): string {
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
