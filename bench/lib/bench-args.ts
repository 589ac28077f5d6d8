/** The command line of benches that take a file of data: a wrong one ends with a sentence and code 2, as in the command itself. */
import { existsSync } from "node:fs";
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

export interface BenchArgs {
  readonly file: string;
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
}

/** `usage` is shown with every refusal. */
export function benchArgs(usage: string, options: ParseArgsOptionsConfig): BenchArgs {
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0) refuse(`expected one file of data, got ${positionals.length}`, usage);
    if (!existsSync(file)) refuse(`there is no file ${file}`, usage);
    return { file, values: values as BenchArgs["values"] };
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error), usage);
  }
}

/** A number over 0 in the option `name`, or `otherwise` when it is not given. */
export function positive(args: BenchArgs, name: string, otherwise: number, usage: string): number {
  const text = args.values[name];
  if (text === undefined) return otherwise;
  const number = Number(text);
  return number > 0 && Number.isFinite(number) ? number : refuse(`--${name} takes a number over 0, got ${JSON.stringify(text)}`, usage);
}

export function refuse(message: string, usage: string): never {
  console.error(`${message}\n${usage}`);
  process.exit(2);
}

/**
 * The clock that budgets are counted by, in ms: that of the wall, or with `--clock cpu` the processor time of this process, so that
 * figures can be compared when the machine has other work.
 */
export function clockOf(args: BenchArgs, usage: string): () => number {
  const clock = args.values["clock"] ?? "wall";
  if (clock === "wall") return () => performance.now();
  if (clock !== "cpu") return refuse(`--clock takes wall or cpu, got ${JSON.stringify(clock)}`, usage);
  return () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
}
