// The frame: help, parsing, errors and exit codes, with commands of its own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { defineCommand, type CommandInput, type OptionSpecs } from "../../../src/cli/command.ts";
import { COMMANDS, type CommandEntry } from "../../../src/cli/commands.ts";
import { MakespanError } from "../../../src/protocol/errors.ts";
import { cli } from "../../support/cli.ts";

const ESC = "\u001b";

function oneCommand(run: (input: CommandInput<OptionSpecs>) => Promise<"ok" | "failed">, onLoad = () => {}): readonly CommandEntry[] {
  const command = defineCommand({
    name: "try",
    description: "Tries something.",
    args: [{ name: "WORDS", summary: "any", many: true }],
    options: {
      follow: { kind: "flag", short: "f", summary: "follow" },
      jobs: { kind: "number", short: "j", value: "N", min: 1, summary: "how many" },
      state: { kind: "choices", value: "STATES", of: ["failed", "queued"], summary: "which" },
      tag: { kind: "list", value: "TAGS", summary: "tags" },
      wait: { kind: "duration", value: "TIME", summary: "how long" },
      "with-dash": { kind: "text", value: "TEXT", summary: "text" },
    },
    examples: [["makespan try", "tries"]],
    keepsRest: { name: "CMD", summary: "a command" },
    run,
  });
  return [
    { name: "try", summary: "tries something", load: async () => command },
    { name: "other", summary: "is something else", load: async () => (onLoad(), command) },
  ];
}

test("options arrive parsed, flags as false when absent, and what follows -- apart", async () => {
  const seen: CommandInput<OptionSpecs>[] = [];
  const commands = oneCommand(async (input) => (seen.push(input), "ok"));
  const line = ["try", "a", "-fj4", "--state", "failed,queued", "--tag", "x", "--tag", "y,z", "--wait", "1m30s", "b", "--with-dash", "t", "--", "echo", "--json", "{}"];
  assert.equal((await cli(line, { commands })).code, 0);
  assert.equal((await cli(["try"], { commands })).code, 0);
  const [first, second] = seen;
  assert.deepEqual(first?.args, ["a", "b"]);
  assert.deepEqual(first?.options, { follow: true, jobs: 4, state: ["failed", "queued"], tag: ["x", "y", "z"], wait: 90_000, "with-dash": "t" });
  assert.deepEqual(first?.rest, ["echo", "--json", "{}"]);
  assert.deepEqual(second?.options, { follow: false, jobs: undefined, state: undefined, tag: undefined, wait: undefined, "with-dash": undefined });
  assert.equal(second?.rest, undefined);
});

test("only the command that was asked for is loaded", async () => {
  let loaded = 0;
  const commands = oneCommand(async () => "ok", () => (loaded += 1));
  for (const line of [[], ["--help"], ["try"], ["help", "try"], ["--version"]]) assert.equal((await cli(line, { commands })).code, 0);
  assert.equal(loaded, 0);
});

test("each refusal is one line with what to do, and exit code 2", async () => {
  const commands = oneCommand(async () => "ok");
  const said = async (...line: string[]): Promise<string> => {
    const { code, stdout, stderr } = await cli(line, { commands });
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /^makespan: [^\n]+\n$/);
    return stderr;
  };
  assert.match(await said("tri"), /unknown command 'tri'\. Did you mean try\? See makespan --help\./);
  assert.match(await said("help", "tri"), /unknown command 'tri'\. Did you mean try\? See makespan --help\./);
  assert.match(await said("try", "--stat"), /unknown option '--stat'\. Did you mean --state\? See makespan try --help\./);
  assert.match(await said("try", "--jobs"), /argument missing\. See makespan try --help\./);
  assert.match(await said("try", "--jobs", "0"), /--jobs takes a whole number of 1 or more, got "0"\./);
  assert.match(await said("try", "-j", "many"), /--jobs takes a whole number/);
  assert.match(await said("try", "--state", "faild"), /--state takes failed, queued, got "faild"; did you mean "failed"\?/);
  assert.match(await said("try", "--wait", "30"), /a number needs its unit: 30s/);
  assert.match(await said("try", "--tag", ","), /--tag takes at least one word/);
  assert.match(await said("--jsn"), /unknown option '--jsn'/);
});

test("errors have their exit codes, and are JSON on stderr with --json", async () => {
  const failing = (error: Error): readonly CommandEntry[] =>
    oneCommand(async () => {
      throw error;
    });
  const damaged = await cli(["try"], { commands: failing(new MakespanError("store_damaged", "It is damaged.\nBadly.")) });
  assert.deepEqual(damaged, { code: 5, stdout: "", stderr: "makespan: It is damaged. Badly.\n" });
  const bug = await cli(["try"], { commands: failing(new TypeError("x is not a function")) });
  assert.equal(bug.code, 70);
  assert.match(bug.stderr, /^makespan: x is not a function \(this is a fault of makespan itself; MAKESPAN_DEBUG=1 shows where it happened\)\n$/);
  const debug = await cli(["try"], { commands: failing(new TypeError("x")), env: { MAKESPAN_DEBUG: "1" } });
  assert.match(debug.stderr, /TypeError: x\n\s+at /);
  const { code, stdout, stderr } = await cli(["ls", "--json", "--db", "nowhere.db"], { folder: "/" });
  assert.equal(code, 5);
  assert.equal(stdout, "");
  const { error } = JSON.parse(stderr) as { error: { code: string; message: string; detail: unknown } };
  assert.equal(error.code, "store_not_found");
  assert.deepEqual(error.detail, { path: "/nowhere.db" });
  const commands = failing(new MakespanError("invalid_input", "no"));
  assert.match((await cli(["try", "--", "--json"], { commands })).stderr, /^makespan: no\n$/);
});

test("a command's own verdict is its exit code", async () => {
  assert.equal((await cli(["try"], { commands: oneCommand(async () => "failed") })).code, 1);
});

test("help names every command and option, fits the terminal, and has colours only on one", async () => {
  const { stdout } = await cli(["--help"]);
  for (const { name, summary } of COMMANDS) assert.match(stdout.replace(/\s+/g, " "), new RegExp(`${name} .*${summary.slice(0, 12)}`));
  assert.ok(!stdout.includes(ESC));
  assert.equal((await cli([])).stdout, stdout);
  for (const { name } of COMMANDS) {
    const help = await cli([name, "--help"], { columns: 80 });
    assert.equal(help.code, 0);
    assert.match(help.stdout, /Examples:/);
    const body = stripVTControlCharacters(help.stdout).split("Examples:")[0] ?? "";
    for (const line of body.split("\n")) assert.ok(line.length <= 80, `${name}: ${line}`);
  }
  assert.ok((await cli(["--help"], { columns: 80 })).stdout.includes(`${ESC}[1mCommands:`));
  assert.ok(!(await cli(["--help"], { columns: 80, env: { NO_COLOR: "1" } })).stdout.includes(ESC));
  assert.ok((await cli(["--help"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } })).stdout.includes(ESC));
  assert.match((await cli(["--version"])).stdout, /^\d+\.\d+\.\d+/);
});

test("a reader that goes away is not an error", async () => {
  const commands = oneCommand(async ({ context }) => {
    for (let line = 0; line < 1_000 && !context.out.isGone; line++) await context.out.line("x".repeat(1_000));
    return "ok";
  });
  const { code, stderr } = await cli(["try"], { commands, readerLeavesAfter: 2 });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
});
