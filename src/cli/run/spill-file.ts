/**
 * A temporary file for what is too much to hold in memory. It is made when it is first needed and has no name any more when it is
 * used, so that nothing of it is left however the process ends.
 */
import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, writevSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SpilledPiece {
  readonly from: number;
  readonly bytes: number;
}

const READ_BYTES = 256 * 1024;

export class SpillFile {
  #file: number | undefined = undefined;
  #end = 0;
  /** Kept and not dropped yet. */
  #bytes = 0;
  #isFull = false;

  /** Undefined when the file takes no more, as when the disk is full: then it has to stay in memory. */
  keep(chunks: readonly Buffer[], bytes: number): SpilledPiece | undefined {
    if (this.#isFull) return undefined;
    const from = this.#end;
    try {
      this.#file ??= openNameless();
      this.#isFull = writevSync(this.#file, chunks, from) < bytes;
    } catch {
      this.#isFull = true;
    }
    if (this.#isFull) return undefined;
    this.#end += bytes;
    this.#bytes += bytes;
    return { from, bytes };
  }

  *read({ from, bytes }: SpilledPiece): Generator<Buffer> {
    for (let at = from; at < from + bytes; ) {
      const part = Buffer.allocUnsafe(Math.min(READ_BYTES, from + bytes - at));
      const read = this.#file === undefined ? 0 : readSync(this.#file, part, 0, part.length, at);
      if (read === 0) throw new Error("The temporary file ends before what was written to it");
      yield part.subarray(0, read);
      at += read;
    }
  }

  /** The piece is not needed any more. An empty file gives its place on the disk back. */
  drop({ bytes }: SpilledPiece): void {
    this.#bytes -= bytes;
    if (this.#bytes > 0 || this.#file === undefined) return;
    this.#end = 0;
    ftruncateSync(this.#file);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

function openNameless(): number {
  const folder = mkdtempSync(join(tmpdir(), "makespan-"));
  try {
    return openSync(join(folder, "output"), "wx+", 0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
