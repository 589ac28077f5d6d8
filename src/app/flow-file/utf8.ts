/**
 * Bytes to text, or the place of the first byte that is not UTF-8. Decoding in hope would put U+FFFD into commands and ids.
 */
import { isUtf8 } from "node:buffer";

/** Offset of the first byte that does not belong to valid UTF-8, or -1. */
export function invalidUtf8At(bytes: Uint8Array): number {
  if (isUtf8(bytes)) return -1;
  let valid = 0;
  let invalid = bytes.length;
  // Every prefix up to the fault is valid, or only cuts a character: halve the rest until one place is left.
  while (invalid - valid > 4) {
    const middle = characterStart(bytes, (valid + invalid) >> 1);
    if (middle <= valid) break;
    if (isUtf8(bytes.subarray(valid, middle))) valid = middle;
    else invalid = middle;
  }
  for (let at = valid; at < bytes.length; ) {
    const length = characterLength(bytes[at]!);
    if (length === 0 || !isUtf8(bytes.subarray(at, at + length))) return at;
    at += length;
  }
  return valid;
}

function characterStart(bytes: Uint8Array, at: number): number {
  let start = at;
  while (start > 0 && at - start < 3 && (bytes[start]! & 0xc0) === 0x80) start -= 1;
  return start;
}

function characterLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
}

/** Line and column (in characters, as editors count) of an offset before which all is valid; from 1. */
export function placeOfByte(bytes: Uint8Array, offset: number): { readonly line: number; readonly column: number } {
  let line = 1;
  let start = 0;
  for (let at = bytes.indexOf(10); at >= 0 && at < offset; at = bytes.indexOf(10, at + 1)) {
    line += 1;
    start = at + 1;
  }
  return { line, column: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(start, offset)).length + 1 };
}
