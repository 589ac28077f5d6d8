// Text in terminal columns: widths, cuts and wraps, and names that try to move the cursor.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fitTo, padTo, painter, plain, widthOf, wrapTo } from "../../src/cli/view/columns.ts";

test("control characters, colours and line breaks do not survive", () => {
  assert.equal(plain("a\u001b[31mred\u001b[0m\r\n\tb\u0007\u009b2J\u202e"), "ared b");
  assert.equal(plain("  plain  "), "plain");
});

test("wide characters take two columns and marks none", () => {
  assert.equal(widthOf("日本"), 4);
  assert.equal(widthOf("e\u0301"), 1);
  assert.equal(widthOf("🚀!"), 3);
  assert.equal(fitTo("日本語", 4), "日…");
  assert.equal(fitTo("abc", 0), "");
});

test("whatever is cut, padded or wrapped fits", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 30 }), (text, width) => {
      const clean = plain(text);
      assert.ok(widthOf(fitTo(clean, width)) <= width);
      assert.equal(widthOf(padTo(clean, width)), width);
      assert.equal(widthOf(padTo(clean, width, "left")), width);
      for (const line of wrapTo(clean, width)) assert.ok(widthOf(line) <= width);
    }),
  );
});

test("text wraps at spaces", () => {
  assert.deepEqual(wrapTo("one two three", 7), ["one two", "three"]);
  assert.deepEqual(wrapTo("", 7), []);
});

test("colour is there only when asked for", () => {
  assert.equal(painter(false)("red", "a"), "a");
  assert.equal(painter(true)("red", "a"), "\u001b[31ma\u001b[39m");
  assert.equal(painter(true)("red", ""), "");
});
