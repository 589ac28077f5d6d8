// However a stream is cut into chunks, the lines and messages read from it are the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Checkpoint } from "../../src/engine/agents/checkpoint.ts";
import { Lines } from "../../src/engine/agents/lines.ts";
import { JsonLines } from "../../src/engine/agents/pool/json-lines.ts";

function chunks(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const at = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].toSorted((a, b) => a - b);
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

const cuts = fc.array(fc.nat());

test("lines do not depend on chunks, and none is longer than the limit", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => text.replaceAll(/[\n\r]/g, ""))), cuts, (texts, cuts) => {
      const limit = 16;
      const seen: string[] = [];
      const lines = new Lines(limit, (line, isCut) => seen.push(isCut ? "cut" : line));
      for (const chunk of chunks(Buffer.from(texts.map((text) => `${text}\n`).join("")), cuts)) lines.push(chunk);
      lines.end();
      assert.deepEqual(seen, texts.map((text) => (Buffer.byteLength(text) > limit ? "cut" : text)));
    }),
  );
});

test("messages do not depend on chunks", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), cuts, (values, cuts) => {
      const seen: unknown[] = [];
      const reader = new JsonLines((message) => seen.push(message));
      const text = values.map((value) => `${JSON.stringify(value)}\n`).join("");
      for (const chunk of chunks(Buffer.from(text), cuts)) reader.push(chunk);
      assert.equal(seen.map((value) => `${JSON.stringify(value)}\n`).join(""), text);
    }),
  );
});

test("a checkpoint comes back with its value and its count of children", () => {
  fc.assert(
    fc.property(fc.option(fc.json(), { nil: undefined }), fc.nat(5), (json, children) => {
      const value = json === undefined ? undefined : JSON.stringify(JSON.parse(json));
      const saved = Checkpoint.restore(undefined);
      saved.value = value;
      saved.children = children;
      const restored = Checkpoint.restore(saved.toText());
      assert.deepEqual([restored.value, restored.children], [value, children]);
    }),
  );
});
