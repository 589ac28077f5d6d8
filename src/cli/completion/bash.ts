/** Completion for bash 3.2 and newer, without the bash-completion package. */
import { argumentValues, optionsOf, type CompletedCommand, type CompletedOption } from "./tree.ts";

export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  return `# makespan completion for bash: source <(makespan completion bash)
_makespan() {
  local word="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}"
  COMPREPLY=()
  if (( COMP_CWORD == 1 )); then
    COMPREPLY=( $(compgen -W "${names} help --help --version" -- "$word") )
    return
  fi
  if [[ $command == help ]]; then
    COMPREPLY=( $(compgen -W "${names}" -- "$word") )
    return
  fi
  case "$command $previous" in
${commands.flatMap((command) => optionsOf(command).filter(({ takesValue }) => takesValue).map((option) => valueCase(command.name, option))).join("\n")}
  esac
  case "$command" in
${commands.map(commandCase).join("\n")}
  esac
}
complete -F _makespan makespan
`;
}

function valueCase(command: string, { flags, values }: CompletedOption): string {
  return `    ${flags.map((flag) => `"${command} ${flag}"`).join("|")}) ${reply(values)}; return ;;`;
}

function commandCase(command: CompletedCommand): string {
  const flags = optionsOf(command).flatMap((option) => option.flags).join(" ");
  return `    ${command.name}) if [[ $word == -* ]]; then COMPREPLY=( $(compgen -W "${flags}" -- "$word") ); else ${reply(argumentValues(command))}; fi ;;`;
}

function reply(values: CompletedOption["values"]): string {
  if (values === "nothing") return ":";
  return values === "files" ? 'COMPREPLY=( $(compgen -f -- "$word") )' : `COMPREPLY=( $(compgen -W "${values.join(" ")}" -- "$word") )`;
}
