/**
 * The job log of GNU parallel (`--joblog`): a tab-separated line for each finished task, in the order in which they finish, so that
 * scripts made for it go on working.
 */
import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { MakespanError } from "../../protocol/errors.ts";

export interface JobLogEntry {
  /** Number of the task, from 1. */
  readonly seq: number;
  /** Where it ran; `:` (this machine) by default. */
  readonly host?: string;
  /** Ms since 1970. */
  readonly startedAt: number;
  readonly runtimeMs: number;
  readonly exitCode: number;
  /** Number of the signal that ended it; 0 for none. */
  readonly signal: number;
  readonly command: string;
}

export const JOB_LOG_HEADER = "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n";

/** Times in seconds with three decimals. A line break or tab of the command becomes a space: one task is one line. */
export function jobLogLine(entry: JobLogEntry): string {
  const startS = (entry.startedAt / 1000).toFixed(3);
  const runtimeS = (entry.runtimeMs / 1000).toFixed(3).padStart(10);
  const command = entry.command.replaceAll(/[\r\n\t]+/g, " ");
  return `${[entry.seq, entry.host ?? ":", startS, runtimeS, 0, 0, entry.exitCode, entry.signal, command].join("\t")}\n`;
}

export class JobLog {
  private readonly stream: WriteStream;
  private failure: Error | undefined;

  private constructor(stream: WriteStream) {
    this.stream = stream;
    stream.on("error", (error) => {
      this.failure ??= error;
    });
  }

  /** Starts the file anew, or goes on in it when a run is resumed. Throws `invalid_option` when it cannot be written. */
  static async open(path: string, options: { readonly append: boolean }): Promise<JobLog> {
    const stream = createWriteStream(path, { flags: options.append ? "a" : "w" });
    const log = new JobLog(stream);
    try {
      await once(stream, "open");
    } catch (error) {
      throw new MakespanError("invalid_option", `--joblog ${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`, { path }, { cause: error });
    }
    if (!options.append || (await isEmpty(path))) stream.write(JOB_LOG_HEADER);
    return log;
  }

  write(entry: JobLogEntry): void {
    this.stream.write(jobLogLine(entry));
  }

  /** Resolves when everything is written; rejects if anything was not. */
  async close(): Promise<void> {
    if (this.failure === undefined) {
      this.stream.end();
      if (!this.stream.closed) await once(this.stream, "close");
    }
    if (this.failure !== undefined) throw this.failure;
  }
}

async function isEmpty(path: string): Promise<boolean> {
  return (await stat(path)).size === 0;
}
