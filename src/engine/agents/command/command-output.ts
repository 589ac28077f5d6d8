/**
 * What a command writes: its lines go to the log, of its stdout what the result needs is kept, of its
 * stderr the last lines for the error. However much it writes, only a bounded part is held.
 */
import type { AttemptReporter } from "../../agent.ts";
import { Lines } from "../lines.ts";
import type { CommandResult } from "./command-input.ts";
import type { PayloadText } from "../to-payload.ts";
import { toPayload } from "../to-payload.ts";

const LOG_LINE_CHARACTERS = 8_192;
const ERROR_LINES = 10;

/** How much of the output is logged; shared by both streams of a command. */
export class LogBudget {
  readonly #reporter: AttemptReporter;
  #bytes: number;

  constructor(reporter: AttemptReporter, bytes: number) {
    this.#reporter = reporter;
    this.#bytes = bytes;
  }

  write(stream: "stdout" | "stderr", line: string): void {
    if (this.#bytes <= 0) return;
    const text = line.length <= LOG_LINE_CHARACTERS ? line : `${line.slice(0, LOG_LINE_CHARACTERS)}…`;
    this.#bytes -= text.length + 1;
    this.#reporter.log(stream, text);
    if (this.#bytes <= 0) this.#reporter.log("warn", "The command wrote more than is kept in the log; the rest is left out");
  }
}

export class StderrTail {
  /** The last lines that are not empty. */
  readonly last: string[] = [];
  readonly #lines: Lines;

  constructor(log: LogBudget) {
    this.#lines = new Lines(LOG_LINE_CHARACTERS * 4, (line) => {
      log.write("stderr", line);
      if (line.trim() === "") return;
      this.last.push(line.length <= 500 ? line : `${line.slice(0, 500)}…`);
      if (this.last.length > ERROR_LINES) this.last.shift();
    });
  }

  push(chunk: Buffer): void {
    this.#lines.push(chunk);
  }

  end(): void {
    this.#lines.end();
  }
}

export class StdoutResult {
  readonly #kind: CommandResult;
  readonly #limitBytes: number;
  readonly #lines: Lines;
  #lastLine: string | undefined = undefined;
  #isCut = false;
  /** All of it, for JSON; dropped when it grows over the limit. */
  #whole: Buffer[] | undefined;
  #wholeBytes = 0;

  constructor(kind: CommandResult, limitBytes: number, log: LogBudget) {
    this.#kind = kind;
    this.#limitBytes = limitBytes;
    this.#whole = kind === "last-line" || kind === "none" ? undefined : [];
    this.#lines = new Lines(limitBytes, (line, isCut) => {
      log.write("stdout", line);
      if (line.trim() === "") return;
      this.#lastLine = line;
      this.#isCut = isCut;
    });
  }

  push(chunk: Buffer): void {
    this.#lines.push(chunk);
    if (this.#whole === undefined) return;
    this.#wholeBytes += chunk.length;
    if (this.#wholeBytes > this.#limitBytes) this.#whole = undefined;
    else this.#whole.push(chunk);
  }

  end(): void {
    this.#lines.end();
  }

  /** The result as JSON text; undefined when it had to be JSON and is not. */
  payload(): PayloadText | undefined {
    if (this.#kind === "text" || this.#kind === "lines") return this.#allOfIt();
    if (this.#kind === "none" || this.#lastLine === undefined) return { kind: "text", text: "null" };
    if (this.#kind === "json") {
      const whole = this.#whole === undefined ? undefined : compact(Buffer.concat(this.#whole).toString("utf8"));
      if (whole !== undefined) return { kind: "text", text: whole };
    }
    if (this.#isCut) {
      return { kind: "refused", code: "payload_too_large", message: `The last line of stdout is longer than the ${this.#limitBytes} bytes allowed for a result. Write it to a file and print its path` };
    }
    if (this.#kind === "last-line") return toPayload(this.#lastLine, "last line of stdout", this.#limitBytes);
    const last = compact(this.#lastLine);
    return last === undefined ? undefined : { kind: "text", text: last };
  }

  #allOfIt(): PayloadText {
    if (this.#whole === undefined) {
      return { kind: "refused", code: "payload_too_large", message: `The stdout is longer than the ${this.#limitBytes} bytes allowed for a result. Write it to a file and print its path` };
    }
    const text = withoutLastBreak(Buffer.concat(this.#whole).toString("utf8"));
    if (this.#kind === "text") return toPayload(text, "stdout", this.#limitBytes);
    return toPayload(text === "" ? [] : text.split(/\r?\n/), "lines of stdout", this.#limitBytes);
  }
}

/** The text without the line break that ends it, as a shell's `$(…)` takes it. */
function withoutLastBreak(text: string): string {
  return text.replace(/(\r?\n)+$/, "");
}

function compact(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return undefined;
  }
}
