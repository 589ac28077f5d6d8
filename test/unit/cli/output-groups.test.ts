// What commands of a list wrote arrives in one piece and to the byte, also what was too much for memory.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { test } from "node:test";
import type { CliContext } from "../../../src/cli/command.ts";
import { Output } from "../../../src/cli/output.ts";
import { OutputGroups } from "../../../src/cli/run/output-groups.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

class Memory extends Writable {
  readonly chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(Buffer.from(chunk));
    setImmediate(done);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

function groupsOf(setting: { readonly heldBytes?: number; readonly isTTY?: boolean } = {}) {
  const stdout = Object.assign(new Memory({ highWaterMark: 1 }), { isTTY: setting.isTTY === true });
  const stderr = new Memory();
  const context = { out: new Output(stdout, {}), err: new Output(stderr, {}) } as CliContext;
  return { groups: new OutputGroups(context, setting.heldBytes), stdout, stderr };
}

/** Bytes that are not text, different at every place. */
function noise(bytes: number, seed: number): Buffer {
  const made = Buffer.alloc(bytes);
  for (let at = 0; at + 4 <= bytes; at += 4) made.writeUInt32LE(Math.imul(at + seed, 2_654_435_761) >>> 0, at);
  return made;
}

test("each task's output comes when it ends, its streams apart, without a byte more or less", async () => {
  const { groups, stdout, stderr } = groupsOf();
  groups.chunk(1, "stdout", Buffer.from("a\r\n"));
  groups.chunk(2, "stdout", Buffer.from([0xff, 0, 0x80]));
  groups.chunk(1, "stderr", Buffer.from("no line break"));
  groups.chunk(1, "stdout", Buffer.from("b"));
  groups.chunk(3, "stdout", Buffer.from("never ended"));
  groups.settled(2, undefined);
  groups.settled(1, undefined);
  groups.settled(4, undefined);
  await groups.end();
  assert.deepEqual(stdout.bytes, Buffer.from([0xff, 0, 0x80, ...Buffer.from("a\r\nb")]));
  assert.equal(stderr.bytes.toString(), "no line break");
});

test("what is too much for memory waits in a file that nobody sees", async (t) => {
  const folder = temporaryFolder(t);
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = folder;
  t.after(() => (before === undefined ? delete process.env["TMPDIR"] : (process.env["TMPDIR"] = before)));
  const { groups, stdout } = groupsOf({ heldBytes: 100_000 });
  const [one, two] = [noise(1_000_000, 1), noise(700_001, 2)];
  for (let at = 0; at < 1_000_000; at += 10_000) {
    groups.chunk(1, "stdout", one.subarray(at, at + 10_000));
    groups.chunk(2, "stdout", two.subarray(at, at + 10_000));
  }
  groups.settled(2, undefined);
  groups.settled(1, undefined);
  await groups.end();
  assert.ok(stdout.bytes.equals(Buffer.concat([two, one])));
  assert.deepEqual(readdirSync(folder), []);
});

test("without room for the file it stays in memory", async (t) => {
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = join(temporaryFolder(t), "missing");
  t.after(() => (before === undefined ? delete process.env["TMPDIR"] : (process.env["TMPDIR"] = before)));
  const { groups, stdout } = groupsOf({ heldBytes: 10 });
  const all = noise(300_000, 3);
  groups.chunk(1, "stdout", all.subarray(0, 150_000));
  groups.chunk(1, "stdout", all.subarray(150_000));
  groups.settled(1, undefined);
  await groups.end();
  assert.ok(stdout.bytes.equals(all));
});

test("above a live view no line is torn apart", async () => {
  const { groups, stdout } = groupsOf({ isTTY: true, heldBytes: 10 });
  const lines = Array.from({ length: 60_000 }, (_, number) => `ünï ${number}\n`).join("");
  groups.chunk(1, "stdout", Buffer.from(`${lines}end`));
  const printed: string[] = [];
  groups.settled(1, (text) => void printed.push(text));
  await groups.end();
  assert.equal(stdout.bytes.length, 0);
  assert.ok(printed.length > 2);
  assert.equal(printed.join(""), `${lines}end`);
  assert.ok(printed.slice(0, -1).every((text) => text.endsWith("\n")));
});
