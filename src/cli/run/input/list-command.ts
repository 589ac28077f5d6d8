/**
 * The command after `--`, compiled once and filled for every task. Several words are a program and its arguments, run without a
 * shell; a single word with spaces or signs of the shell in it is a script, as with GNU parallel. A command without
 * placeholders gets the lines appended, as with xargs.
 */
import { MakespanError } from "../../../protocol/errors.ts";
import type { CommandLine } from "../../../protocol/task-plan.ts";
import { editPath, listSyntax, type ListRef } from "../../../protocol/template/list-syntax.ts";
import { parseTemplate, placeValue, templateRefs, textTemplate, type Hole, type Template } from "../../../protocol/template/template.ts";

/** Makes the command of the task number `number` (from 1) for its lines. */
export type ListCommand = (lines: readonly string[], number: number) => CommandLine;

/** Throws `invalid_option` when the words are no command or a placeholder is wrong. */
export function compileListCommand(words: readonly string[], linesPerTask: number): ListCommand {
  const [first = ""] = words;
  if (first.trim() === "") throw new MakespanError("invalid_option", "Expected a command after --, got nothing; as in: ls | makespan run -- wc -l {}");
  const isScript = words.length === 1 && /[\s|&;<>()$`\\"'*?~]/.test(first);
  return isScript ? compileScript(first, linesPerTask) : compileArguments(words, linesPerTask);
}

function compileScript(script: string, linesPerTask: number): ListCommand {
  let { template, appendable } = parse(script, linesPerTask, true);
  if (templateRefs(template).length === 0) {
    if (!appendable) throw new MakespanError("invalid_option", `The script has no {} and a line cannot be appended where it ends: ${script}`);
    ({ template, appendable } = parse(`${script} {}`, linesPerTask, true));
  }
  return (lines, number) => ({ kind: "shell", script: textTemplate(fill(template, lines, number)) });
}

function compileArguments(words: readonly string[], linesPerTask: number): ListCommand {
  const templates = words.map((word) => parse(word, linesPerTask, false).template);
  if (templates.every((template) => templateRefs(template).length === 0)) templates.push([{ ref: { kind: "line", edit: "none" } }]);
  return (lines, number) => ({
    kind: "argv",
    argv: templates.flatMap((template) => {
      const [only] = template;
      const spread = lines.length > 1 && template.length === 1 && typeof only === "object" && only.ref.kind === "line" && only.ref.position === undefined;
      // A word that is {} alone becomes one argument for each line.
      return spread ? valuesOf(only.ref, lines, number).map((value) => textTemplate(value)) : [textTemplate(fill(template, lines, number))];
    }),
  });
}

function parse(text: string, linesPerTask: number, shell: boolean): { template: Template<ListRef>; appendable: boolean } {
  const { template, problems, appendable } = parseTemplate(text, listSyntax(linesPerTask), { shell });
  if (problems.length > 0) throw new MakespanError("invalid_option", `${problems[0]}.`, { problems });
  return { template, appendable };
}

function fill(template: Template<ListRef>, lines: readonly string[], number: number): string {
  let text = "";
  for (const part of template) text += typeof part === "string" ? part : fillHole(part, lines, number);
  return text;
}

/** Several lines are several words where words can stand, and one text with spaces inside quotes. */
function fillHole({ ref, quote }: Hole<ListRef>, lines: readonly string[], number: number): string {
  const values = valuesOf(ref, lines, number);
  if (quote === "word" || quote === "part") return values.map((value) => placeValue(value, quote)).join(" ");
  return placeValue(values.join(" "), quote);
}

/** In the last task there may be fewer lines than it has places; those stay empty. */
function valuesOf(ref: ListRef, lines: readonly string[], number: number): readonly string[] {
  if (ref.kind === "number") return [String(number)];
  if (ref.position !== undefined) return [editPath(lines[ref.position - 1] ?? "", ref.edit)];
  return ref.edit === "none" ? lines : lines.map((line) => editPath(line, ref.edit));
}
