/**
 * The frame around every command: finds it, loads only it, parses its line, runs it, and turns whatever comes out into an exit
 * code and, if it went wrong, one line that says what to do.
 */
import { CommanderError, type Command } from "commander";
import type { Writable } from "node:stream";
import { MakespanError } from "../protocol/errors.ts";
import type { CliContext } from "./command.ts";
import { COMMANDS, type CommandEntry } from "./commands.ts";
import { EXIT_CODES, type ExitName } from "./exit-codes.ts";
import { addCommand, addStub, createProgram } from "./grammar.ts";
import { Output } from "./output.ts";
import { reportError } from "./report-error.ts";

type Stream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** What the command line touches of its process. */
export interface CliWorld extends Omit<CliContext, "out" | "err"> {
  readonly stdout: Stream;
  readonly stderr: Stream;
}

/** Runs one command line (without the program's name) and resolves with its exit code; it never rejects. */
export async function runCli(argv: readonly string[], world: CliWorld, commands: readonly CommandEntry[] = COMMANDS): Promise<number> {
  const { stdin, env, folder, now } = world;
  const out = new Output(world.stdout, env);
  const err = new Output(world.stderr, env);
  let exit: ExitName;
  try {
    exit = await run(argv, { out, err, stdin, env, folder, now }, commands);
  } catch (error) {
    exit = await reportError(error, err, { json: splitAtDashes(argv).words.includes("--json"), debug: env["MAKESPAN_DEBUG"] === "1" });
  }
  return EXIT_CODES[exit].code;
}

async function run(argv: readonly string[], context: CliContext, commands: readonly CommandEntry[]): Promise<ExitName> {
  const program = createProgram(context);
  const named = nameIn(argv);
  const split = splitAtDashes(argv);
  let words = argv;
  let exit: ExitName = "ok";
  for (const entry of commands) {
    if (entry.name !== named) {
      addStub(program, entry);
      continue;
    }
    const command = await entry.load();
    const rest = command.keepsRest === undefined ? undefined : split.rest;
    if (rest !== undefined) words = split.words;
    addCommand(program, entry, command, async (args, options) => {
      exit = await command.run({ context, args, options, rest });
    });
  }
  if (words.length === 0) {
    program.outputHelp();
    return "ok";
  }
  // Of a command that there is not, commander says why only where it is to be run.
  if (words[0] === "help" && named !== undefined && !commands.some(({ name }) => name === named)) words = [named];
  try {
    await program.parseAsync(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version end the parse as if they were errors.
    if (error.exitCode !== 0) throw usageError(error, program, named);
  }
  return exit;
}

/** The command that a line names: its first word, or the second after `help`. */
function nameIn(argv: readonly string[]): string | undefined {
  const [first, second] = argv.filter((word) => !word.startsWith("-"));
  return first === "help" ? second : first;
}

function splitAtDashes(argv: readonly string[]): { readonly words: readonly string[]; readonly rest: readonly string[] | undefined } {
  const dashes = argv.indexOf("--");
  return dashes === -1 ? { words: argv, rest: undefined } : { words: argv.slice(0, dashes), rest: argv.slice(dashes + 1) };
}

/** What commander says, as one line in our form. */
function usageError(error: CommanderError, program: Command, named: string | undefined): MakespanError {
  const [what = "", ...guess] = error.message.replace(/^error: /, "").split("\n");
  const hint = guess.length === 0 ? "" : `${guess.join(" ").replace(/^\((.*)\)$/, "$1")} `;
  const known = program.commands.some((command) => command.name() === named);
  return new MakespanError("invalid_option", `${what.replace(/\.$/, "")}. ${hint}See makespan ${known ? `${named} ` : ""}--help.`);
}
