// Writing at the pace of the reader.
import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { Output } from "../../../src/cli/output.ts";

test("it waits for a slow reader, and leaves no listeners behind", async () => {
  let taken = 0;
  const slow = new Writable({
    highWaterMark: 10,
    write(chunk: Buffer, _encoding, done) {
      taken += chunk.length;
      setImmediate(done);
    },
  });
  const output = new Output(slow, {});
  const before = slow.eventNames().reduce((sum, name) => sum + slow.listenerCount(name), 0);
  for (let line = 0; line < 50; line++) {
    await output.line("0123456789");
    assert.ok(slow.writableLength <= 11);
  }
  assert.equal(taken, 550);
  assert.equal(slow.eventNames().reduce((sum, name) => sum + slow.listenerCount(name), 0), before);
});

test("JSON is one line for programs and indented for people", async () => {
  let text = "";
  const stream = (): Writable => new Writable({ write: (chunk: Buffer, _encoding, done) => ((text += chunk.toString()), done()) });
  await new Output(stream(), {}).json({ a: [1] });
  await new Output(Object.assign(stream(), { isTTY: true, columns: 80 }), {}).json({ a: 1 });
  assert.equal(text, '{"a":[1]}\n{\n  "a": 1\n}\n');
});

test("the width of a terminal is its own, else COLUMNS, else 80; a pipe has none", () => {
  const output = (more: object, env: Readonly<Record<string, string>> = {}): Output => new Output(Object.assign(new Writable(), more), env);
  assert.equal(output({ isTTY: true, columns: 132 }).terminalColumns, 132);
  assert.equal(output({ isTTY: true }, { COLUMNS: "99" }).terminalColumns, 99);
  assert.equal(output({ isTTY: true }).terminalColumns, 80);
  assert.equal(output({}).terminalColumns, undefined);
  assert.equal(output({}).columns, 80);
});
