#!/usr/bin/env node
// The launcher of the command line. It parses on old Nodes, so that a person on one gets the work done by a newer Node that lies
// in a node_modules nearby, or else one clear line. The command line itself is dist/cli/main.js.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { constants } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { isNewEnough, nodesNear, refusal } from "./node-version.js";

const usageError = 2;
const here = realpathSync(fileURLToPath(import.meta.url));

if (isNewEnough(process.versions.node)) await start();
else {
  const node = [...nodesNear(process.cwd()), ...nodesNear(dirname(here))].find(isUsable);
  if (node === undefined) fail(refusal(process.versions.node));
  else runWith(node);
}

async function start() {
  const main = new URL("../dist/cli/main.js", import.meta.url);
  if (!existsSync(main)) {
    fail(`makespan: ${fileURLToPath(main)} is not there: run "npm run build" in ${dirname(dirname(here))}`);
    return;
  }
  hideSqliteWarning();
  await import(main.href);
}

/** Nodes 25.0 to 25.6 are new enough but still announce on stderr, to people who cannot help it, that SQLite is experimental. */
function hideSqliteWarning() {
  const emit = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    if (!/SQLite is an experimental feature/.test(String(warning))) emit.call(process, warning, ...rest);
  };
}

function isUsable(node) {
  const { status, stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
  return status === 0 && isNewEnough(stdout.trim());
}

/** Runs this same command with another Node: same terminal, signals passed on, same exit code or death by the same signal. */
function runWith(node) {
  const child = spawn(node, [...process.execArgv, here, ...process.argv.slice(2)], { stdio: "inherit" });
  // A terminal sends Ctrl-C to both processes: passing that one on would make it two, and the second means "stop at once".
  process.on("SIGINT", () => process.stderr.isTTY || child.kill("SIGINT"));
  for (const signal of ["SIGTERM", "SIGHUP", "SIGUSR2"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`makespan: could not start ${node}: ${error.message}`));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}

function fail(line) {
  console.error(line);
  process.exitCode = usageError;
}
