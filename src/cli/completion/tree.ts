/** What the completion scripts of all shells are made from: the command tree, with help added and texts made safe to quote. */
import type { ArgumentSpec, CliCommand, OptionSpec } from "../command.ts";

export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly command: CliCommand;
}

export interface CompletedOption {
  /** `--db`, `-s`. */
  readonly flags: readonly string[];
  readonly summary: string;
  readonly takesValue: boolean;
  readonly values: readonly string[] | "files" | "nothing";
}

export function optionsOf({ command }: CompletedCommand): readonly CompletedOption[] {
  const options = Object.entries(command.options).map(([long, spec]): CompletedOption => ({
    flags: [`--${long}`, ...(spec.short === undefined ? [] : [`-${spec.short}`])],
    summary: plainSummary(spec.summary),
    takesValue: spec.kind !== "flag",
    values: valuesOf(spec),
  }));
  return [...options, { flags: ["--help", "-h"], summary: "show help", takesValue: false, values: "nothing" }];
}

/** What the command's arguments are completed with. */
export function argumentValues({ command }: CompletedCommand): readonly string[] | "files" | "nothing" {
  const completing = command.args.find((argument: ArgumentSpec) => argument.completes !== undefined);
  return completing?.completes ?? "nothing";
}

/** Quotes and brackets mean something in every shell: they are left out of descriptions. */
export function plainSummary(summary: string): string {
  return summary.replace(/['"`$\\[\]:]/g, "");
}

function valuesOf(spec: OptionSpec): CompletedOption["values"] {
  if (spec.kind === "choice" || spec.kind === "choices") return spec.of;
  return spec.kind === "text" ? (spec.completes ?? "nothing") : "nothing";
}
