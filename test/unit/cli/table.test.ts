// Tables fit the terminal, and in a pipe nothing is lost.
import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import fc from "fast-check";
import { Output } from "../../../src/cli/output.ts";
import { createTable, type Column } from "../../../src/cli/table.ts";
import { widthOf } from "../../../src/cli/view/columns.ts";

interface Row {
  readonly id: string;
  readonly name: string;
  readonly note: string;
}

const columns: readonly Column<Row>[] = [
  { title: "ID", value: ({ id }) => id, align: "right" },
  { title: "NAME", value: ({ name }) => name, least: 6, style: () => "green" },
  { title: "NOTE", value: ({ note }) => note, least: 4, spared: 1 },
];

function output(width: number | undefined, env: Readonly<Record<string, string>> = {}): Output {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done() });
  return new Output(Object.assign(stream, width === undefined ? {} : { isTTY: true, columns: width }), env);
}

test("columns are as wide as their content, empty ones are left out", () => {
  const lines = createTable(columns, output(undefined)).lines([{ id: "t1", name: "a", note: "" }, { id: "t10", name: "longer", note: "" }]);
  assert.deepEqual(lines, [" ID  NAME", " t1  a", "t10  longer"]);
});

test("later rows keep the widths of the first, with their empty columns if asked", () => {
  const table = createTable(columns, output(undefined), { keepsEmpty: true, indent: 2 });
  assert.deepEqual(table.lines([{ id: "t1", name: "abc", note: "" }]), ["  ID  NAME  NOTE", "  t1  abc"]);
  assert.deepEqual(table.lines([{ id: "t2", name: "d", note: "why" }]), ["  t2  d     why"]);
});

test("on a terminal long cells are cut, then what can be spared goes", () => {
  const rows = [{ id: "t1", name: "a name of some length", note: "and a long note about it" }];
  const at = (width: number): readonly string[] => createTable(columns, output(width, { NO_COLOR: "1" })).lines(rows);
  assert.deepEqual(at(30), ["ID  NAME          NOTE", "t1  a name of s…  and a long …"]);
  assert.deepEqual(at(14), ["ID  NAME", "t1  a name of…"]);
});

test("what comes from outside cannot move the cursor or break the line", () => {
  const [, line] = createTable(columns, output(60)).lines([{ id: "t1", name: "a\u001b[2Jb\nc", note: "" }]);
  assert.equal(line, "t1  \u001b[32mab c\u001b[39m");
});

test("no line is wider than the terminal, whatever the rows", () => {
  const row = fc.record({ id: fc.string({ maxLength: 4 }), name: fc.string({ unit: "grapheme" }), note: fc.string() });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), fc.integer({ min: 14, max: 60 }), (rows, width) => {
      for (const line of createTable(columns, output(width, { NO_COLOR: "1" })).lines(rows)) assert.ok(widthOf(line) <= width, line);
    }),
  );
});
