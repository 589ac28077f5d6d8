/** `makespan completion`: a script that completes commands, options and their values in a shell. */
import type { CliCommand } from "./command.ts";
import { defineCommand } from "./command.ts";
import { bashCompletion } from "./completion/bash.ts";
import { fishCompletion } from "./completion/fish.ts";
import type { CompletedCommand } from "./completion/tree.ts";
import { zshCompletion } from "./completion/zsh.ts";
import { COMMANDS } from "./commands.ts";
import { MakespanError } from "../protocol/errors.ts";

const SCRIPTS: ReadonlyMap<string, (commands: readonly CompletedCommand[]) => string> = new Map([
  ["bash", bashCompletion],
  ["zsh", zshCompletion],
  ["fish", fishCompletion],
]);

export const completionCommand: CliCommand = defineCommand({
  name: "completion",
  description: "Prints a script that makes a shell complete makespan's commands, options and their values.",
  args: [{ name: "SHELL", summary: "bash, zsh or fish", required: true, completes: [...SCRIPTS.keys()] }],
  options: {},
  examples: [
    ["source <(makespan completion bash)", "in this bash; put the line in ~/.bashrc for every one"],
    ["makespan completion zsh > \"${fpath[1]}/_makespan\"", "for every zsh"],
    ["makespan completion fish > ~/.config/fish/completions/makespan.fish", "for every fish"],
  ],
  async run({ context, args }) {
    const shell = args[0] ?? "";
    const script = SCRIPTS.get(shell);
    if (script === undefined) {
      throw new MakespanError("invalid_option", `There is a completion for ${[...SCRIPTS.keys()].join(", ")}, not for ${JSON.stringify(shell)}.`);
    }
    const commands = await Promise.all(COMMANDS.map(async ({ name, summary, load }) => ({ name, summary, command: await load() })));
    await context.out.write(script(commands));
    return "ok";
  },
});
