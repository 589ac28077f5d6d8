/**
 * From the declarations of commands to commander, which parses and writes the help. Values are checked while they are parsed,
 * so a command sees only what its declaration promises.
 */
import { Command, Option } from "commander";
import { readFileSync } from "node:fs";
import type { ArgumentSpec, CliCommand, CliContext, OptionSpec, OptionSpecs, OptionValues } from "./command.ts";
import type { CommandEntry } from "./commands.ts";
import { parseValue } from "./option-values.ts";

/** The command `makespan` without any commands yet. */
export function createProgram({ out }: CliContext): Command {
  const program = new Command("makespan")
    .description("Runs tasks and task graphs on a fleet of agents: durable, in parallel, measured.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help for a command")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void out.write(text),
      writeErr: () => {}, // What goes wrong is thrown, and reported once, by the frame.
      getOutHelpWidth: () => Math.min(out.columns, 120),
      getOutHasColors: () => out.hasColors,
    })
    .configureHelp({
      styleTitle: (text) => out.paint("bold", text),
      styleCommandText: (text) => out.paint("cyan", text),
      styleOptionTerm: (text) => out.paint("cyan", text),
      styleSubcommandTerm: (text) => out.paint("cyan", text),
    });
  program.addHelpText("after", `\n${out.paint("bold", "Examples:")}\n${EXAMPLES}`);
  return program;
}

const EXAMPLES = examplesText([
  ["makespan run build.yaml", "run a flow file, or go on where it was"],
  ["makespan ls --state failed", "tasks that failed, the newest first"],
  ["makespan show t17", "why a task is where it is"],
  ["makespan stats", "how well the run went"],
]);

/** A command that was not asked for: its name and line in the list. */
export function addStub(program: Command, { name, summary }: CommandEntry): void {
  program.command(name).summary(summary).description(summary);
}

/** A whole command; `act` gets its arguments and options. */
export function addCommand(
  program: Command,
  { name, summary }: CommandEntry,
  command: CliCommand,
  act: (args: readonly string[], options: OptionValues<OptionSpecs>) => Promise<void>,
): void {
  const paintTitle = (text: string): string => program.createHelp().styleTitle(text);
  const added = program.command(name).summary(summary).description(command.description);
  for (const argument of command.args) added.argument(argumentTerm(argument), argument.summary);
  if (command.keepsRest !== undefined) added.usage(`[options] ${[...command.args.map(argumentTerm), `[-- ${command.keepsRest.name}]`].join(" ")}`);
  for (const [long, spec] of Object.entries(command.options)) added.addOption(toOption(long, spec));
  added.addHelpText("after", `\n${paintTitle("Examples:")}\n${examplesText(command.examples)}`);
  added.action(async () => {
    const given = added.opts<Readonly<Record<string, unknown>>>();
    await act(added.args, valuesOf(command.options, given, added));
  });
}

/** As people and commander write it: `<ID>`, `[ID...]`. */
export function argumentTerm({ name, required = false, many = false }: ArgumentSpec): string {
  const inner = `${name}${many ? "..." : ""}`;
  return required ? `<${inner}>` : `[${inner}]`;
}

/** `-f, --follow`, `--db <FILE>`. */
export function optionTerm(long: string, spec: OptionSpec): string {
  const short = spec.short === undefined ? "" : `-${spec.short}, `;
  return `${short}--${long}${spec.kind === "flag" ? "" : ` <${spec.value}>`}`;
}

function toOption(long: string, spec: OptionSpec): Option {
  const choices = spec.kind === "choice" || spec.kind === "choices" ? `: ${spec.of.join(", ")}` : "";
  const option = new Option(optionTerm(long, spec), `${spec.summary}${choices}`);
  if (spec.kind === "flag") return option;
  return option.argParser((text: string, earlier: unknown) => parseValue(long, spec, text, earlier));
}

function valuesOf(specs: OptionSpecs, given: Readonly<Record<string, unknown>>, command: Command): OptionValues<OptionSpecs> {
  const values: Record<string, unknown> = {};
  for (const option of command.options) {
    const long = option.long?.slice(2) ?? "";
    const spec = specs[long];
    if (spec !== undefined) values[long] = given[option.attributeName()] ?? (spec.kind === "flag" ? false : undefined);
  }
  // Each value was made by the parser of its own declaration.
  return values as OptionValues<OptionSpecs>;
}

function examplesText(examples: CliCommand["examples"]): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  return examples.map(([line, does]) => `  ${line.padEnd(width)}  ${does}`).join("\n");
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { readonly version: string };
  return version;
}
