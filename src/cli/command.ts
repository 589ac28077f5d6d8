/**
 * What a command of the command line is: data (arguments, options, examples) and a function. Help, parsing, shell completion
 * and the tested documentation are all made from the data, so that they cannot disagree.
 */
import type { Readable } from "node:stream";
import type { ExitName } from "./exit-codes.ts";
import type { Output } from "./output.ts";

interface OptionBase {
  /** One letter. */
  readonly short?: string;
  /** A line of help, without a full stop. */
  readonly summary: string;
}

export type OptionSpec =
  | (OptionBase & { readonly kind: "flag" })
  | (OptionBase & { readonly kind: "text"; readonly value: string; /** What a shell completes it with. */ readonly completes?: "files" })
  /** One of a closed set. */
  | (OptionBase & { readonly kind: "choice"; readonly value: string; readonly of: readonly string[] })
  /** Some of a closed set, separated by commas or given repeatedly. */
  | (OptionBase & { readonly kind: "choices"; readonly value: string; readonly of: readonly string[] })
  /** Words separated by commas or given repeatedly. */
  | (OptionBase & { readonly kind: "list"; readonly value: string })
  /** A whole number of at least `min`. */
  | (OptionBase & { readonly kind: "number"; readonly value: string; readonly min: number })
  /** As in `1h30m`; its value is in ms. */
  | (OptionBase & { readonly kind: "duration"; readonly value: string });

/** By long name without the dashes. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

export type ValueOf<Spec extends OptionSpec> = Spec extends { readonly kind: "flag" }
  ? boolean
  : Spec extends { readonly kind: "choice"; readonly of: readonly (infer Value)[] }
    ? Value | undefined
    : Spec extends { readonly kind: "choices"; readonly of: readonly (infer Value)[] }
      ? readonly Value[] | undefined
      : Spec extends { readonly kind: "list" }
        ? readonly string[] | undefined
        : Spec extends { readonly kind: "number" | "duration" }
          ? number | undefined
          : string | undefined;

/** A flag that was not given is false, any other option undefined. */
export type OptionValues<Specs extends OptionSpecs> = { readonly [Name in keyof Specs]: ValueOf<Specs[Name]> };

export interface ArgumentSpec {
  /** As in `ID` or `FILE`. */
  readonly name: string;
  readonly summary: string;
  readonly required?: boolean;
  readonly many?: boolean;
  readonly completes?: "files" | readonly string[];
}

/** The world of a command, so that tests run it with streams of their own. */
export interface CliContext {
  readonly out: Output;
  readonly err: Output;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface CommandInput<Specs extends OptionSpecs> {
  readonly context: CliContext;
  readonly args: readonly string[];
  readonly options: OptionValues<Specs>;
  /** What followed `--`; undefined when there was none, or when the command does not keep it apart. */
  readonly rest: readonly string[] | undefined;
}

export interface CommandSpec<Specs extends OptionSpecs> {
  readonly name: string;
  /** A few sentences for `--help`. */
  readonly description: string;
  readonly args: readonly ArgumentSpec[];
  readonly options: Specs;
  /** Whole command lines, with what they do. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  /** Arguments after `--` are kept apart, in `rest`. Default: they are arguments like others. */
  readonly keepsRest?: { readonly name: string; readonly summary: string };
  run(input: CommandInput<Specs>): Promise<ExitName>;
}

/** A command with its option types forgotten, as the frame uses it. */
export interface CliCommand extends Omit<CommandSpec<OptionSpecs>, "run"> {
  run(input: CommandInput<OptionSpecs>): Promise<ExitName>;
}

/** Declares a command: `run` gets the options typed by their declaration. */
export function defineCommand<const Specs extends OptionSpecs>(spec: CommandSpec<Specs>): CliCommand {
  // The frame builds the values from this same declaration, so they have the types that it gives.
  return { ...spec, run: (input) => spec.run(input as unknown as CommandInput<Specs>) };
}
