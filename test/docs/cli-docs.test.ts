// docs/cli.md against the program: every command, option and exit code is in it, and nothing else; every example parses.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { CliCommand } from "../../src/cli/command.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { EXIT_CODES } from "../../src/cli/exit-codes.ts";
import { optionTerm } from "../../src/cli/grammar.ts";

const page = readFileSync(new URL("../../docs/cli.md", import.meta.url), "utf8");
const sections = new Map(page.split(/^## /m).slice(1).map((section) => [section.slice(0, section.indexOf("\n")), section] as const));

function optionsIn(section: string): readonly string[] {
  return [...section.matchAll(/^\| `(-[^`]+)` \|/gm)].map((match) => match[1]!);
}

function termsOf({ options }: CliCommand): readonly string[] {
  return Object.entries(options).map(([long, spec]) => optionTerm(long, spec));
}

test("every command has a section, and every section of a command its command", () => {
  const named = [...sections.keys()].filter((title) => title.startsWith("makespan ")).map((title) => title.slice("makespan ".length));
  assert.deepEqual(named, COMMANDS.map(({ name }) => name));
});

for (const { name, load } of COMMANDS) {
  test(`the options of ${name} are those of its section`, async () => {
    const command = await load();
    assert.equal(command.name, name);
    const section = sections.get(`makespan ${name}`) ?? "";
    assert.deepEqual(optionsIn(section), termsOf(command));
    for (const spec of Object.values(command.options)) {
      if (spec.kind === "choice" || spec.kind === "choices") for (const value of spec.of) assert.ok(section.includes(`\`${value}\``), value);
    }
    for (const { name: argument } of command.args) assert.ok(section.includes(argument), argument);
  });
}

test("every command line on the page names a command and options that exist", async () => {
  const commands = new Map(await Promise.all(COMMANDS.map(async ({ name, load }) => [name, await load()] as const)));
  const lines = [...page.matchAll(/makespan (?!--help)([a-z]+)((?: [^\s`|]+)*)/g)].filter((match) => commands.has(match[1]!));
  assert.ok(lines.length > 20);
  for (const [line, name = "", rest = ""] of lines) {
    const command = commands.get(name);
    const known = new Set(["--help", ...Object.entries(command?.options ?? {}).flatMap(([long, { short }]) => [`--${long}`, ...(short === undefined ? [] : [`-${short}`])])]);
    const words = rest.split(" -- ")[0]?.split(" # ")[0]?.match(/(?<= )--?[a-z0][a-z-]*/g) ?? [];
    for (const word of words) {
      // A short option may carry its value: -j8.
      const flag = word.startsWith("--") ? word : word.slice(0, 2);
      assert.ok(known.has(flag), `${line}: ${flag}`);
    }
  }
});

test("the exit codes are those of the program", () => {
  const rows = [...(sections.get("Exit codes") ?? "").matchAll(/^\| (\d+) \| (.+) \|$/gm)].map((match) => [Number(match[1]), match[2]]);
  assert.deepEqual(rows, Object.values(EXIT_CODES).map(({ code, means }) => [code, means]));
});
