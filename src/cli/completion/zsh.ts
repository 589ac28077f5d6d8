/** Completion for zsh. It can be sourced, or lie as `_makespan` in a folder of `fpath`. */
import { argumentValues, optionsOf, plainSummary, type CompletedCommand, type CompletedOption } from "./tree.ts";

export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const list = commands.map(({ name, summary }) => `    '${name}:${plainSummary(summary)}'`).join("\n");
  return `#compdef makespan
# makespan completion for zsh: source <(makespan completion zsh)
_makespan() {
  local -a commands
  commands=(
${list}
    'help:show help for a command'
  )
  if (( CURRENT == 2 )); then
    _describe -t commands 'command' commands
    _arguments '--help[show help]' '--version[print the version]'
    return
  fi
  local command="\${words[2]}"
  (( CURRENT-- ))
  shift words
  case "$command" in
    help) _describe -t commands 'command' commands ;;
${commands.map(commandCase).join("\n")}
  esac
}
if [[ "\${funcstack[1]}" == _makespan ]]; then _makespan "$@"; else compdef _makespan makespan; fi
`;
}

function commandCase(command: CompletedCommand): string {
  const specs = [...optionsOf(command).flatMap(optionSpecs), `'*:argument:${action(argumentValues(command))}'`];
  return `    ${command.name}) _arguments ${specs.join(" ")} ;;`;
}

function optionSpecs({ flags, summary, takesValue, values }: CompletedOption): readonly string[] {
  const value = takesValue ? `:value:${action(values)}` : "";
  return flags.map((flag) => `'${flag}[${summary}]${value}'`);
}

function action(values: CompletedOption["values"]): string {
  if (values === "nothing") return " ";
  return values === "files" ? "_files" : `(${values.join(" ")})`;
}
