/** Runs a command line in this process, with streams that remember what was written. */
import { Readable, Writable } from "node:stream";
import { runCli } from "../../src/cli/frame.ts";
import type { CommandEntry } from "../../src/cli/commands.ts";

export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliSetting {
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Makes the output a terminal of this width. */
  readonly columns?: number;
  /** What a person types; it makes stdin a terminal. */
  readonly typed?: string;
  readonly commands?: readonly CommandEntry[];
  /** Makes stdout a pipe whose reader went away after this many writes. */
  readonly readerLeavesAfter?: number;
}

export async function cli(argv: readonly string[], setting: CliSetting = {}): Promise<CliRun> {
  const { folder = process.cwd(), env = {}, columns, typed, commands, readerLeavesAfter } = setting;
  const stdout = new Memory(columns, readerLeavesAfter);
  const stderr = new Memory(columns, undefined);
  const stdin = Object.assign(Readable.from(typed === undefined ? [] : [typed]), { isTTY: typed !== undefined });
  const code = await runCli(argv, { stdout, stderr, stdin, env, folder, now: () => Date.now() }, ...(commands === undefined ? [] : [commands]));
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class Memory extends Writable {
  text = "";
  readonly isTTY: boolean;
  readonly columns: number;
  #writesLeft: number;

  constructor(columns: number | undefined, readerLeavesAfter: number | undefined) {
    super();
    this.isTTY = columns !== undefined;
    this.columns = columns ?? 0;
    this.#writesLeft = readerLeavesAfter ?? Infinity;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (this.#writesLeft <= 0) {
      done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
      return;
    }
    this.#writesLeft -= 1;
    this.text += chunk.toString("utf8");
    done();
  }
}
