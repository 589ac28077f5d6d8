// docs/errors.md against the sources: every refusal is in it with its status, whether it may work later, its exit code and its title,
// every failure code that an attempt can end with is in it, and nothing else.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { EXIT_CODES, exitOfError } from "../../src/cli/exit-codes.ts";
import { ERRORS, MakespanError, type ErrorCode } from "../../src/protocol/errors.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/errors.md"), "utf8");

/** Cells of the rows below a heading's first table that begin with a code. */
function rowsAfter(heading: string): readonly (readonly string[])[] {
  const from = page.indexOf(`\n${heading}\n`);
  assert.ok(from >= 0, heading);
  const table = page.slice(page.indexOf("\n|", from)).split("\n\n")[0]!;
  return table.split("\n").filter((line) => line.startsWith("| `")).map((line) => line.slice(2, -2).split(" | "));
}

function codeIn(cell: string | undefined): string {
  return cell?.replaceAll("`", "") ?? "";
}

test("the refusals are those of the one table, with what it says of them", () => {
  const documented = rowsAfter("## Refusals").map(([code, status, later, exit, title]) => [codeIn(code), Number(status), later, Number(exit), title]);
  const table = (Object.keys(ERRORS) as ErrorCode[]).map((code) => {
    const { status, retryable, title } = ERRORS[code];
    return [code, status, retryable ? "yes" : "no", EXIT_CODES[exitOfError(new MakespanError(code, ""))].code, title];
  });
  assert.deepEqual(documented, table);
});

test("the failures are those that the sources give, and each says what to do", () => {
  const rows = rowsAfter("## Failures");
  const given = failureCodes();
  // Told to those that need a task, and not how a task ends.
  assert.ok(given.delete("outcome_gone") && page.includes("`outcome_gone`"));
  assert.deepEqual(rows.map(([code]) => codeIn(code)).toSorted(), [...given].toSorted());
  for (const [code, repeated, means, todo] of rows) {
    assert.match(repeated ?? "", /^(yes|no)$/, code);
    assert.ok((means ?? "") !== "" && (todo ?? "") !== "", code);
  }
});

test("the reasons of tasks that did not fail are in the sources", () => {
  const core = sourcesIn("src/core") + sourcesIn("src/app/run");
  for (const reason of ["deadline", "flow_failed", "parent_gone", "not_asked_for", "agent_lost", "timeout"]) assert.ok(core.includes(`"${reason}"`), reason);
});

/** Codes in calls of `failure(…)`, in failures that are written out, and those with which the core ends a task itself. */
function failureCodes(): Set<string> {
  const agents = sourcesIn("src/engine") + sourcesIn("src/app");
  const core = sourcesIn("src/core");
  return new Set([
    ...codesOf(agents, /\bfailure\("([a-z_]+)"/g),
    ...codesOf(agents, /\bfail\(reporter, "([a-z_]+)"/g),
    ...codesOf(agents, /\{ (?:kind: "refused", )?code: "([a-z_]+)", (?:error|message)/g),
    ...codesOf(core, /\bsettle\(world, task, "failed", "([a-z_]+)"/g),
    ...codesOf(core, /\bafterFailure\(world, task, error, "([a-z_]+)"/g),
    ...codesOf(sourcesIn("src/engine/agents"), /code: "([a-z_]+)",?$/gm),
  ]);
}

function codesOf(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map((match) => match[1]!);
}

function sourcesIn(folder: string): string {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  return names.map((name) => readFileSync(join(root, folder, name), "utf8")).join("\n");
}
