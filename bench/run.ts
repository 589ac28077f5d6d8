/**
 * What `makespan run -j2 -- true` costs a command over 2,000 lines, durable, against GNU parallel and xargs on the same lines in
 * the same run, in turns. Peers that are not installed are left out, with a line. Needs the built package. `--json` prints one object.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { median, rounded } from "./lib/numbers.ts";

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, lines: { type: "string", default: "2000" }, runs: { type: "string", default: "3" } },
});
const lineCount = Number(values.lines);
const lines = Array.from({ length: lineCount }, (_, index) => `${index}\n`).join("");
const makespan = resolve(import.meta.dirname, "../bin/makespan.js");

const commands: Readonly<Record<string, (folder: string) => readonly string[]>> = {
  makespan: (folder) => [process.execPath, makespan, "run", "-q", "-j2", "--db", join(folder, "run.db"), "--", "true"],
  parallel: () => ["parallel", "--will-cite", "-j2", "true"],
  xargs: () => ["xargs", "-P2", "-n1", "true"],
};
const missing = Object.keys(commands).filter((name) => name !== "makespan" && spawnSync(name, ["--version"]).status !== 0);
const times = new Map<string, number[]>();
for (let run = 0; run < Number(values.runs); run++) {
  for (const [name, argv] of Object.entries(commands)) {
    if (!missing.includes(name)) times.set(name, [...(times.get(name) ?? []), timed(argv)]);
  }
}

function timed(argvOf: (folder: string) => readonly string[]): number {
  const folder = mkdtempSync(join(tmpdir(), "makespan-bench-run-"));
  try {
    const [program = "", ...rest] = argvOf(folder);
    const startedAt = performance.now();
    const { status, stderr } = spawnSync(program, rest, { input: lines, cwd: folder, encoding: "utf8" });
    if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
    return (performance.now() - startedAt) / lineCount;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const msOf = (name: string): number | null => (times.has(name) ? rounded(median(times.get(name)!)) : null);
const result = {
  lines: lineCount,
  makespan_ms_per_command: msOf("makespan"),
  parallel_ms_per_command: msOf("parallel"),
  xargs_ms_per_command: msOf("xargs"),
  ratio_to_parallel: times.has("parallel") ? rounded(median(times.get("makespan")!) / median(times.get("parallel")!)) : null,
};
if (values.json) console.log(JSON.stringify(result));
else {
  for (const [name, all] of times) console.log(`${name.padEnd(9)} ${rounded(median(all))} ms a command`);
  for (const name of missing) console.log(`${name} is not installed: skipped`);
}
