/** What a task of a command agent is given, and its check. Whatever fills in placeholders has done so before the agent sees it. */

/**
 * The last line that is not empty, as a string; its JSON (all of it, or else that line); the array of its lines; the whole text
 * without the line break at its end; or nothing.
 */
export const COMMAND_RESULTS = ["last-line", "json", "lines", "text", "none"] as const;
export type CommandResult = (typeof COMMAND_RESULTS)[number];

export type CommandInput = ({ readonly argv: readonly string[]; readonly shell?: undefined } | { readonly shell: string; readonly argv?: undefined }) & {
  /** Written to its standard input, which is empty otherwise. */
  readonly stdin?: string;
  /** Added to the environment of the engine. */
  readonly env?: Readonly<Record<string, string>>;
  /** Folder that it runs in; default that of the engine. */
  readonly cwd?: string;
  /** What of its stdout is the result; default `last-line`. */
  readonly result?: CommandResult;
  /** Exit codes that mean success; default [0]. */
  readonly okExitCodes?: readonly number[];
};

/** The input, or a sentence that says what is wrong with it. */
export function parseCommandInput(value: unknown): CommandInput | string {
  if (!isRecord(value)) return "A command is given as { argv: [\"program\", …] } or { shell: \"…\" }";
  const { argv, shell, stdin, env, cwd, result, okExitCodes } = value;
  if ((argv === undefined) === (shell === undefined)) return "A command has either argv or shell";
  if (argv !== undefined && !(Array.isArray(argv) && argv.length > 0 && argv.every((part) => typeof part === "string"))) return "argv is an array of strings, the program first";
  if (argv !== undefined && (argv as readonly string[])[0] === "") return "argv names no program: its first part is empty";
  if (shell !== undefined && typeof shell !== "string") return "shell is a string";
  if (stdin !== undefined && typeof stdin !== "string") return "stdin is a string";
  if (env !== undefined && !(isRecord(env) && Object.values(env).every((part) => typeof part === "string"))) return "env is an object of strings";
  if (cwd !== undefined && typeof cwd !== "string") return "cwd is a string";
  if (result !== undefined && !COMMAND_RESULTS.some((known) => known === result)) return `result is ${COMMAND_RESULTS.join(", ")}`;
  if (okExitCodes !== undefined && !(Array.isArray(okExitCodes) && okExitCodes.every(Number.isInteger))) return "okExitCodes is an array of whole numbers";
  const texts = [...((argv ?? [shell]) as readonly string[]), cwd ?? ""];
  if (texts.some((text) => text.includes("\0"))) return "A command cannot contain a NUL character";
  return value as unknown as CommandInput;
}

/** The command as a person would write it, cut to a length fit for messages. */
export function describeCommand({ argv, shell }: CommandInput): string {
  const text = shell ?? argv.map((part) => (/^[\w@%+=:,./-]+$/.test(part) ? part : JSON.stringify(part))).join(" ");
  return text.length <= 200 ? text : `${text.slice(0, 199)}…`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
