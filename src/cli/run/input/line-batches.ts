/**
 * Lines of a stream, a batch for each chunk that arrives, so that a million of them cost no promise each and a slow producer is
 * served at once. Memory holds one chunk and the unfinished line; nothing more is read before the batch was taken.
 */
import { isUtf8 } from "node:buffer";
import { MakespanError } from "../../../protocol/errors.ts";

/** Longest line, in bytes: as much as an input may hold. */
const LINE_LIMIT_BYTES = 1024 * 1024;

export interface LineOptions {
  /** For messages: `standard input` or the path. */
  readonly name: string;
  /** Lines end with a NUL byte, as `find -print0` writes them, and may hold line breaks. Default: LF or CRLF. */
  readonly nul?: boolean;
}

export interface LineBatch {
  readonly lines: readonly string[];
  /** Number of the first line, from 1. */
  readonly first: number;
}

/** Throws `invalid_input` with the number of a line that is too long, is not UTF-8 or holds a NUL. */
export async function* lineBatches(source: AsyncIterable<Uint8Array>, options: LineOptions): AsyncGenerator<LineBatch, void, undefined> {
  const splitter = new LineSplitter(options);
  for await (const chunk of source) {
    const batch = splitter.take(chunk);
    if (batch.lines.length > 0) yield batch;
  }
  const last = splitter.end();
  if (last.lines.length > 0) yield last;
}

class LineSplitter {
  private readonly name: string;
  private readonly nul: boolean;
  private readonly separator: number;
  /** Pieces of the line that has no end yet. */
  private open: Uint8Array[] = [];
  private openBytes = 0;
  private next = 1;

  constructor({ name, nul = false }: LineOptions) {
    this.name = name;
    this.nul = nul;
    this.separator = nul ? 0 : 10;
  }

  take(chunk: Uint8Array): LineBatch {
    const end = chunk.lastIndexOf(this.separator);
    if (end < 0) {
      this.keep(chunk);
      return { lines: [], first: this.next };
    }
    const head = chunk.indexOf(this.separator);
    if (this.openBytes + head > LINE_LIMIT_BYTES) this.refuseLong(0);
    const whole = this.open.length === 0 ? chunk.subarray(0, end) : Buffer.concat([...this.open, chunk.subarray(0, end)]);
    this.open = [];
    this.openBytes = 0;
    const batch = this.split(whole);
    this.keep(chunk.subarray(end + 1));
    return batch;
  }

  /** What follows the last separator is a line too, if there is anything. */
  end(): LineBatch {
    if (this.openBytes === 0) return { lines: [], first: this.next };
    const whole = Buffer.concat(this.open);
    this.open = [];
    this.openBytes = 0;
    return this.split(whole);
  }

  private keep(rest: Uint8Array): void {
    if (rest.length === 0) return;
    this.open.push(rest);
    this.openBytes += rest.length;
    if (this.openBytes > LINE_LIMIT_BYTES) this.refuseLong(0);
  }

  private split(bytes: Uint8Array): LineBatch {
    const first = this.next;
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!isUtf8(buffer)) this.refuseEncoding(buffer);
    const text = buffer.toString("utf8");
    let lines = text.split(this.nul ? "\0" : "\n");
    if (!this.nul && text.includes("\r")) lines = lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
    if (first === 1 && lines[0]?.startsWith("\uFEFF") === true) lines[0] = lines[0].slice(1);
    if (!this.nul && text.includes("\0")) this.refuse(lines.findIndex((line) => line.includes("\0")), "it holds a NUL byte, which no argument can; for NUL-separated input use --null");
    if (text.length > LINE_LIMIT_BYTES / 3) {
      const long = lines.findIndex((line) => line.length > LINE_LIMIT_BYTES / 3 && Buffer.byteLength(line) > LINE_LIMIT_BYTES);
      if (long >= 0) this.refuseLong(long);
    }
    this.next += lines.length;
    return { lines, first };
  }

  private refuseEncoding(buffer: Buffer): never {
    let index = 0;
    for (let start = 0; start <= buffer.length; index++) {
      const found = buffer.indexOf(this.separator, start);
      const end = found < 0 ? buffer.length : found;
      if (!isUtf8(buffer.subarray(start, end))) break;
      start = end + 1;
    }
    return this.refuse(index, "it is not valid UTF-8; convert the list, for example with iconv -t UTF-8");
  }

  private refuseLong(index: number): never {
    return this.refuse(index, `it is longer than ${LINE_LIMIT_BYTES / 1024 / 1024} MiB; put long data in files and list their names`);
  }

  private refuse(index: number, problem: string): never {
    const line = this.next + index;
    throw new MakespanError("invalid_input", `${this.name}:${line}: ${problem}.`, { source: this.name, line });
  }
}
