/**
 * How payloads lie in the file: as TEXT that a person can read, or zstd-compressed as a BLOB when they are long enough and it
 * pays. The type of the stored value says which, so nothing else has to.
 */
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Payload } from "../../core/event.ts";

/** Compressed only if it gets smaller than this share of its size: less is not worth unpacking. */
const PAYS_BELOW = 0.9;

/** What to bind for a payload; one shorter than `compressFromBytes` stays text. */
export function packPayload(text: Payload, compressFromBytes: number): string | Uint8Array {
  // A character is one to three bytes, so a text this short is below the bound; asking the exact size costs more than it saves.
  if (text.length * 3 < compressFromBytes) return text;
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length < compressFromBytes) return text;
  const packed = zstdCompressSync(bytes);
  return packed.length < bytes.length * PAYS_BELOW ? packed : text;
}

/** The payload of a stored value; null for none. */
export function unpackPayload(value: unknown): Payload | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  return zstdDecompressSync(value as Uint8Array).toString("utf8");
}
