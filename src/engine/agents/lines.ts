/** Cuts a stream of bytes into lines of UTF-8 text. A line longer than the limit is handed on once, cut, and its rest dropped. */
export class Lines {
  readonly #limitBytes: number;
  readonly #onLine: (line: string, isCut: boolean) => void;
  #parts: Buffer[] = [];
  #bytes = 0;
  #isCut = false;

  constructor(limitBytes: number, onLine: (line: string, isCut: boolean) => void) {
    this.#limitBytes = limitBytes;
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      this.#keep(chunk, from, end);
      this.#emit();
      from = end + 1;
    }
    this.#keep(chunk, from, chunk.length);
  }

  /** Hands on a last line that no line break ended. */
  end(): void {
    if (this.#bytes > 0) this.#emit();
  }

  #keep(chunk: Buffer, from: number, to: number): void {
    const room = this.#limitBytes - this.#bytes;
    if (to - from > room) this.#isCut = true;
    const part = chunk.subarray(from, Math.min(to, from + room));
    if (part.length === 0) return;
    this.#parts.push(part);
    this.#bytes += part.length;
  }

  #emit(): void {
    const bytes = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts);
    const text = bytes?.toString("utf8") ?? "";
    const isCut = this.#isCut;
    this.#parts = [];
    this.#bytes = 0;
    this.#isCut = false;
    this.#onLine(text.endsWith("\r") ? text.slice(0, -1) : text, isCut);
  }
}
