/** The lines of a file, gzipped or not, a batch for each chunk that is read: memory holds one chunk and the unfinished line. */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { MakespanError } from "../../protocol/errors.ts";

const CHUNK_BYTES = 256 * 1024;

export interface FileStart {
  readonly isGzip: boolean;
  /** The first bytes as they are in the file. */
  readonly bytes: Buffer;
}

/** The first bytes of a file. Throws `invalid_input` when there is none, or it cannot be read. */
export async function fileStart(path: string, count: number): Promise<FileStart> {
  try {
    const file = await open(path, "r");
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(count), 0, count, 0);
      const bytes = buffer.subarray(0, bytesRead);
      return { bytes, isGzip: bytes[0] === 0x1f && bytes[1] === 0x8b };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Throws `invalid_input` when the file cannot be read to its end, or its compression is damaged. */
export async function* linesOf(path: string, isGzip: boolean): AsyncGenerator<readonly string[], void, undefined> {
  const decoder = new TextDecoder();
  let open = "";
  try {
    for await (const chunk of bytesOf(path, isGzip)) {
      const lines = (open + decoder.decode(chunk, { stream: true })).split("\n");
      open = lines.pop() ?? "";
      if (lines.length > 0) yield lines;
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  const last = open + decoder.decode();
  if (last !== "") yield [last];
}

/** All of a file as text. Throws as `linesOf` does. */
export async function textOf(path: string, isGzip: boolean): Promise<string> {
  const parts: string[] = [];
  for await (const lines of linesOf(path, isGzip)) parts.push(lines.join("\n"));
  return parts.join("\n");
}

function bytesOf(path: string, isGzip: boolean): AsyncIterable<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  // What goes wrong in either ends the iteration; the callback is there so that it is not thrown a second time.
  return isGzip ? pipeline(file, createGunzip({ chunkSize: CHUNK_BYTES }), () => {}) : file;
}

function unreadable(path: string, error: unknown): unknown {
  const { code } = error as { readonly code?: unknown };
  if (typeof code !== "string") return error;
  const reason = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : code === "EACCES" ? "it may not be read" : code.startsWith("Z_") ? "its compression is damaged" : String(error);
  return new MakespanError("invalid_input", `${path}: ${reason}.`, { file: path }, { cause: error });
}
