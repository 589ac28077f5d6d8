/**
 * Where a command writes: knows whether a person or a program reads it, how wide it is and whether it takes colours, and
 * waits when the reader is slow. A reader that went away (`makespan ls | head`) ends the writing, not the command with an error.
 */
import type { Writable } from "node:stream";
import { painter, type Painter } from "./view/columns.ts";

/** Width where nobody says: what most pagers and mails can show. */
const DEFAULT_COLUMNS = 80;

const ENDS_OF_WAITING = ["drain", "close", "error"] as const;

type Env = Readonly<Record<string, string | undefined>>;

export class Output {
  readonly #stream: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly #env: Env;
  readonly hasColors: boolean;
  /** Text in a colour, if colours are wanted. */
  readonly paint: Painter;
  #gone = false;

  constructor(stream: Writable & { readonly isTTY?: boolean; readonly columns?: number }, env: Env) {
    this.#stream = stream;
    this.#env = env;
    this.hasColors = takesColors(stream.isTTY === true, env);
    this.paint = painter(this.hasColors);
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED") throw error;
      this.#gone = true;
    });
  }

  /** The reader has gone: nothing more needs to be made. */
  get isGone(): boolean {
    return this.#gone;
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  /** Columns of the terminal; undefined when no person's window limits the lines. */
  get terminalColumns(): number | undefined {
    const forced = Number(this.#env["COLUMNS"]);
    if (!this.isTerminal) return undefined;
    return this.#stream.columns ?? (Number.isInteger(forced) && forced > 0 ? forced : DEFAULT_COLUMNS);
  }

  /** Columns to wrap text at. */
  get columns(): number {
    return this.terminalColumns ?? DEFAULT_COLUMNS;
  }

  /** Resolves when the stream takes more. */
  async write(text: string | Uint8Array): Promise<void> {
    if (this.#gone || text.length === 0) return;
    if (this.#stream.write(text)) return;
    await this.#untilItTakesMore();
  }

  #untilItTakesMore(): Promise<void> {
    const stream = this.#stream;
    return new Promise((resolve) => {
      const done = (): void => {
        for (const event of ENDS_OF_WAITING) stream.off(event, done);
        resolve();
      };
      for (const event of ENDS_OF_WAITING) stream.once(event, done);
    });
  }

  async line(text = ""): Promise<void> {
    await this.write(`${text}\n`);
  }

  /** One JSON value on a line of its own; indented for a person. */
  async json(value: unknown): Promise<void> {
    await this.line(JSON.stringify(value, undefined, this.isTerminal ? 2 : undefined));
  }
}

/** FORCE_COLOR wins over NO_COLOR (https://no-color.org), both over what the stream is. */
function takesColors(isTerminal: boolean, env: Env): boolean {
  const force = env["FORCE_COLOR"];
  if (force !== undefined && force !== "") return force !== "0" && force !== "false";
  if (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") return false;
  return isTerminal && env["TERM"] !== "dumb";
}
