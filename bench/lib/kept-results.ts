/**
 * Results of benches whose picture needs several runs: with `--out FILE.jsonl` each run adds a line, and the picture is drawn from all the
 * lines, so that one run can be done again without the others.
 */
import { appendFileSync } from "node:fs";
import type { BenchArgs } from "./bench-args.ts";
import { readJsonLines } from "./json-lines.ts";

/** All that is kept, this result last; this result alone where nothing is kept. */
export function keptResults<Result>(args: BenchArgs, result: Result): readonly Result[] {
  const file = args.values["out"];
  if (typeof file !== "string") return [result];
  appendFileSync(file, `${JSON.stringify(result)}\n`);
  return readJsonLines(file) as readonly Result[];
}
