/**
 * What the commands of a list write, passed on as GNU parallel does: the output of each task together, when it has ended, its
 * stdout to stdout and its stderr to stderr, byte for byte, so that a list can stand in a pipe. What waits for the end of its task,
 * or for a slow reader, is held in memory up to a limit, and beyond it in a temporary file.
 */
import { StringDecoder } from "node:string_decoder";
import type { CliContext } from "../command.ts";
import { SpillFile, type SpilledPiece } from "./spill-file.ts";

/** Held in memory for all tasks together, in bytes. */
const HELD_BYTES = 32 * 1024 * 1024;
/** Less than this of one stream is not worth a place in the file while its task runs. */
const LEAST_SPILLED_BYTES = 64 * 1024;
/** A line that is longer is torn apart after all, in characters. */
const LINE_LENGTH = 1024 * 1024;

type Above = (text: string) => void;

/** One stream of one task: what is in the file, in order, and what came after it. */
interface Held {
  spilled: SpilledPiece[];
  chunks: Buffer[];
  bytes: number;
}

interface Group {
  readonly stdout: Held;
  readonly stderr: Held;
}

export class OutputGroups {
  readonly #context: CliContext;
  readonly #heldBytes: number;
  readonly #open = new Map<number, Group>();
  readonly #file = new SpillFile();
  /** In memory. */
  #held = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(context: CliContext, heldBytes = HELD_BYTES) {
    this.#context = context;
    this.#heldBytes = heldBytes;
  }

  chunk(id: number, stream: "stdout" | "stderr", chunk: Uint8Array): void {
    let group = this.#open.get(id);
    if (group === undefined) {
      group = { stdout: { spilled: [], chunks: [], bytes: 0 }, stderr: { spilled: [], chunks: [], bytes: 0 } };
      this.#open.set(id, group);
    }
    const held = group[stream];
    // A copy: a short chunk may be a view of a long message.
    held.chunks.push(Buffer.from(chunk));
    held.bytes += chunk.length;
    this.#held += chunk.length;
    if (this.#held > this.#heldBytes && held.bytes >= LEAST_SPILLED_BYTES) this.#spill(held);
  }

  /** The task has ended: its output is written. `above` writes text above a live view on the same terminal. */
  settled(id: number, above: Above | undefined): void {
    const group = this.#open.get(id);
    if (group === undefined) return;
    this.#open.delete(id);
    // It may wait long for a slow reader, and many others with it.
    if (this.#held > this.#heldBytes) for (const held of [group.stderr, group.stdout]) this.#spill(held);
    this.#writing = this.#writeAfter(this.#writing, group, above);
  }

  /** Resolves when the output of everything that has ended is written. What has not ended runs again, and writes again. */
  async end(): Promise<void> {
    await this.#writing;
    this.#open.clear();
    this.#file.close();
  }

  #spill(held: Held): void {
    if (held.bytes === 0) return;
    const piece = this.#file.keep(held.chunks, held.bytes);
    if (piece === undefined) return;
    this.#held -= held.bytes;
    held.spilled.push(piece);
    held.chunks = [];
    held.bytes = 0;
  }

  async #writeAfter(earlier: Promise<void>, group: Group, above: Above | undefined): Promise<void> {
    await earlier;
    await this.#write(this.#context.err, group.stderr, above);
    await this.#write(this.#context.out, group.stdout, above);
  }

  async #write(output: CliContext["out"], held: Held, above: Above | undefined): Promise<void> {
    // On a terminal the live view owns the last lines: what it prints goes above them.
    const lines = above !== undefined && output.isTerminal ? new WholeLines(above) : undefined;
    for (const part of this.#parts(held)) {
      if (lines === undefined) await output.write(part);
      else lines.push(part);
    }
    lines?.end();
  }

  *#parts({ spilled, chunks, bytes }: Held): Generator<Buffer> {
    for (const piece of spilled) {
      yield* this.#file.read(piece);
      this.#file.drop(piece);
    }
    if (bytes > 0) yield Buffer.concat(chunks, bytes);
    this.#held -= bytes;
  }
}

/** A live view is painted anew below each text that it prints: a line is not torn apart by it. */
class WholeLines {
  readonly #print: Above;
  readonly #decoder = new StringDecoder("utf8");
  #open = "";

  constructor(print: Above) {
    this.#print = print;
  }

  push(bytes: Buffer): void {
    const text = this.#open + this.#decoder.write(bytes);
    const lines = text.lastIndexOf("\n") + 1;
    const end = lines === 0 && text.length > LINE_LENGTH ? text.length : lines;
    if (end > 0) this.#print(text.slice(0, end));
    this.#open = text.slice(end);
  }

  end(): void {
    const text = this.#open + this.#decoder.end();
    if (text !== "") this.#print(text);
  }
}
