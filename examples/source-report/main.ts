/**
 * `npm start [FOLDER]`: runs the flow beside this file on a source tree (this repository by default) and says where the two
 * pages are: the report that the flow makes, and the timeline of the run itself.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const folder = resolve(process.argv[2] ?? root);
if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
  console.error(`source-report: ${folder} is not a folder; give one, as in: npm start ../project`);
  process.exit(2);
}
const out = join(root, "makespan-report");
const report = join(out, "source-report.html");
const timeline = join(out, "timeline.html");
mkdirSync(out, { recursive: true });

const settings = { folder, out: report, run: new Date().toISOString() };
const run = spawnSync(
  process.execPath,
  [
    join(root, "bin/makespan.js"),
    "run",
    join(import.meta.dirname, "flow.yaml"),
    "--db",
    join(out, "source-report.makespan.db"),
    "--report",
    timeline,
    ...Object.entries(settings).flatMap(([name, value]) => ["--set", `${name}=${value}`]),
  ],
  { stdio: "inherit" },
);
if (run.status === 0) console.log(`\nReport:   ${report}\nTimeline: ${timeline}`);
process.exitCode = run.status ?? 1;
