// Completion scripts, sourced in the shells that are installed and asked for completions as a person would.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { cli } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

async function scriptFile(t: TestContext, shell: string): Promise<string> {
  const { code, stdout, stderr } = await cli(["completion", shell]);
  assert.equal(code, 0, stderr);
  const file = join(temporaryFolder(t), `makespan.${shell}`);
  writeFileSync(file, stdout);
  return file;
}

function isInstalled(shell: string): boolean {
  return spawnSync(shell, ["-c", "exit 0"]).status === 0;
}

test("bash completes commands, options, values and files", { skip: !isInstalled("bash") && "bash is not installed" }, async (t) => {
  const file = await scriptFile(t, "bash");
  const complete = (...words: string[]): readonly string[] => {
    const line = `source "$0"; cd "$(dirname "$0")"; COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _makespan; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync("bash", ["--norc", "-euc", line, file, "makespan", ...words], { encoding: "utf8" }).split("\n").filter((word) => word !== "").sort();
  };
  assert.deepEqual(complete(""), [...COMMANDS.map(({ name }) => name), "help", "--help", "--version"].sort());
  assert.deepEqual(complete("sho"), ["show"]);
  assert.deepEqual(complete("help", "do"), ["doctor"]);
  assert.deepEqual(complete("ls", "--st"), ["--state"]);
  assert.deepEqual(complete("ls", "--state", "s"), ["scheduled", "shed", "skipped", "succeeded"]);
  assert.deepEqual(complete("ls", "-s", "que"), ["queued"]);
  assert.deepEqual(complete("ls", "--db", "make"), ["makespan.bash"]);
  assert.deepEqual(complete("completion", ""), ["bash", "fish", "zsh"]);
  assert.deepEqual(complete("cancel", "--reason", ""), []);
  for (const { name, load } of COMMANDS) {
    const { options } = await load();
    const flags = Object.entries(options).flatMap(([long, { short }]) => [`--${long}`, ...(short === undefined ? [] : [`-${short}`])]);
    assert.deepEqual(complete(name, "-"), [...flags, "--help", "-h"].sort(), name);
  }
});

for (const shell of ["zsh", "fish"]) {
  test(`${shell} accepts its script`, { skip: !isInstalled(shell) && `${shell} is not installed` }, async (t) => {
    const file = await scriptFile(t, shell);
    execFileSync(shell, ["--no-execute", file]);
  });
}

test("every command and long option is in every script", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { stdout } = await cli(["completion", shell]);
    for (const { name, load } of COMMANDS) {
      assert.match(stdout, new RegExp(`\\b${name}\\b`));
      for (const long of Object.keys((await load()).options)) assert.match(stdout, new RegExp(shell === "fish" ? `-l ${long} ` : `--${long}\\b`), `${shell} ${name} --${long}`);
    }
  }
});

test("an unknown shell is refused", async () => {
  const { code, stderr } = await cli(["completion", "tcsh"]);
  assert.equal(code, 2);
  assert.match(stderr, /bash, zsh, fish, not for "tcsh"/);
});
