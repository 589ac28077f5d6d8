/** Completion for fish. */
import { argumentValues, optionsOf, plainSummary, type CompletedCommand, type CompletedOption } from "./tree.ts";

export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  const first = `"not __fish_seen_subcommand_from ${names} help"`;
  return [
    "# makespan completion for fish: makespan completion fish | source",
    "complete -c makespan -f",
    `complete -c makespan -n ${first} -l version -d 'print the version'`,
    `complete -c makespan -n ${first} -a help -d 'show help for a command'`,
    `complete -c makespan -n "__fish_seen_subcommand_from help" -a '${names}'`,
    ...commands.map(({ name, summary }) => `complete -c makespan -n ${first} -a ${name} -d '${plainSummary(summary)}'`),
    ...commands.flatMap((command) => commandLines(command)),
    "",
  ].join("\n");
}

function commandLines(command: CompletedCommand): readonly string[] {
  const head = `complete -c makespan -n "__fish_seen_subcommand_from ${command.name}"`;
  const values = argumentValues(command);
  const args = values === "nothing" ? [] : [`${head} ${valuesText(values)}`];
  return [...args, ...optionsOf(command).map((option) => `${head} ${optionText(option)}`)];
}

function optionText({ flags, summary, takesValue, values }: CompletedOption): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(" ");
  const value = !takesValue ? "" : values === "nothing" ? " -x" : values === "files" ? " -r -F" : ` -x ${valuesText(values)}`;
  return `${names}${value} -d '${summary}'`;
}

function valuesText(values: Exclude<CompletedOption["values"], "nothing">): string {
  return values === "files" ? "-F" : `-a '${values.join(" ")}'`;
}
