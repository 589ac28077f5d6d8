/** Reads messages that come as one line of JSON each, in pieces of any size. */
export class JsonLines {
  readonly #onMessage: (message: unknown) => void;
  #parts: Buffer[] = [];

  constructor(onMessage: (message: unknown) => void) {
    this.#onMessage = onMessage;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const part = chunk.subarray(from, end);
      const line = this.#parts.length === 0 ? part : Buffer.concat([...this.#parts, part]);
      this.#parts = [];
      from = end + 1;
      this.#onMessage(JSON.parse(line.toString("utf8")));
    }
    if (from < chunk.length) this.#parts.push(from === 0 ? chunk : chunk.subarray(from));
  }
}
