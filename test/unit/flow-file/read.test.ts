// Flow files on disk: size, encoding, handlers, and the content hash by which a later run knows what is done.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { invalidUtf8At } from "../../../src/app/flow-file/utf8.ts";
import { readFlowFile } from "../../../src/app/flow-file/read.ts";

const folder = mkdtempSync(join(tmpdir(), "flow-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function hashes(text: string): Promise<ReadonlyMap<string, string>> {
  const { tasks } = await readFlowFile(write("hash.yaml", text));
  return new Map(tasks.map((task) => [task.id, task.contentHash]));
}

test("a plan knows its file and is named after it", async () => {
  const plan = await readFlowFile(write("nightly.yaml", "tasks: { a: { run: x } }"));
  assert.deepEqual([plan.name, plan.folder, plan.file], ["nightly", folder, join(folder, "nightly.yaml")]);
});

test("a file that is too large, not UTF-8, a folder or missing is refused in one line", async () => {
  const large = write("large.yaml", "");
  truncateSync(large, 100 * 1024 * 1024);
  await assert.rejects(readFlowFile(large), { code: "flow_file_invalid", message: /expected at most 16 MiB, got 100 MiB; / });
  const bytes = Buffer.concat([Buffer.from("tasks:\n  é: { run: "), Buffer.from([0xff]), Buffer.from(" }\n")]);
  await assert.rejects(readFlowFile(write("bytes.yaml", bytes)), { code: "flow_file_invalid", message: /bytes\.yaml:2:13: not valid UTF-8 \(byte 0xff\)/ });
  await assert.rejects(readFlowFile(folder), { code: "flow_file_invalid", message: /it is a folder/ });
  await assert.rejects(readFlowFile(join(folder, "none.yaml")), { code: "flow_file_invalid", message: /there is no such file/ });
});

test("a handler that is not there is refused with its line", async () => {
  await assert.rejects(readFlowFile(write("call.yaml", "tasks:\n  a: { call: ./gone.ts#go }\n  b: { call: ./gone.ts#on }\n")), { code: "handler_missing", message: /call\.yaml:2:14: tasks\.a\.call: the module "\.\/gone\.ts" cannot be read: there is no such file/ });
});

test("the first byte that is not UTF-8 is found", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.string({ unit: "binary", maxLength: 60 }), fc.constantFrom(0x80, 0xc0, 0xff, 0xf8), (before, rest, bad) => {
      const head = Buffer.from(before);
      assert.equal(invalidUtf8At(head), -1);
      assert.equal(invalidUtf8At(Buffer.concat([head, Buffer.from([bad]), Buffer.from(rest)])), head.length);
    }),
  );
  assert.equal(invalidUtf8At(Buffer.from("aé").subarray(0, 2)), 1);
});

test("place, priority, retries and time-outs are not content; the rest is", async () => {
  const base = await hashes("tasks: { a: { run: x }, b: { run: 'y {needs.a}', needs: a, env: { A: 1, B: 2 } } }");
  const same = await hashes("tasks: { b: { run: 'y {needs.a}', needs: [a], env: { B: 2, A: 1 }, retries: 3, due: 1m }, c: { run: z }, a: { run: x, priority: low, timeout: 5s, estimate: 1s } }");
  assert.equal(same.get("a"), base.get("a"));
  assert.equal(same.get("b"), base.get("b"));
  const changes = ["run: ['y {needs.a}']", "run: 'y  {needs.a}'", "run: 'y {needs.a}', stdin: s", "run: 'y {needs.a}', cwd: c", "run: 'y {needs.a}', result: json"];
  for (const change of changes) {
    const other = await hashes(`tasks: { a: { run: x }, b: { ${change}, needs: a, env: { A: 1, B: 2 } } }`);
    assert.notEqual(other.get("b"), base.get("b"), change);
  }
});

test("a change runs what depends on it again, and nothing else", async () => {
  const flow = (first: string): string => `tasks: { a: { run: ${first} }, b: { run: x, needs: a }, c: { run: y, needs: b }, d: { run: z } }`;
  const [before, later] = [await hashes(flow("one")), await hashes(flow("two"))];
  for (const id of ["a", "b", "c"]) assert.notEqual(before.get(id), later.get(id), id);
  assert.equal(before.get("d"), later.get("d"));
});

test("an edited handler is other content", async () => {
  const flow = "tasks: { a: { call: ./handler.ts#go, with: { x: 1 } }, b: { run: z } }";
  write("handler.ts", "export const go = 1;");
  const before = await hashes(flow);
  write("handler.ts", "export const go = 2;");
  const later = await hashes(flow);
  assert.notEqual(before.get("a"), later.get("a"));
  assert.equal(before.get("b"), later.get("b"));
});

test("equal tasks are told apart, and a list may be edited around its members", async () => {
  const found = await hashes("tasks: { a: { run: x }, b: { run: x }, g: { run: 'w {item}', for_each: [p, q, p] }, e: { run: v, needs: g } }");
  assert.equal(new Set(found.values()).size, found.size);
  const edited = await hashes("tasks: { g: { run: 'w {item}', for_each: [new, q, p] } }");
  assert.equal(edited.get("g[q]"), found.get("g[q]"));
  assert.equal(edited.get("g[p]"), found.get("g[p]"));
});
