/**
 * Numbers equal tasks of a stream (0 for the first, then upward) in constant memory, whatever the length of the list. The first
 * tasks are counted exactly; a longer list goes on with less memory than it has tasks: a Bloom filter (1970) tells what is certainly new, a conservative count-min sketch (Cormode and Muthukrishnan, 2005; Estan and Varghese,
 * 2002) counts the rest. Equal hashes always get different numbers, and the same list always the same ones. A new hash is
 * numbered as a copy by mistake about once in a million lines; then the task still runs once, and is recognised again as long as
 * the lines before it stay the same.
 */

/** 16 MiB of bits: 128 for each of a million lines. Memory that is never touched is never made resident. */
const FILTER_WORDS = 2 ** 22;
const SKETCH_CELLS = 2 ** 19;
const ROWS = 4;

/**
 * Different tasks counted exactly: a short list must not touch the pages of a filter made for millions, since every command that
 * is started copies their table.
 */
const EXACT = 50_000;

export class CopyCounter {
  private exact: Map<string, number> | undefined = new Map();
  private filter = new Uint32Array(0);
  private sketch: readonly Uint32Array[] = [];

  /** How many tasks with this hash (base64url of a digest) came before. */
  next(contentHash: string): number {
    if (this.exact === undefined) return this.nextInFilter(contentHash);
    const before = this.exact.get(contentHash) ?? 0;
    this.exact.set(contentHash, before + 1);
    if (this.exact.size > EXACT) this.goOnInFilter(this.exact);
    return before;
  }

  private goOnInFilter(counts: ReadonlyMap<string, number>): void {
    this.exact = undefined;
    this.filter = new Uint32Array(FILTER_WORDS);
    this.sketch = Array.from({ length: ROWS }, () => new Uint32Array(SKETCH_CELLS));
    for (const [contentHash, count] of counts) {
      for (let copy = 0; copy < count; copy++) this.nextInFilter(contentHash);
    }
  }

  private nextInFilter(contentHash: string): number {
    let isNew = false;
    for (let row = 0; row < ROWS; row++) {
      const bit = bits(contentHash, row * 5);
      const word = (bit >>> 5) & (FILTER_WORDS - 1);
      const mask = 1 << (bit & 31);
      if ((this.filter[word]! & mask) === 0) {
        isNew = true;
        this.filter[word]! |= mask;
      }
    }
    return isNew ? 0 : this.countCopy(contentHash);
  }

  private countCopy(contentHash: string): number {
    let least = Number.MAX_SAFE_INTEGER;
    for (let row = 0; row < ROWS; row++) least = Math.min(least, this.sketch[row]![this.cell(contentHash, row)]!);
    for (let row = 0; row < ROWS; row++) {
      const cells = this.sketch[row]!;
      const cell = this.cell(contentHash, row);
      cells[cell] = Math.max(cells[cell]!, least + 1);
    }
    return least + 1;
  }

  private cell(contentHash: string, row: number): number {
    return bits(contentHash, 20 + row * 5) & (SKETCH_CELLS - 1);
  }
}

/** 30 independent bits from five letters of base64url. */
function bits(contentHash: string, from: number): number {
  let value = 0;
  for (let at = from; at < from + 5; at++) value = (value << 6) | LETTER_BITS[contentHash.charCodeAt(at) & 127]!;
  return value;
}

const LETTER_BITS = Uint8Array.from({ length: 128 }, (_, code) =>
  Math.max(0, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".indexOf(String.fromCharCode(code))),
);
