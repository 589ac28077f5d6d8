/** Reads data sets of the benches: JSON, one value a line, packed with gzip or not. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** What a line holds is up to the caller to know or to check. */
export function readJsonLines(path: string): readonly unknown[] {
  const bytes = readFileSync(path);
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const text = (isPacked ? gunzipSync(bytes) : bytes).toString("utf8");
  return text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [JSON.parse(line) as unknown]));
}
